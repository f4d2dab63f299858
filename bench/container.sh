# shellcheck shell=bash disable=SC2154
# The container backend beside systemd-nspawn as it comes, on the same root: start, memory, files of the project. Sourced by run.sh.
# What starts systemd-nspawn by itself must be root.
: "${root:?the top of the checkout}"

# stock_command: systemd-nspawn with the mounts of our own plan as its own options, on a skeleton of the same directories.
stock_command() {
	local skeleton=$work/skeleton what dst access src options=
	mkdir -p "$skeleton"/{usr,etc,proc,sys,dev,run,tmp,var/tmp,root}
	while read -r what dst access src; do
		case $what in
		symlink) mkdir -p "$skeleton${dst%/*}" && ln -sfn "$src" "$skeleton$dst" ;;
		bind)
			if [[ -d $src ]]; then mkdir -p "$skeleton$dst"; else install -D /dev/null "$skeleton$dst"; fi
			options+=" --bind$([[ $access == rw ]] || echo -ro)=$src:$dst"
			;;
		esac
	done < <((as_user "$csb-container" --dry-run "$project" -- true) | sed -n 's/^#   \(bind\|symlink\) */\1 /p' | grep -v '^symlink /home')
	echo "/usr/bin/systemd-nspawn -q --register=no --keep-unit -D $skeleton$options /usr/bin/true"
}

measure_container_start() {
	local i n command
	(as_user "$csb" "$project" -- true) # makes the project's state, which is mounted
	local -a rows=('claude-sandbox-container, by an ordinary user through sudo' 'claude-sandbox (bubblewrap)' 'systemd-nspawn as it comes')
	local -a commands=("$csb-container $project -- /usr/bin/true" "$csb $project -- /usr/bin/true" "$(stock_command)")
	for command in "${commands[@]}"; do
		say "$command"
	done
	for ((i = 0; i < ${CSB_BENCH_ROUNDS:-$rounds}; i++)); do
		for n in $(shuf -i "0-$((${#rows[@]} - 1))"); do
			sleep 1
			if ((n == 2)); then
				hyperfine --shell=none --warmup 3 --runs 20 --style none --export-json "$work/out-container/$n-$i.json" \
					--command-name "${rows[n]}" "${commands[n]}" >&2
			else
				(as_user hyperfine --shell=none --warmup 3 --runs 20 --style none --export-json "$work/out-container/$n-$i.json" \
					--command-name "${rows[n]}" "${commands[n]}") >&2
			fi
		done
	done
}

# file_work: seconds for each kind of work in the current directory, one a line: "NAME<TAB>SECONDS".
# shellcheck disable=SC2016 # expanded by the shell there
file_work='
began() { t=$(date +%s%N); }
took() { printf "%s\t%s\n" "$1" "$((($(date +%s%N) - t) / 1000))"; }
began; dd if=/dev/zero of=big bs=1M count=256 conv=fdatasync status=none; took "write 256 MiB"
began; for i in 1 2 3 4; do dd if=big of=/dev/null bs=1M status=none; done; took "read 1 GiB, cached"
began; for i in 1 2 3 4 5 6 7 8 9 10; do find tree -type f -newer big >/dev/null; done; took "look at 5,000 files, ten times"
began; for i in 1 2 3 4 5 6 7 8 9 10; do tar cf - tree | wc -c >/dev/null; done; took "read 5,000 small files, ten times"
rm big'

# In turns of any order, each on a disk that has nothing left to write: what is first or last has no part in it.
measure_container_files() {
	local i name
	(as_user sh -c 'mkdir -p tree && cd tree && for d in $(seq 50); do mkdir -p d$d && for f in $(seq 100); do echo $d $f >d$d/$f; done; done')
	for ((i = 0; i < 7; i++)); do
		for name in $(shuf -e outside claude-sandbox claude-sandbox-container); do
			sync
			if [[ $name == outside ]]; then
				(as_user sh -c "$file_work")
			else
				(as_user "${csb%/*}/$name" "$project" -- sh -c "$file_work")
			fi | sed "s/^/$name\t/"
		done
	done >"$work/out-container/files.tsv"
}

bench_container() {
	((EUID == 0)) || {
		say 'systemd-nspawn by itself needs root: no numbers for containers'
		return
	}
	need container
	install -d -m 777 "$work/out-container"
	stage_container "$work/stage"
	measure_container_start
	helpers=()
	measure_helpers claude-sandbox "$csb" "$project" --
	measure_helpers claude-sandbox-container "$csb-container" "$project" --
	measure_container_files
	"$root/bench/report_container.py" "$work/out-container" "${helpers[@]}" >"$work/container.md"
	cp "$work/container.md" "$root/bench/results-container.md"
	cat "$work/container.md"
}
