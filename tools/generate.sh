#!/usr/bin/env bash
# Writes what build/tools/generate prints into the tree: between the markers of Markdown files,
# and whole files for the completion and the man page. "generate.sh PROGRAM [ROOT]".
set -euo pipefail

program=$1
root=${2:-$(cd "$(dirname "${BASH_SOURCE[0]}")/.." && pwd)}

# between FILE NAME: the lines between "<!-- generated: NAME -->" and "<!-- end -->".
between() {
	local file=$root/$1 text
	text=$("$program" "$2")
	grep -q "<!-- generated: $2 -->" "$file" || {
		echo "generate.sh: $1 has no marker for '$2'" >&2
		exit 1
	}
	TEXT=$text awk -v begin="<!-- generated: $2 -->" '
		$0 == begin { print; print ENVIRON["TEXT"]; skip = 1 }
		skip && $0 == "<!-- end -->" { skip = 0 }
		!skip { if ($0 != begin) print }
	' "$file" >"$file.new"
	mv "$file.new" "$file"
}

man_page() {
	sed '/^@OPTIONS@$/,$d' "$root/docs/man/claude-sandbox.1.scd.in"
	"$program" man
	sed '1,/^@OPTIONS@$/d' "$root/docs/man/claude-sandbox.1.scd.in"
}

between README.md levels
between docs/configuration.md options
between docs/sharing.md shares
between docs/planted-files.md planted
between docs/network-rules.md presets
between docs/desktop.md bus
mkdir -p "$root/completions"
"$program" bash >"$root/completions/claude-sandbox.bash"
man_page >"$root/docs/man/claude-sandbox.1.scd"
