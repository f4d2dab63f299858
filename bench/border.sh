# shellcheck shell=bash
# What the border costs: rules for commands, and the guard of files that the host would run.
# Sourced by run.sh, whose as_user, project, work, csb and rounds it uses.
: "${work:=}" "${project:=}" "${csb:=}" "${rounds:=}"

readonly border_files=2000 border_config=rules.json

# A rule for true, none for uname; an archive of small files in a hundred directories.
make_border() {
	(as_user bash -euc '
		echo "{ \"blocked_commands\": [\"true --never *\"] }" >'$border_config'
		mkdir many && cd many
		for ((i = 0; i < '$border_files'; i++)); do
			((i % 100)) || mkdir "$((i / 100))"
			echo "int f_$i;" >"$((i / 100))/$i.c"
		done
		cd .. && tar -cf many.tar many && rm -r many') >&2
}

# calls SIDE ROUND [WRAPPER...]: two commands, many times.
calls() {
	local out=$project/calls-$1-$2.json
	shift 2
	(as_user "$@" hyperfine --shell=none --style none --warmup 50 --runs 300 --export-json "$out" \
		/usr/bin/true /usr/bin/uname) >&2
	cp "$out" "$work/out-border/"
}

# unpack SIDE ROUND [WRAPPER...]
unpack() {
	local out=$project/unpack-$1-$2.json
	shift 2
	(as_user "$@" hyperfine --style none --warmup 1 --runs 3 --export-json "$out" \
		--prepare "rm -rf '$project/many'" --command-name unpack "tar -xf '$project/many.tar' -C '$project'") >&2
	cp "$out" "$work/out-border/"
}

measure_border() {
	local i
	install -d "$work/out-border"
	make_border
	for ((i = 0; i < rounds; i++)); do
		say "border, round $((i + 1)) of $rounds"
		calls plain "$i" "$csb" "$project" --
		calls rules "$i" "$csb" --config "$project/$border_config" "$project" --
		unpack outside "$i"
		unpack inside "$i" "$csb" "$project" --
		unpack writable "$i" "$csb" --risk-files writable "$project" --
	done
}
