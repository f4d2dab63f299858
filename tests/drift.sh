#!/usr/bin/env bash
# The generated texts in the tree equal what the tables print: "drift.sh PROGRAM" from the root.
set -euo pipefail

program=$1
copy=$(mktemp -d)
trap 'rm -rf "$copy"' EXIT
files=(README.md docs/configuration.md docs/sharing.md docs/planted-files.md docs/network-rules.md docs/desktop.md
	docs/man/claude-sandbox.1.scd.in docs/man/claude-sandbox.1.scd completions/claude-sandbox.bash)

for file in "${files[@]}"; do
	mkdir -p "$copy/$(dirname "$file")"
	cp "$file" "$copy/$file"
done
bash tools/generate.sh "$program" "$copy"
status=0
for file in "${files[@]}"; do
	diff -u "$file" "$copy/$file" || status=1
done
[[ $status = 0 ]] || echo "drift: run ./dev docs and commit what it changes" >&2
exit "$status"
