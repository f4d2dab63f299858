# shellcheck shell=bash
# What each verb of ./dev needs, and how it gets here. Sourced; needs say() and die().
#
# One row per Debian package: its name, and what shows its presence where there is no dpkg:
# a program's name, pc:NAME for pkg-config, or h:NAME for a header below /usr/include.

declare -rA dep_sets=(
	[build]='
		gcc              gcc
		libc6-dev        h:stdio.h
		linux-libc-dev   h:linux/landlock.h
		meson            meson
		ninja-build      ninja
		pkg-config       pkg-config
		libc-ares-dev    pc:libcares
		libcurl4-openssl-dev pc:libcurl
		libjansson-dev   pc:jansson
		libseccomp-dev   pc:libseccomp
		libsystemd-dev   pc:libsystemd
		libwayland-dev   pc:wayland-client
		libxcb1-dev      pc:xcb
		libxcb-xfixes0-dev pc:xcb-xfixes
		nettle-dev       pc:nettle'
	[run]='
		bubblewrap       bwrap
		git              git
		ca-certificates  update-ca-certificates'
	[agent]='
		nodejs           node
		npm              npm'
	[clang]='
		clang            clang
		libclang-rt-dev  clang'
	[lint]='
		clang-format     clang-format
		clang-tidy       clang-tidy
		python3          python3
		shellcheck       shellcheck'
	[unit]='
		libcmocka-dev    pc:cmocka'
	[docs]='
		scdoc            scdoc
		mandoc           mandoc'
	[system]='
		bats             bats
		direnv           direnv
		git-lfs          git-lfs
		imagemagick      import
		iproute2         ip
		jq               jq
		openssh-client   ssh
		openssh-server   sshd
		openssl          openssl
		passt            pasta
		perl             perl
		procps           ps
		python3          python3
		strace           strace
		tmux             tmux
		util-linux       setpriv
		vim-tiny         vim.tiny
		xterm            xterm
		xvfb             Xvfb'
	[desktop]='
		chromium         chromium
		curl             curl
		dbus-bin         dbus-send
		dbus-daemon      dbus-daemon
		fonts-dejavu-core fc-list
		gnome-keyring    gnome-keyring-daemon
		grim             grim
		imagemagick      import
		libglib2.0-bin   gdbus
		libsecret-tools  secret-tool
		libwayland-dev   pc:wayland-server
		pipewire         pipewire
		pipewire-bin     pw-link
		pipewire-pulse   pipewire-pulse
		procps           pgrep
		pulseaudio       pulseaudio
		pulseaudio-utils pactl
		python3          python3
		python3-dbus     python3
		python3-gi       python3
		python3-secretstorage python3
		sway             sway
		systemd          busctl
		wayland-utils    wayland-info
		weston           weston
		wireplumber      wireplumber
		x11-apps         xwd
		x11-utils        xdpyinfo
		xauth            xauth
		xclip            xclip
		xdg-dbus-proxy   xdg-dbus-proxy
		xdotool          xdotool
		xinput           xinput
		xsel             xsel
		xserver-xephyr   Xephyr
		xwayland         Xwayland'
	[container]='
		sudo             sudo
		systemd-container systemd-nspawn'
	[useful]='
		curl             curl
		default-jdk-headless java
		gdb              gdb
		golang-go        go
		python3-pip      pip3
		python3-pytest   pytest-3'
	[guest]='
		e2fsprogs        mke2fs
		fakeroot         fakeroot
		mmdebstrap       mmdebstrap
		qemu-system-x86  qemu-system-x86_64
		uidmap           newuidmap
		util-linux       setpriv
		xz-utils         xz'
	[bench]='
		chromium         chromium
		dbus-daemon      dbus-daemon
		firejail         firejail
		hyperfine        hyperfine
		iproute2         ip
		jq               jq
		openssl          openssl
		procps           pgrep
		python3          python3
		ripgrep          rg
		socat            socat
		tinyproxy-bin    tinyproxy
		x11-apps         xeyes
		x11-utils        xdpyinfo
		xauth            xauth
		xdotool          xdotool
		xserver-xephyr   Xephyr
		xvfb             Xvfb'
)

# need SET...: makes sure that all packages of these sets are here, or ends with the list of what is missing.
need() {
	local missing
	if on_debian; then
		missing=$(missing_packages "$@")
		# shellcheck disable=SC2086 # package names are words
		[[ -z $missing ]] || apt_install $missing
	else
		missing=$(missing_tools "$@")
		[[ -z $missing ]] || die "this system lacks:"$'\n'"$missing"
	fi
}

on_debian() {
	command -v apt-get >/dev/null && command -v dpkg-query >/dev/null
}

dep_rows() {
	local name
	for name in "$@"; do
		awk 'NF' <<<"${dep_sets[$name]}"
	done | sort -u
}

# Asks dpkg, not PATH: what is in root-owned directories is what the launcher will use.
missing_packages() {
	local package tool
	while read -r package tool; do
		[[ $(dpkg-query -W -f '${db:Status-Status}' "$package" 2>/dev/null) == installed* ]] ||
			echo "$package"
	done < <(dep_rows "$@")
}

missing_tools() {
	local package tool
	while read -r package tool; do
		has_tool "$tool" || echo "  ${tool#*:} (Debian's package: $package)"
	done < <(dep_rows "$@")
}

has_tool() {
	case $1 in
	pc:*) pkg-config --exists "${1#pc:}" 2>/dev/null ;;
	h:*) [[ -e /usr/include/${1#h:} ]] ;;
	*) command -v "$1" >/dev/null ;;
	esac
}

apt_install() {
	local -a as_root=()
	if ((EUID != 0)); then
		command -v sudo >/dev/null ||
			die "missing packages; as root: apt-get update && apt-get install --no-install-recommends $*"
		say "sudo is used for one thing, to install these packages: $*"
		as_root=(sudo)
	else
		say "installing $*"
	fi

	local -a apt=("${as_root[@]}" env DEBIAN_FRONTEND=noninteractive apt-get -qq -y
		-o DPkg::Lock::Timeout=300 -o Dpkg::Use-Pty=0)
	local -a install=("${apt[@]}" install --no-install-recommends "$@")

	# A fresh machine has no package lists, an old one may have stale ones: one update cures both.
	if compgen -G '/var/lib/apt/lists/*_Packages*' >/dev/null && "${install[@]}" >/dev/null; then
		return
	fi
	"${apt[@]}" update >&2 || die "apt-get update failed"
	"${install[@]}" >/dev/null || die "apt-get could not install: $*"
}
