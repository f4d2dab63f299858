/* SPDX-License-Identifier: Apache-2.0 */
/*
 * N-07: what the root of namespaces does that anybody may make, where a browser may: the kernel's packet filters,
 * queues, devices and mounts. Each attack runs in a child in a user, pid and network namespace of its own.
 */
#include <fcntl.h>
#include <linux/if_link.h>
#include <linux/netfilter/nf_tables.h>
#include <linux/netfilter/nfnetlink.h>
#include <linux/pkt_sched.h>
#include <linux/rtnetlink.h>
#include <linux/sockios.h>
#include <net/if.h>
#include <netinet/in.h>
#include <sched.h>
#include <signal.h>
#include <stdlib.h>
#include <string.h>
#include <sys/ioctl.h>
#include <sys/mount.h>
#include <sys/socket.h>
#include <sys/syscall.h>
#include <sys/wait.h>
#include <unistd.h>

#include "probe/probe.h"

#define BROWSERS (CLONE_NEWUSER | CLONE_NEWPID | CLONE_NEWNET)
#define SO_SET_REPLACE 64 /* linux/netfilter_ipv4/ip_tables.h, which includes more than it needs */
#define MANY 300

/* Requests to the kernel, one after another in a buffer. */
struct letter {
	union {
		struct nlmsghdr head;
		char bytes[512];
	};
	size_t len;
	size_t last; /* where the last one begins */
};

static void begin(struct letter *l, unsigned type, unsigned flags, const void *body, size_t size)
{
	struct nlmsghdr head = { .nlmsg_len = (uint32_t)NLMSG_LENGTH(size),
				 .nlmsg_type = (uint16_t)type,
				 .nlmsg_flags = (uint16_t)(NLM_F_REQUEST | flags) };

	l->last = l->len;
	memcpy(l->bytes + l->len, &head, sizeof(head));
	memcpy(l->bytes + l->len + NLMSG_HDRLEN, body, size);
	l->len += NLMSG_SPACE(size);
}

static void add_string(struct letter *l, unsigned type, const char *text)
{
	size_t size = strlen(text) + 1;
	struct rtattr attr = { .rta_len = (uint16_t)RTA_LENGTH(size), .rta_type = (uint16_t)type };
	uint32_t whole;

	memcpy(l->bytes + l->len, &attr, sizeof(attr));
	memcpy(l->bytes + l->len + RTA_LENGTH(0), text, size);
	l->len += RTA_SPACE(size);
	whole = (uint32_t)(l->len - l->last);
	memcpy(l->bytes + l->last, &whole, sizeof(whole));
}

/* The kernel's answer to the one that asked for it. */
static struct verdict post(int protocol, const struct letter *l)
{
	int fd = socket(AF_NETLINK, SOCK_RAW | SOCK_CLOEXEC, protocol);
	union {
		struct nlmsghdr head;
		char bytes[1024];
	} reply = { 0 };
	int error;

	if (fd < 0 || send(fd, l->bytes, l->len, 0) < 0 ||
	    recv(fd, reply.bytes, sizeof(reply.bytes), 0) < (ssize_t)NLMSG_LENGTH(sizeof(error)))
		return refused(errno);
	if (reply.head.nlmsg_type != NLMSG_ERROR)
		return cannot("the kernel's answer is none");
	memcpy(&error, NLMSG_DATA(&reply.head), sizeof(error));
	return error ? refused(-error) : done();
}

static struct verdict link_up(const struct attempt *at)
{
	const struct ifinfomsg info = { .ifi_index = 1, .ifi_flags = IFF_UP, .ifi_change = IFF_UP };
	struct letter l = { .len = 0 };

	(void)at;
	begin(&l, RTM_NEWLINK, NLM_F_ACK, &info, sizeof(info));
	return post(NETLINK_ROUTE, &l);
}

static struct verdict queue(const struct attempt *at)
{
	const struct tcmsg info = { .tcm_ifindex = 1,
				    .tcm_handle = 0x10000,
				    .tcm_parent = TC_H_ROOT };
	struct letter l = { .len = 0 };

	(void)at;
	begin(&l, RTM_NEWQDISC, NLM_F_ACK | NLM_F_CREATE, &info, sizeof(info));
	add_string(&l, TCA_KIND, "pfifo");
	return post(NETLINK_ROUTE, &l);
}

static struct verdict table(const struct attempt *at)
{
	const struct nfgenmsg batch = { .nfgen_family = AF_UNSPEC,
					.res_id = htons(NFNL_SUBSYS_NFTABLES) };
	const struct nfgenmsg info = { .nfgen_family = AF_INET };
	struct letter l = { .len = 0 };

	(void)at;
	begin(&l, NFNL_MSG_BATCH_BEGIN, 0, &batch, sizeof(batch));
	begin(&l, NFNL_SUBSYS_NFTABLES << 8 | NFT_MSG_NEWTABLE, NLM_F_ACK | NLM_F_CREATE, &info,
	      sizeof(info));
	add_string(&l, NFTA_TABLE_NAME, "csb");
	begin(&l, NFNL_MSG_BATCH_END, 0, &batch, sizeof(batch));
	return post(NETLINK_NETFILTER, &l);
}

/* Too short on purpose, which the kernel finds when it has asked for the right to it. */
static struct verdict replace(const struct attempt *at)
{
	int family = (int)at->attack->value;
	int fd = socket(family, SOCK_STREAM | SOCK_CLOEXEC, 0);
	long r = setsockopt(fd, family == AF_INET ? SOL_IP : SOL_IPV6, SO_SET_REPLACE, "", 1);

	if (r < 0 && errno == ENOPROTOOPT)
		return cannot("this kernel has no iptables");
	return reached(r);
}

static struct verdict bridge(const struct attempt *at)
{
	(void)at;
	return by_result(ioctl(socket(AF_INET, SOCK_DGRAM | SOCK_CLOEXEC, 0), SIOCBRADDBR, "csb0"));
}

static struct verdict flags(const struct attempt *at)
{
	struct ifreq ask = { .ifr_name = "lo", .ifr_flags = IFF_UP };

	(void)at;
	return by_result(ioctl(socket(AF_INET, SOCK_DGRAM | SOCK_CLOEXEC, 0), SIOCSIFFLAGS, &ask));
}

static struct verdict parameter(const struct attempt *at)
{
	int fd = open("/proc/sys/net/ipv4/ip_forward", O_WRONLY | O_CLOEXEC);

	(void)at;
	return fd < 0 ? refused(errno) : by_result(write(fd, "1", 1));
}

static struct verdict packet(const struct attempt *at)
{
	(void)at;
	return by_result(socket(AF_PACKET, SOCK_RAW | SOCK_CLOEXEC, 0));
}

/* args: where to. */
static struct verdict mount_kind(const struct attempt *at)
{
	static const char *const kinds[] = { "tmpfs", "proc", "overlay" };
	const char *kind = kinds[at->attack->value];
	const char *data = strcmp(kind, "overlay") == 0 ? "lowerdir=/usr/bin:/usr/lib" : NULL;

	if (unshare(CLONE_NEWNS) < 0)
		return refused(errno);
	return by_result(mount("none", at->args[0], kind, 0, data));
}

static struct verdict begin_mount(const struct attempt *at)
{
	(void)at;
	if (unshare(CLONE_NEWNS) < 0)
		return refused(errno);
	return by_result(syscall(SYS_fsopen, "tmpfs", 0));
}

static struct verdict enter(const struct attempt *at)
{
	int fd = open("/proc/self/ns/net", O_RDONLY | O_CLOEXEC);

	(void)at;
	return fd < 0 ? refused(errno) : by_result(setns(fd, CLONE_NEWNET));
}

/* Namespaces of the other kinds, which no browser makes. */
static struct verdict others(const struct attempt *at)
{
	static const int kinds[] = { CLONE_NEWNS, CLONE_NEWUTS, CLONE_NEWIPC, CLONE_NEWCGROUP,
				     CLONE_NEWTIME };

	(void)at;
	for (size_t i = 0; i < sizeof(kinds) / sizeof(kinds[0]); i++) {
		if (unshare(kinds[i]) == 0)
			return done();
		if (errno != EPERM)
			return refused(errno);
	}
	return refused(EPERM);
}

/* The old way out of a changed root: keep a directory, change the root, go up. args: a file outside. */
static struct verdict way_out(const struct attempt *at)
{
	int dir = open("/", O_RDONLY | O_DIRECTORY | O_CLOEXEC);
	int fd;

	if (dir < 0 || chroot("/proc") < 0 || fchdir(dir) < 0 || chdir("../../..") < 0 ||
	    chroot(".") < 0)
		return refused(errno);
	fd = open(at->args[0], O_RDONLY | O_CLOEXEC);
	return by_result(fd);
}

static attack_fn *const inner[] = { link_up, queue,   table,      replace,     bridge,
				    flags,   packet,  mount_kind, begin_mount, enter,
				    others,  way_out, parameter };

/* Of a row: whose function, and what that is told. */
#define INNER(index, value) ((index) << 8 | (value))

static long make(unsigned long flags)
{
	return syscall(SYS_clone, flags | SIGCHLD, NULL, NULL, NULL, 0);
}

static struct verdict nested(const struct attempt *at)
{
	struct attack told = *at->attack;
	const struct attempt in = { .attack = &told, .args = at->args, .caller = at->caller };
	struct verdict v = { .kind = VERDICT_CANNOT, .why = "no answer from the namespace" };
	const unsigned uid = geteuid(), gid = getegid();
	int answer[2];
	long pid;

	told.value &= 0xff;
	if (pipe(answer) < 0)
		return cannot("no pipe");
	pid = make(BROWSERS);
	if (pid < 0)
		return refused(errno);
	if (pid == 0) {
		/* Capabilities need no name for their owner; and root's is not given away since Linux 5.12. */
		(void)namespace_map_root(uid, gid);
		v = inner[at->attack->value >> 8](&in);
		_exit(write(answer[1], &v, sizeof(v)) == sizeof(v) ? 0 : 1);
	}
	(void)close(answer[1]);
	(void)!read(answer[0], &v, sizeof(v));
	(void)waitpid((pid_t)pid, NULL, 0);
	return v;
}

/* Each lives until all are there. */
static struct verdict many(const struct attempt *at)
{
	struct verdict v = done();
	pid_t made[MANY];
	int n = 0;

	(void)at;
	for (; n < MANY; n++) {
		made[n] = (pid_t)make(CLONE_NEWUSER);
		if (made[n] == 0) {
			(void)pause();
			_exit(0);
		}
		if (made[n] < 0) {
			v = refused(errno);
			break;
		}
	}
	while (n-- > 0) {
		(void)kill(made[n], SIGKILL);
		(void)waitpid(made[n], NULL, 0);
	}
	return v;
}

/* clang-format off */
#define NESTED(letter, name, text, index, value, n) { "N-07n" letter, "nested-" name, "root of own namespaces: " text, nested, INNER(index, value), n, true }
const struct attack nested_attacks[] = {
	NESTED("a", "link", "brings a device up by netlink", 0, 0, 0),
	NESTED("b", "queue", "gives a device a queue (tc)", 1, 0, 0),
	NESTED("c", "nft", "makes a table of nftables", 2, 0, 0),
	NESTED("d", "iptables", "replaces the rules of iptables", 3, AF_INET, 0),
	NESTED("e", "ip6tables", "replaces those of ip6tables", 3, AF_INET6, 0),
	NESTED("f", "bridge", "makes a bridge", 4, 0, 0),
	NESTED("g", "flags", "brings a device up by ioctl", 5, 0, 0),
	NESTED("h", "packet", "opens a raw packet socket", 6, 0, 0),
	NESTED("i", "tmpfs", "mounts a tmpfs", 7, 0, 1),
	NESTED("j", "proc", "mounts a /proc of its own", 7, 1, 1),
	NESTED("k", "overlay", "mounts an overlay", 7, 2, 1),
	NESTED("l", "fsopen", "begins a new file system", 8, 0, 0),
	NESTED("m", "setns", "enters a namespace", 9, 0, 0),
	NESTED("n", "others", "makes namespaces of other kinds", 10, 0, 0),
	NESTED("o", "chroot", "leaves by a changed root", 11, 0, 1),
	NESTED("p", "sysctl", "sets a parameter of the network", 12, 0, 0),
	{ "N-07nq", "nested-many", "makes hundreds of user namespaces", many, 0, 0, true },
	{ .name = NULL },
};
/* clang-format on */
