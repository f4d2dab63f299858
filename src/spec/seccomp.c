/* SPDX-License-Identifier: Apache-2.0 */
/*
 * The system calls that no payload makes: names, tests and reasons; no filter and no number.
 *
 * It is a list of refusals over an open default, because the payload is a developer's whole tool
 * box. It is the second wall for most rows (there are no capabilities and no user namespaces
 * inside) and keeps kernel code that a payload never needs out of its reach.
 *
 * EPERM where a program should hear "no"; ENOSYS where it has a fallback for older kernels.
 * x32 and i386 calls kill the process, newer numbers than SECCOMP_NEWEST do not exist
 * (run/seccomp.c).
 *
 * Left open on purpose, since other lists refuse them: seccomp (filters only add up, and browsers
 * need it; only a listener is refused) and landlock_*; statmount and listmount (they tell what
 * /proc/self/mountinfo tells); get_mempolicy, memfd_create, execveat, pidfd_open and
 * pidfd_send_signal (they reach what the pid namespace holds); cachestat, mincore; sethostname,
 * setgroups, chown and the like (without a capability the kernel refuses them); mkdir with set-id
 * bits (the kernel drops them). What no kernel since 2.6 has (create_module, query_module, ...) needs
 * no row.
 */
#include "spec/seccomp.h"

#include <errno.h>
#include <linux/netlink.h>
#include <linux/prctl.h>
#include <linux/seccomp.h>
#include <linux/sockios.h>
#include <netinet/in.h>
#include <netinet/tcp.h>
#include <sched.h>
#include <string.h>
#include <sys/ioctl.h>
#include <sys/socket.h>
#include <sys/stat.h>

#include "base/auto.h"

#define SET_ID (S_ISUID | S_ISGID)

/* Bit 020000 is set in S_IFCHR and S_IFBLK, and in no other type that mknod makes. */
#define SET_ID_OR_DEVICE (SET_ID | S_IFCHR)

/*
 * What Chromium does, by strace: clone(NEWUSER) and in the child unshare(NEWUSER), to see whether it may;
 * clone(NEWUSER | NEWPID | NEWNET) for the zygote; there chroot to a directory that is gone, and
 * clone(NEWPID) for each renderer. unshare with any other flag is not asked for.
 */
#define BROWSER_NAMESPACES (CLONE_NEWUSER | CLONE_NEWPID | CLONE_NEWNET)
#define OTHER_NAMESPACES (CLONE_NEWNS | CLONE_NEWCGROUP | CLONE_NEWUTS | CLONE_NEWIPC)

/* Protocols of INET and INET6 that load large and little used modules. */
#define PROTOCOL_DCCP 33
#define PROTOCOL_L2TP 115
#define PROTOCOL_SCTP 132

/* clang-format off */
#define DENY(call, reason, ...) { .name = (call), .answer = SECCOMP_EPERM, .why = (reason), __VA_ARGS__ }
#define ABSENT(call, reason) { .name = (call), .answer = SECCOMP_ENOSYS, .why = (reason) }
#define DENY_IF(call, test, number, what, reason, ...)                                       \
	{ .name = (call), .answer = SECCOMP_EPERM, .compare = (test), .arg = (number),      \
	  .value = (what), .why = (reason), __VA_ARGS__ }
#define FAMILY(number, reason) DENY_IF("socket", COMPARE_EQUAL32, 0, number, reason)
#define TYPE(number, family, reason) DENY_IF("socket", COMPARE_TYPE, 0, family, reason, .value2 = (number))
/* Of a network that a browser's namespace has: @number and what differs from it only in the bits that are not in @ones. */
#define NET_REQUEST(number, ones) \
	DENY_IF("ioctl", COMPARE_MASKED, 1, number, network, .mask = (ones), .only = SECCOMP_BROWSER)
#define NET_OPTION(call, level, number, ones) \
	DENY_IF(call, COMPARE_OPTION, 2, number, network, .value2 = (level), .mask = (ones), .only = SECCOMP_BROWSER)
#define PROTOCOL(number, reason) DENY_IF("socket", COMPARE_EQUAL32, 2, number, reason)

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
static const char raw[] = "raw packets take a capability that no payload has";
static const char protocol[] = "a protocol that a payload never needs; its module is a source of kernel bugs";
static const char network[] = "a browser's namespace would give the right to it, and with that packet filters, tunnels and bridges of the kernel";
static const char family[] = "not UNIX, INET, INET6 or NETLINK: kernel code that a payload never needs";

const struct seccomp_rule seccomp_base[] = {
	DENY_IF("clone", COMPARE_ANY_BIT, 0, OTHER_NAMESPACES, namespaces),
	DENY_IF("clone", COMPARE_ANY_BIT, 0, BROWSER_NAMESPACES, namespaces, .unless = SECCOMP_BROWSER),
	ABSENT("clone3", "its flags lie behind a pointer, where a filter cannot look; libc falls back to clone"),
	DENY("unshare", namespaces, .unless = SECCOMP_BROWSER),
	DENY_IF("unshare", COMPARE_NOT, 0, CLONE_NEWUSER, namespaces, .only = SECCOMP_BROWSER),
	DENY("setns", "enters another namespace"),
	DENY("listns", "tells which namespaces there are"),

	DENY("mount", mounts), DENY("umount2", mounts), DENY("pivot_root", mounts),
	DENY("chroot", mounts, .unless = SECCOMP_BROWSER),
	DENY("fsopen", mounts), DENY("fsconfig", mounts), DENY("fsmount", mounts), DENY("fspick", mounts),
	DENY("move_mount", mounts), DENY("open_tree", mounts), DENY("open_tree_attr", mounts),
	DENY("mount_setattr", mounts),
	DENY("open_by_handle_at", handles), DENY("name_to_handle_at", handles),

	DENY("process_vm_readv", memory), DENY("process_vm_writev", memory),
	DENY("process_madvise", memory), DENY("process_mrelease", memory),
	DENY("ptrace", "traces and changes other processes of the sandbox", .unless = SECCOMP_TRACE),
	DENY("pidfd_getfd", "takes descriptors out of another process"),
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
	DENY("_sysctl", "obsolete"), DENY("sysfs", "obsolete"),
	DENY("ustat", "obsolete; tells about file systems that are not mounted here"),
	DENY_IF("prctl", COMPARE_EQUAL32, 0, PR_SET_MM, "changes what the kernel shows as program, argv and environment"),
	DENY_IF("seccomp", COMPARE_ANY_BIT, 1, SECCOMP_FILTER_FLAG_NEW_LISTENER,
		"one process tree has one listener, and it is not the payload's to take"),
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
	DENY_IF("socket", COMPARE_PROTOCOL, 0, AF_NETLINK, "of netlink a payload needs NETLINK_ROUTE alone"),
	TYPE(SOCK_RAW, AF_INET, raw), TYPE(SOCK_RAW, AF_INET6, raw),
	TYPE(SOCK_PACKET, AF_INET, "the old way to a packet socket: the kernel changes the family"),
	/* By number and by type, since protocol 0 means what the type has. */
	PROTOCOL(PROTOCOL_SCTP, protocol), PROTOCOL(PROTOCOL_DCCP, protocol), PROTOCOL(PROTOCOL_L2TP, protocol),
	TYPE(SOCK_SEQPACKET, AF_INET, protocol), TYPE(SOCK_SEQPACKET, AF_INET6, protocol),
	TYPE(SOCK_DCCP, AF_INET, protocol), TYPE(SOCK_DCCP, AF_INET6, protocol),
	DENY_IF("socketpair", COMPARE_ABOVE, 0, AF_UNIX, "only UNIX makes pairs"),

	/* iptables, arptables, ebtables and IPVS count from 64, 96, 128 and 1152; 80 asks where a connection was to go. */
	NET_OPTION("setsockopt", SOL_IP, 64, ~63U), NET_OPTION("setsockopt", SOL_IP, 128, ~127U),
	NET_OPTION("setsockopt", SOL_IP, 1152, ~127U), NET_OPTION("setsockopt", SOL_IPV6, 64, ~1U),
	NET_OPTION("getsockopt", SOL_IP, 64, ~15U), NET_OPTION("getsockopt", SOL_IP, 96, ~31U),
	NET_OPTION("getsockopt", SOL_IP, 128, ~127U), NET_OPTION("getsockopt", SOL_IP, 1152, ~127U),
	NET_OPTION("getsockopt", SOL_IPV6, 64, ~1U), NET_OPTION("getsockopt", SOL_IPV6, 68, ~1U),
	/* IPsec policies of a socket; a connection made up. */
	NET_OPTION("setsockopt", SOL_IP, IP_IPSEC_POLICY, ~1U), NET_OPTION("setsockopt", SOL_IPV6, IPV6_IPSEC_POLICY, ~1U),
	NET_OPTION("setsockopt", IPPROTO_TCP, TCP_REPAIR, ~0U),
	/* Bridges, DLCI and VLAN, bonds, tunnels; what brings a device up. */
	NET_REQUEST(0x8940, ~1U), NET_REQUEST(0x8980, ~3U), NET_REQUEST(0x8990, ~7U), NET_REQUEST(0x89a0, ~3U),
	NET_REQUEST(0x89f0, ~15U), NET_REQUEST(SIOCSIFFLAGS, ~0U),

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

/* What the kernel, the loader and libc do for any program before its main() and after. */
static const char *const vital[] = {
	"execve",     "exit",   "exit_group", "rt_sigreturn", "brk",        "mmap",
	"mprotect",   "munmap", "openat",     "read",         "close",      "fstat",
	"newfstatat", "write",  "futex",      "pread64",      "arch_prctl", "set_tid_address",
};

bool seccomp_applies(const struct seccomp_rule *rule, unsigned relax)
{
	return !(rule->unless & relax) && (!rule->only || rule->only & relax);
}

bool seccomp_refuses(unsigned relax, const char *name)
{
	for (const struct seccomp_rule *rule = seccomp_base; rule->name; rule++)
		if (rule->compare == COMPARE_NONE && seccomp_applies(rule, relax) &&
		    strcmp(rule->name, name) == 0)
			return true;
	return false;
}

int seccomp_check_extra(const struct strv *extra, struct err *e)
{
	for (size_t i = 0; i < N_ELEMENTS(vital); i++)
		if (strv_has(extra, vital[i]))
			return err_set(e, EINVAL,
				       "blocked_syscalls: without '%s' no program can be started "
				       "or run; remove it from the list",
				       vital[i]);
	return 0;
}
