# shellcheck shell=bash
# Work that agents do all day, outside and inside one sandbox: how much slower is it behind the walls?
# Sourced by run.sh, whose as_user, project, work and csb it uses.
: "${work:=}" "${project:=}" "${csb:=}"

readonly tree_files=30000 work_rounds=20

# A repository of source files, all committed: `git status` looks at each.
make_tree() {
	(as_user bash -euc '
		mkdir tree && cd tree && git init -q
		for ((dir = 0; dir < '$tree_files' / 100; dir++)); do
			mkdir -p "src/$((dir / 20))/$dir"
			for ((file = 0; file < 100; file++)); do
				echo "int f_${dir}_$file;" >"src/$((dir / 20))/$dir/$file.c"
			done
		done
		git add . && git -c user.name=bench -c user.email=bench@localhost commit -qm all') >&2
}

# eslint and its hundred packages, all in a cache of the project: measured is npm, not the network.
make_packages() {
	(as_user bash -euc '
		mkdir packages && cd packages && echo "{}" >package.json
		npm install --cache "$PWD/.npm" --no-audit --no-fund --no-update-notifier --loglevel=error eslint') >&2
}

# measure_here SIDE ROUND [WRAPPER...]: both pieces of work, through WRAPPER (nothing, or the sandbox).
measure_here() {
	local out=$project/out-$1-$2.json
	shift 2
	(as_user "$@" hyperfine --style none --warmup 1 --export-json "$out" --runs 10 \
		--command-name "\`git status\`, $tree_files files" "git -C '$project/tree' status --porcelain") >&2
	cp "$out" "$work/out-work/git-${out##*/}"
	[[ ! -d $project/packages ]] || {
		(as_user "$@" hyperfine --style none --export-json "$out" --runs 2 \
			--prepare "rm -rf '$project/packages/node_modules'" --command-name '`npm install` of eslint' \
			"cd '$project/packages' && npm install --offline --cache .npm --no-audit --no-fund --loglevel=error") >&2
		cp "$out" "$work/out-work/npm-${out##*/}"
	}
}

# By turns, each side as often first: a disk gets slower as it is written to. The very first round is not counted.
measure_work() {
	local i
	install -d "$work/out-work"
	make_tree
	make_packages || {
		say 'npm cannot fetch eslint'
		rm -rf "$project/packages"
	}
	for ((i = 0; i <= work_rounds; i++)); do
		say "work, round $i of $work_rounds"
		((i % 2)) || measure_here inside "$i" "$csb" "$project" --
		measure_here outside "$i"
		((i % 2 == 0)) || measure_here inside "$i" "$csb" "$project" --
		((i > 0)) || rm "$work/out-work"/*
	done
}
