# shellcheck shell=bash
# sudo would open a session, and finds one.
# shellcheck source=tests/guest/common.sh
. /csb/tests/guest/common.sh
project
check "sudo with pam_systemd: memory is told" memory_is_told
