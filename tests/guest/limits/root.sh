# shellcheck shell=bash
# shellcheck source=tests/guest/common.sh
. /csb/tests/guest/common.sh
soon test -S /run/user/1000/bus
su --login tester --command "bash /csb/tests/guest/limits/tester.sh"
project

running --memory 200M --pids 100 --cpus 1
check "root: the scope has the limits" limits_are_there
check "root: the scope ends with a killed launcher" ends_with_killed "$LAUNCHER"
check "root: memory is told" memory_is_told
check "unit test as root" unit_test
