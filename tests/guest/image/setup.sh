#!/usr/bin/env bash
# Runs in the guest's root directory while the image is made: kernel, initramfs, users, services.
set -euo pipefail
shopt -s extglob

cd "$(dirname "${BASH_SOURCE[0]}")"

# In this order with what they depend on: what the initramfs loads, for the root and for the job.
readonly boot_modules='virtio_pci virtio_blk crc32c_generic ext4 virtio_console 9p 9pnet_virtio'

fetch() {
	apt-get -qq -o APT::Sandbox::User=root download "$1"
	dpkg-deb -x "$1"_*.deb "$2"
}

# The package is not installed but picked from: installing it would build an initramfs of 40 MB.
# Most drivers are for machines that QEMU is not.
kernel() {
	local package
	package=$(apt-cache depends linux-image-amd64 | awk '/Depends: linux-image/ { print $2; exit }')
	fetch "$package" kernel
	version=${package#linux-image-}
	mv kernel/boot/vmlinuz-* vmlinuz
	cd kernel/lib/modules/"$version"/kernel
	rm -rf sound drivers/!(block|char|net|vhost|virtio) drivers/net/*/
	cd /image
	mkdir -p /lib/modules
	mv kernel/lib/modules/"$version" /lib/modules/
	depmod "$version"
}

initramfs() {
	local file
	fetch busybox-static busybox
	mkdir -p ramfs/{bin,dev,proc,sys,root,modules}
	cp busybox/bin/busybox ramfs/bin/
	ln -s busybox ramfs/bin/sh
	install -m 755 init.sh ramfs/init
	# shellcheck disable=SC2086 # names are words
	modprobe --set-version "$version" --show-depends --all $boot_modules |
		awk '$1 == "insmod" && !seen[$2]++ { print $2 }' | while read -r file; do
		cp "$file" ramfs/modules/
		basename "$file"
	done >ramfs/modules/list
	(cd ramfs && find . | bin/busybox cpio -o -H newc) >initrd
}

users() {
	useradd --create-home --uid 1000 --shell /bin/bash tester
	mkdir -p /var/lib/systemd/linger
	touch /var/lib/systemd/linger/tester
}

services() {
	systemd-machine-id-setup
	echo guest >/etc/hostname
	echo LANG=C.UTF-8 >/etc/default/locale
	echo '127.0.0.1 localhost guest' >/etc/hosts
	printf 'z /dev/%s 0666\n' fuse net/tun >/etc/tmpfiles.d/devices.conf # udev's task elsewhere
	install -m 755 job.sh /usr/local/lib/guest-job
	install -m 644 guest-job.service /etc/systemd/system/
	systemctl enable guest-job.service
	# What a guest that lives for a minute only waits for.
	systemctl mask apt-daily.timer apt-daily-upgrade.timer dpkg-db-backup.timer e2scrub_all.timer \
		e2scrub_reap.service fstrim.timer getty.target systemd-tmpfiles-clean.timer \
		systemd-update-utmp.service systemd-update-utmp-runlevel.service \
		systemd-journal-flush.service systemd-random-seed.service systemd-pstore.service
}

kernel
initramfs
users
services
