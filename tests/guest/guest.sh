#!/usr/bin/env bash
# Boots a small Debian with systemd in QEMU and runs a script in it; see README.md.
set -euo pipefail

here=$(cd "$(dirname "${BASH_SOURCE[0]}")" && pwd)
readonly suite=bookworm
PATH=$PATH:/usr/sbin:/sbin # mke2fs is there, and an ordinary user does not look there
readonly cache=${XDG_CACHE_HOME:-$HOME/.cache}/claude-sandbox-tests

# What the guest has besides Debian's minimum.
readonly -a packages=(
	systemd-sysv dbus dbus-user-session libpam-systemd
	bubblewrap git libc-ares2 libjansson4 libnettle8 libseccomp2
	iproute2 kmod procps sudo systemd-container)

# The statuses that are ours; a script had better not use them.
readonly timed_out=124 broken=125

# Emulation everywhere: nested virtualisation may well open /dev/kvm and then hang.
readonly accel=${CSB_GUEST_ACCEL:-tcg,thread=multi}

work=
pids=()

usage() {
	cat <<-'END_OF_USAGE'
		Usage: guest.sh make
		       guest.sh run [--user NAME] [--timeout SECONDS] [--share HOSTDIR:GUESTDIR:ro]... SCRIPT

		make   builds the guest's image, unless it is there; prints its directory
		run    boots a throw-away guest and runs the bash script SCRIPT (-: stdin) in it, as root or as NAME
		       (there is: tester, with a user manager). Its output is ours, and so is its status;
		       124: not done in time (default 300 s, booting included), 125: the guest broke
	END_OF_USAGE
}

say() {
	echo "guest: $*" >&2
}

die() {
	say "$*"
	exit "$broken"
}

cleanup() {
	((${#pids[@]} == 0)) || kill "${pids[@]}" 2>/dev/null || true
	wait
	[[ -z $work ]] || rm -rf "$work"
}
trap cleanup EXIT
trap 'exit 129' HUP
trap 'exit 130' INT
trap 'exit 143' TERM

# --- the image -----------------------------------------------------------------------------

# Whatever goes into the image is in its name.
image_dir() {
	echo "$cache/guest-$(cat "$here/guest.sh" "$here"/image/* | sha256sum | cut -c1-16)"
}

# image_ensure: two calls at once build it once.
image_ensure() {
	local lock
	image=$(image_dir)
	mkdir -p "$cache"
	exec {lock}>"$cache/guest.lock"
	flock "$lock"
	[[ -e $image ]] || image_build
	exec {lock}>&-
	touch "$image"
}

image_build() {
	say "making the guest's image (about a minute)"
	find "$cache" -maxdepth 1 -name 'guest-*' -mtime +14 -exec rm -rf {} +
	work=$(mktemp -d "$cache/guest-new.XXXXXX")
	mkdir "$work/new"
	if ! (root_tree && root_image && kernel_image) >"$work/log" 2>&1; then
		cat "$work/log" >&2
		die "the image could not be made"
	fi
	mv -T "$work/new" "$image"
	rm -rf "$work"
	work=
}

root_tree() {
	local include
	include=$(IFS=, && echo "${packages[*]}")
	mmdebstrap --variant=minbase --include="$include" \
		--dpkgopt='path-exclude=/usr/share/doc/*' --dpkgopt='path-exclude=/usr/share/man/*' \
		--dpkgopt='path-exclude=/usr/share/locale/*' \
		--customize-hook="copy-in '$here/image' /" \
		--customize-hook='chroot "$1" bash /image/setup.sh' \
		--customize-hook="copy-out /image/vmlinuz /image/initrd '$work/new'" \
		--customize-hook='rm -rf "$1/image"' \
		"$suite" "$work/root.tar"
}

# An ordinary user may not give files to root: fakeroot remembers whose they are for mke2fs.
root_image() {
	local -a as_root=(fakeroot)
	((EUID != 0)) || as_root=()
	"${as_root[@]}" bash -euc '
		mkdir "$1/root"
		tar -C "$1/root" -xpf "$1/root.tar" --exclude="./dev/*"
		mke2fs -q -t ext4 -O ^has_journal -m 0 -d "$1/root" "$1/new/root.img" 2G
		rm -rf "$1/root" "$1/root.tar"' - "$work"
}

# The ELF file in the compressed kernel: QEMU starts it directly, where the kernel would unpack
# itself for seven seconds. The numbers are those of Linux' x86 boot protocol.
kernel_image() {
	local file=$work/new/vmlinuz sectors offset length
	sectors=$(od -An -tu1 -j 0x1f1 -N 1 "$file")
	offset=$(od -An -tu4 -j 0x248 -N 4 "$file")
	length=$(od -An -tu4 -j 0x24c -N 4 "$file")
	dd if="$file" bs=1M iflag=skip_bytes,count_bytes skip=$(((sectors + 1) * 512 + offset)) \
		count=$((length - 4)) status=none | xz -dc >"$work/new/vmlinux" && rm "$file"
}

guest_make() {
	image_ensure
	echo "$image"
}

# --- a run ---------------------------------------------------------------------------------

guest_run() {
	local user=root limit=300 script
	local -a shares=()
	while (($# > 0)); do
		case $1 in
		--user) user=${2:?} ;;
		--timeout) limit=${2:?} ;;
		--share) shares+=("${2:?}") ;;
		*) break ;;
		esac
		shift 2
	done
	(($# == 1)) || { usage >&2 && exit "$broken"; }
	script=$1
	image_ensure
	work=$(mktemp -d)
	job_write "$user" "$script" "${shares[@]}"
	qemu_run "$limit"
}

# The job is a directory that the guest mounts: what to run, as whom, and where the shares go.
job_write() {
	local user=$1 script=$2 share host guest n=0
	shift 2
	mkdir "$work/job"
	cat -- "$script" >"$work/job/script" || exit "$broken"
	echo "$user" >"$work/job/user"
	: >"$work/job/shares"
	share_add job "$work/job"
	for share in "$@"; do
		[[ $share =~ ^(/.*):(/.*):ro$ ]] || die "not HOSTDIR:GUESTDIR:ro with absolute paths: $share"
		host=${BASH_REMATCH[1]} guest=${BASH_REMATCH[2]}
		[[ -d $host ]] || die "no such directory: $host"
		share_add "share$n" "$host"
		echo "share$n $guest" >>"$work/job/shares"
		n=$((n + 1))
	done
}

# share_add TAG DIR: 9p is part of QEMU, so there is no daemon to start, and needs no root.
share_add() {
	share_args+=(-virtfs
		"local,path=${2//,/,,},mount_tag=$1,security_model=none,readonly=on,multidevs=remap")
}

# qemu_run LIMIT: ends with the script's status.
qemu_run() {
	local limit=$1 status=0 pid
	streams_open
	qemu_start "$limit"
	wait "${pids[0]}" || status=$?
	for pid in "${pids[@]:1}"; do
		wait "$pid" || true
	done
	pids=()
	[[ ! -s $work/status ]] || exit "$(<"$work/status")"
	((status != timed_out)) || say "not done after $limit s"
	say "what the guest's console said last:"
	tail -n 60 "$work/console" >&2
	exit $((status == timed_out ? timed_out : broken))
}

# The guest's two streams: QEMU writes into a pipe each, because it would truncate our own file.
streams_open() {
	mkfifo "$work/out" "$work/err"
	touch "$work/status" "$work/console"
	cat "$work/out" &
	stream_pids=($!)
	cat "$work/err" >&2 &
	stream_pids+=($!)
}

# Should we be killed with -9, the kernel ends timeout and QEMU.
qemu_start() {
	# shellcheck disable=SC2054 # the commas are QEMU's
	local -a args=(
		-nodefaults -no-user-config -display none -no-reboot
		-M q35 -accel "$accel" -cpu max -smp 1 -m 1024 -bios qboot.rom
		-kernel "$image/vmlinux" -initrd "$image/initrd"
		-append 'console=ttyS0 quiet panic=-1'
		-drive "file=${image//,/,,}/root.img,format=raw,if=none,id=root,snapshot=on,cache=unsafe"
		-device virtio-blk-pci,drive=root
		-chardev "file,id=console,path=${work//,/,,}/console" -serial chardev:console
		-device virtio-serial-pci)
	local port
	for port in out err status; do
		args+=(-chardev "file,id=$port,path=${work//,/,,}/$port"
			-device "virtserialport,chardev=$port,name=$port")
	done
	setpriv --pdeathsig TERM timeout --kill-after=5 "$1" \
		setpriv --pdeathsig KILL qemu-system-x86_64 "${args[@]}" "${share_args[@]}" </dev/null &
	pids=($! "${stream_pids[@]}")
}

image=
share_args=()
stream_pids=()

case ${1:-} in
make | run) "guest_$1" "${@:2}" ;;
-h | --help | help) usage ;;
*) usage >&2 && exit "$broken" ;;
esac
