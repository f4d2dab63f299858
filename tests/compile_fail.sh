#!/usr/bin/env bash
# A row of a field table whose type is not the member's must not compile, with gcc and with clang.
# Each right row must compile, or the refusal of the wrong one would prove nothing.
#
#     tests/compile_fail.sh [SOURCE_DIR]
set -euo pipefail

readonly source_dir=${1:-.}
n_failed=0

program() {
	cat <<-END
		#include "base/field.h"
		struct config {
			bool is_on;
			uint64_t size;
			const char *text;
			unsigned choice;
			struct strv items;
			int other;
		};
		static const char *const choices[] = { "a", "b", NULL };
		extern const struct field rows[];
		const struct field rows[] = { $1, F_END };
		const char *const *use(void);
		const char *const *use(void) { return choices; }
	END
}

# compile COMPILER ROW: its messages on stdout.
compile() {
	program "$2" | "$1" -std=gnu17 -D_GNU_SOURCE -I "$source_dir/src" -fsyntax-only -x c - 2>&1
}

accept() {
	compile "$1" "$2" >/dev/null && echo "$1 compiles $2" && return
	echo "$1 refuses the right row $2:"
	compile "$1" "$2" || true
	n_failed=$((n_failed + 1))
}

# Refused, and for this reason: the assertion's own text.
refuse() {
	local said
	if said=$(compile "$1" "$2"); then
		echo "$1 compiles the wrong row $2"
	elif ! grep -q 'the row and the member differ in type' <<<"$said"; then
		printf '%s refuses %s, but for another reason:\n%s\n' "$1" "$2" "$said"
	else
		echo "$1 refuses $2"
		return
	fi
	n_failed=$((n_failed + 1))
}

readonly -a right=(
	'F_BOOL(struct config, is_on, .help = "x")'
	'F_UINT(struct config, size, .max = 9)'
	'F_STR(struct config, text, .help = "x")'
	'F_ENUM(struct config, choice, .names = choices)'
	'F_LIST(struct config, items, .help = "x")'
	'F_MAP(struct config, items, .help = "x")'
)
readonly -a wrong=(
	'F_BOOL(struct config, other, .help = "x")'
	'F_UINT(struct config, other, .max = 9)'
	'F_STR(struct config, items, .help = "x")'
	'F_ENUM(struct config, other, .names = choices)'
	'F_LIST(struct config, text, .help = "x")'
	'F_MAP(struct config, text, .help = "x")'
)

for compiler in gcc clang; do
	command -v "$compiler" >/dev/null || {
		echo "$compiler is not here"
		exit 77 # meson: skipped
	}
	for row in "${right[@]}"; do
		accept "$compiler" "$row"
	done
	for row in "${wrong[@]}"; do
		refuse "$compiler" "$row"
	done
done
((n_failed == 0))
