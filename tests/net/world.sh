#!/usr/bin/env bash
# Runs a command, as root, in a world of its own: a network of nothing but the servers of tests/net, with public
# addresses, names and certificates. "tests/net/world.sh COMMAND..." README.md tells what is in it.
set -euo pipefail

here=$(cd "$(dirname "${BASH_SOURCE[0]}")" && pwd)
# A tmpfs lies on it inside, so that it stays empty outside. Every user can reach it, and no sandbox shows it.
readonly place=/var/cache/claude-sandbox-tests/world

die() {
	echo "world: $*" >&2
	exit 1
}

(($# > 0)) || die "what shall run there? world.sh COMMAND..."
((EUID == 0)) || die "making a network needs root"
for tool in /usr/bin/python3 openssl ip git; do
	command -v "$tool" >/dev/null || die "this needs $tool"
done
install -d -m 755 "${place%/*}" "$place"
exec /usr/bin/python3 -B "$here/world.py" "$place" "$@"
