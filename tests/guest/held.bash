# shellcheck shell=bash
# held NAME: the guest found it so.
held() {
	grep -qxF "ok $1" "$SEEN" && return
	echo "the guest does not say: ok $1"
	cat "$SEEN" "$SEEN.err"
	return 1
}
