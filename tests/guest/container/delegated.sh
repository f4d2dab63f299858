# shellcheck shell=bash
# A service with a group of its own, and no manager to ask.
# shellcheck source=tests/guest/common.sh
. /csb/tests/guest/common.sh
project
delegate
check "delegated: memory is told" memory_is_told
check "delegated: the group is removed" no_scope
