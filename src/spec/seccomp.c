/* SPDX-License-Identifier: Apache-2.0 */
/*
 * The system calls that no payload makes: names, tests and reasons; no filter and no number.
 *
 * It is a list of refusals over an open default, because the payload is a developer's whole tool
 * box. It is the second wall for most rows (there are no capabilities and no user namespaces
 * inside) and keeps kernel code that a payload never needs out of its reach.
 *
 * EPERM where a program should hear "no"; ENOSYS where it has a fallback for older kernels.
 * ptrace is allowed: debuggers need it, and the pid namespace bounds it. seccomp is allowed:
 * filters only add up, and browsers need it. statmount and listmount tell what
 * /proc/self/mountinfo tells anyway. x32 and i386 calls kill the process (run/seccomp.c).
 */
#include "spec/seccomp.h"

#include <sched.h>
#include <sys/ioctl.h>
#include <sys/socket.h>
#include <sys/stat.h>

#define SET_ID (S_ISUID | S_ISGID)

/* Bit 020000 is set in S_IFCHR and S_IFBLK, and in no other type that mknod makes. */
#define SET_ID_OR_DEVICE (SET_ID | S_IFCHR)

/* CLONE_NEWTIME is not here: clone has the exit signal in that place. */
#define NEW_NAMESPACE                                                                  \
	(CLONE_NEWNS | CLONE_NEWCGROUP | CLONE_NEWUTS | CLONE_NEWIPC | CLONE_NEWUSER | \
	 CLONE_NEWPID | CLONE_NEWNET)

/* clang-format off */
#define DENY(call, reason) { .name = (call), .answer = SECCOMP_EPERM, .why = (reason) }
#define ABSENT(call, reason) { .name = (call), .answer = SECCOMP_ENOSYS, .why = (reason) }
#define DENY_IF(call, test, number, what, reason)                                            \
	{ .name = (call), .answer = SECCOMP_EPERM, .compare = (test), .arg = (number),      \
	  .value = (what), .why = (reason) }
#define FAMILY(number, reason) DENY_IF("socket", COMPARE_EQUAL32, 0, number, reason)

static const char namespaces[] = "a new namespace gives capabilities inside it, and with them the kernel's widest attack surface";
static const char mounts[] = "mounting could uncover what the sandbox hides";
static const char modules[] = "loads code into the kernel";
static const char clocks[] = "sets the host's clock";
static const char memory[] = "reaches into another process past ptrace's rules";
static const char keys[] = "kernel keyrings are shared with the host's user";
static const char rings[] = "work handed to the kernel this way passes by every filter";
static const char placement[] = "moves pages between memory nodes; a source of kernel bugs, no use here";
static const char handles[] = "file handles reach files outside the mounted tree";
static const char terminal[] = "puts input into, or takes output from, a terminal outside";
static const char set_id[] = "a set-id file in the project would give its owner's rights to others on the host";
static const char devices[] = "makes a device or a set-id file";
static const char family[] = "not UNIX, INET, INET6 or NETLINK: kernel code that a payload never needs";

const struct seccomp_rule seccomp_base[] = {
	DENY_IF("clone", COMPARE_ANY_BIT, 0, NEW_NAMESPACE, namespaces),
	ABSENT("clone3", "its flags lie behind a pointer, where a filter cannot look; libc falls back to clone"),
	DENY("unshare", namespaces),
	DENY("setns", "enters another namespace"),

	DENY("mount", mounts), DENY("umount2", mounts), DENY("pivot_root", mounts), DENY("chroot", mounts),
	DENY("fsopen", mounts), DENY("fsconfig", mounts), DENY("fsmount", mounts), DENY("fspick", mounts),
	DENY("move_mount", mounts), DENY("open_tree", mounts), DENY("open_tree_attr", mounts),
	DENY("mount_setattr", mounts),
	DENY("open_by_handle_at", handles), DENY("name_to_handle_at", handles),

	DENY("process_vm_readv", memory), DENY("process_vm_writev", memory),
	DENY("process_madvise", memory), DENY("pidfd_getfd", "takes descriptors out of another process"),
	DENY("kcmp", "tells where kernel objects lie"),
	DENY("add_key", keys), DENY("request_key", keys), DENY("keyctl", keys),

	ABSENT("io_uring_setup", rings), ABSENT("io_uring_enter", rings), ABSENT("io_uring_register", rings),
	DENY("bpf", "loads programs into the kernel"),
	DENY("perf_event_open", "observes the kernel and other processes"),
	DENY("userfaultfd", "stops the kernel at a chosen page; makes its races winnable"),
	ABSENT("memfd_secret", "memory that nobody can inspect"),
	DENY("fanotify_init", "watches and holds up file access of others"),
	DENY("lookup_dcookie", "tells paths outside the mounted tree"),
	DENY("vmsplice", "lends pages to a pipe; a source of kernel bugs"),
	DENY("move_pages", placement), DENY("migrate_pages", placement), DENY("mbind", placement),
	DENY("set_mempolicy", placement), DENY("set_mempolicy_home_node", placement),

	DENY("init_module", modules), DENY("finit_module", modules), DENY("delete_module", modules),
	DENY("kexec_load", modules), DENY("kexec_file_load", modules),
	DENY("reboot", "stops the host"),
	DENY("swapon", "changes the host's swap"), DENY("swapoff", "changes the host's swap"),
	DENY("acct", "writes the host's process accounting"),
	DENY("quotactl", "changes quotas"), DENY("quotactl_fd", "changes quotas"),
	DENY("settimeofday", clocks), DENY("clock_settime", clocks), DENY("clock_adjtime", clocks),
	DENY("adjtimex", clocks),
	DENY("syslog", "reads the kernel's log, with addresses in it"),
	DENY("iopl", "reaches the hardware's ports"), DENY("ioperm", "reaches the hardware's ports"),
	DENY("modify_ldt", "16-bit segments; a source of kernel bugs"),
	DENY("uselib", "obsolete"), DENY("nfsservctl", "obsolete"), DENY("vhangup", "hangs up a terminal"),
	DENY_IF("personality", COMPARE_ASKS32, 0, 0, "switches off address randomisation and other protections"),

	DENY_IF("ioctl", COMPARE_EQUAL32, 1, TIOCSTI, terminal),
	DENY_IF("ioctl", COMPARE_EQUAL32, 1, TIOCLINUX, terminal),
	DENY_IF("ioctl", COMPARE_EQUAL32, 1, TIOCCONS, terminal),
	DENY_IF("ioctl", COMPARE_EQUAL32, 1, TIOCSETD, "loads line disciplines, a source of kernel bugs"),

	/* 1 UNIX, 2 INET, 10 INET6 and 16 NETLINK remain. */
	DENY_IF("socket", COMPARE_ABOVE, 0, AF_NETLINK, family),
	FAMILY(AF_AX25, family), FAMILY(AF_IPX, family), FAMILY(AF_APPLETALK, family),
	FAMILY(AF_NETROM, family), FAMILY(AF_BRIDGE, family), FAMILY(AF_ATMPVC, family),
	FAMILY(AF_X25, family), FAMILY(AF_ROSE, family), FAMILY(AF_DECnet, family),
	FAMILY(AF_NETBEUI, family), FAMILY(AF_SECURITY, family), FAMILY(AF_KEY, family),
	DENY_IF("socketpair", COMPARE_ABOVE, 0, AF_UNIX, "only UNIX makes pairs"),

	DENY_IF("chmod", COMPARE_ANY_BIT, 1, SET_ID, set_id),
	DENY_IF("fchmod", COMPARE_ANY_BIT, 1, SET_ID, set_id),
	DENY_IF("fchmodat", COMPARE_ANY_BIT, 2, SET_ID, set_id),
	DENY_IF("fchmodat2", COMPARE_ANY_BIT, 2, SET_ID, set_id),
	DENY_IF("creat", COMPARE_ANY_BIT, 1, SET_ID, set_id),
	DENY_IF("open", COMPARE_CREATES, 1, SET_ID, set_id),
	DENY_IF("openat", COMPARE_CREATES, 2, SET_ID, set_id),
	ABSENT("openat2", "its mode lies behind a pointer; programs fall back to openat"),
	DENY_IF("mknod", COMPARE_ANY_BIT, 1, SET_ID_OR_DEVICE, devices),
	DENY_IF("mknodat", COMPARE_ANY_BIT, 2, SET_ID_OR_DEVICE, devices),
	{ .name = NULL },
};
/* clang-format on */
