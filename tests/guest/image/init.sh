#!/bin/sh
# The initramfs: loads modules, mounts the root, gives way to systemd.
/bin/busybox mount -t devtmpfs dev /dev
while read -r module; do
	/bin/busybox insmod "/modules/$module"
done </modules/list
/bin/busybox mount -t ext4 -o noatime /dev/vda /root || exit 1
/bin/busybox mount --move /dev /root/dev
exec /bin/busybox switch_root /root /sbin/init
