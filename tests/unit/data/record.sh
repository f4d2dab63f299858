#!/usr/bin/env bash
# Records what real programs write to a terminal, for test_vtfilter_real.c: each in a window of tmux
# (which answers their questions), through script(1), in a home and a project of the recording's own.
# For a person to run again when a program has learnt something new; read the difference before it is
# committed. Needs vim, less, tmux, htop, python3 and, with CSB_CLAUDE=PATH, the agent.
#
#     tests/unit/data/record.sh
set -euo pipefail

root=$(cd "$(dirname "${BASH_SOURCE[0]}")/../../.." && pwd)
to=$root/tests/unit/data/terminal
work=$(mktemp -d /tmp/demo.XXXXXX)
api=

end() {
	tmux -L "$(basename "$work")" kill-server 2>/dev/null || true
	[[ -z $api ]] || kill "$api" 2>/dev/null || true
	rm -rf "$work"
}
trap end EXIT

terminal() {
	env -u TMUX HOME=/tmp/demo LANG=C.UTF-8 tmux -L "$(basename "$work")" -f /dev/null "$@"
}

# record NAME COMMAND KEY...: KEY is one of tmux's names, or a pause as "+SECONDS".
record() {
	local name=$1 command=$2 key
	shift 2
	terminal new-session -d -x 80 -y 24 -s "$name" -c "$work/project" \
		"env ${agent_env:-} TERM=xterm-256color HOME=$work/home script -qec '$command' '$work/raw'"
	sleep 2
	for key in "$@"; do
		if [[ $key == +* ]]; then
			sleep "${key#+}"
		else
			terminal send-keys -t "$name" "$key"
			sleep 0.3
		fi
	done
	while terminal has-session -t "$name" 2>/dev/null; do
		sleep 0.2
	done
	# Without the lines that script adds, and the names of this recording's directories.
	sed -e '1d' -e '$d' "$work/raw" | sed -e "s|$work|/tmp/demo|g" >"$to/$name"
	echo "$name: $(wc -c <"$to/$name") bytes"
}

prepare() {
	mkdir -p "$work/home" "$work/project/src" "$to"
	cd "$work/project"
	touch notes.txt 'größe.txt' archive.tar.gz photo.png
	install -m 755 /dev/null run.sh
	ln -s notes.txt link
	{
		echo '#include <stdio.h>'
		echo '/* Grüße, 世界 */'
		for i in 1 2 3 4 5 6 7 8 9 10; do
			echo "static int f$i(int n)"
			echo '{'
			printf '\treturn n > %d ? puts("Grüße") : 0;\n' "$i"
			echo '}'
		done
	} >src/main.c
	terminal new-session -d -s keeper 'sleep 600'
	terminal set-option -g status off
	terminal set-option -s escape-time 0
}

record_agent() {
	[[ -n ${CSB_CLAUDE:-} ]] || return 0
	local key=sk-ant-test-0123456789abcdefghij0123456789
	python3 "$root/tests/e2e/api_server.py" --scenario "$root/tests/e2e/scenarios/talk.json" \
		--port-file "$work/port" --result "$work/result" >"$work/api.log" 2>&1 &
	api=$!
	while [[ ! -s $work/port ]]; do
		sleep 0.1
	done
	cat >"$work/home/.claude.json" <<-END
		{"hasCompletedOnboarding": true, "theme": "dark",
		 "customApiKeyResponses": {"approved": ["${key: -20}"], "rejected": []},
		 "projects": {"$work/project": {"hasTrustDialogAccepted": true, "hasCompletedProjectOnboarding": true,
		  "allowedTools": []}}}
	END
	agent_env="ANTHROPIC_BASE_URL=http://127.0.0.1:$(<"$work/port") ANTHROPIC_API_KEY=$key \
CLAUDE_CODE_DISABLE_NONESSENTIAL_TRAFFIC=1"
	record claude "$CSB_CLAUDE" +4 'good morning' Enter +4 '/help' Enter +2 Escape C-c C-c
}

inner=${work##*/}-inner
prepare
record ls 'ls -la --color=always . src'
record grep 'grep -n --color=always return src/main.c'
record git 'git -c color.ui=always diff --no-index --stat --patch /dev/null src/main.c' Space q
record less 'less src/main.c' Space /f7 Enter h q q
record vim 'vim -u /usr/share/vim/vim90/defaults.vim src/main.c' / f5 Enter dd p V y : split Enter :q! Enter :q! Enter
record htop 'unshare --pid --fork --mount-proc htop -d 2' F5 Down F6 Escape q
record tmux "env -u TMUX tmux -L $inner -f /dev/null new-session sh" 'ls' Enter C-b '"' 'echo hi' Enter C-b d
record bash 'bash --norc -i' 'printf x' C-a C-e Enter 'exit' Enter
record_agent
env -u TMUX tmux -L "$inner" kill-server 2>/dev/null || true
