# shellcheck shell=bash disable=SC2317 # the functions are for the lines
# Inside: each line of standard input is "WANT <- COMMAND". WANT, a regular expression, is all that COMMAND says.
# With WAY=connect or WAY=socks the programs that know of proxies are told of ours.

case ${WAY:-direct} in
connect) export http_proxy=http://127.0.0.1:3128 https_proxy=http://127.0.0.1:3128 ;;
socks) export http_proxy=socks5h://127.0.0.1:1080 https_proxy=socks5h://127.0.0.1:1080 ;;
esac

tunnel() {
	/usr/bin/python3 clients/tunnel.py "$@"
}

# get ARGUMENT...: curl, that fails for statuses of errors.
get() {
	curl -sS --fail -m 20 "$@"
}

sha() {
	sha256sum | cut -c-16
}

# bytes N: what the world's /bytes/N is.
bytes() {
	/usr/bin/python3 -c 'import sys; n = int(sys.argv[1]); sys.stdout.buffer.write((bytes(range(256)) * (n // 256 + 1))[:n])' "$1"
}

wrong=0
while IFS= read -r line; do
	[[ $line == *' <- '* ]] || continue
	want=${line%% <- *} command=${line#* <- }
	seen=$(eval "$command" 2>&1 </dev/null | tr -d '\r')
	[[ $seen =~ ^${want#"${want%%[! 	]*}"}$ ]] && continue
	printf 'of:     %s\nwanted: %s\nseen:   %s\n' "$command" "$want" "$seen"
	wrong=1
done
exit "$wrong"
