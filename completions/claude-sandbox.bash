# bash completion for claude-sandbox: made from the table of options
_claude_sandbox()
{
	local cur=${COMP_WORDS[COMP_CWORD]} prev=${COMP_WORDS[COMP_CWORD - 1]}
	local i words=

	COMPREPLY=()
	for ((i = 1; i < COMP_CWORD; i++)); do
		case ${COMP_WORDS[i]} in
		--= | --level | --backend | --network | --ptrace | --terminal | --risk-files | --risk-files-allow | --allow-host | --deny-host | --allow-local | --publish | --upload | --extra-bind | --extra-ro | --env | --claude-config | --git-config | --ssh-files | --ssh-agent | --display | --clipboard | --secret | --agent | --profile | --memory | --cpus | --pids | --disk | --config)
			[[ ${COMP_WORDS[i + 1]} != = ]] || ((i++))
			((i++))
			;;
		--) return ;;
		-*) ;;
		*) return ;;
		esac
	done
	# bash makes "=" a word of its own.
	if [[ $cur == = ]]; then
		cur=
	elif [[ $prev == = ]]; then
		prev=${COMP_WORDS[COMP_CWORD - 2]}
	fi
	case $prev in
	--level)
		words='strict default compat'
		;;
	--backend)
		words='vm container bubblewrap'
		;;
	--network)
		words='none filtered nat host'
		;;
	--ptrace)
		words='none own'
		;;
	--terminal)
		words='filtered raw'
		;;
	--risk-files)
		words='strict guarded writable'
		;;
	--claude-config)
		words='readonly layered shared'
		;;
	--git-config)
		words='none cleaned raw'
		;;
	--ssh-files)
		words='none known-hosts cleaned all'
		;;
	--ssh-agent)
		words='none guarded raw'
		;;
	--display)
		words='none virtual wayland nested auto host'
		;;
	--clipboard)
		words='none in out both'
		;;
	--profile)
		words='minimal default full'
		;;
	*)
		[[ $cur != -* ]] || words='--level --backend --network --allow-degraded --allow-unsafe-project --ptrace --terminal --risk-files --risk-files-allow --review --allow-host --deny-host --allow-local --publish --ask-hosts --upload --no-egress-filter --no-network-isolation --extra-bind --extra-ro --env --claude-config --git-config --ssh-files --ssh-agent --no-ssh-agent --gh-token --nix-daemon --display --clipboard --browser --audio --dbus --secret --open-urls --gpu --agent --yolo --shell --exec --args --profile --memory --cpus --pids --disk --config --no-config --new --detach --tmux --enter --attach --list --stop --freeze --thaw --dry-run --explain --json --test --security-test --list-syscalls --version --help --verbose'
		;;
	esac
	mapfile -t COMPREPLY < <(compgen -W "$words" -- "$cur")
}
complete -o default -F _claude_sandbox claude-sandbox
