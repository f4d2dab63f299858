/* SPDX-License-Identifier: Apache-2.0 */
/*
 * --network nat on a host of our own making: a namespace in which every address there is leads to a canary that
 * listens on all of them. So whatever is not refused on its way out of the sandbox is seen to arrive, and where.
 * The control is the same pasta without what we add.
 */
#include "run/pasta.h"

#include <arpa/inet.h>
#include <dirent.h>
#include <errno.h>
#include <linux/if_addr.h>
#include <linux/if_tun.h>
#include <linux/nsfs.h>
#include <linux/rtnetlink.h>
#include <netinet/in.h>
#include <poll.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdlib.h>
#include <sys/ioctl.h>
#include <sys/mman.h>
#include <sys/stat.h>
#include <unistd.h>

#include <cmocka.h>

#include "base/auto.h"
#include "host/program.h"
#include "netns_child.h"
#include "run/listener.h"
#include "run/netlink.h"
#include "run/netns_join.h"
#include "spec/config.h"
#include "spec/net_sockaddr.h"

#define PORT 8099
#define DNS_PORT 53
#define PATIENCE_MS 10000
#define GATEWAY "192.168.77.1" /* of the host; pasta shows it to the sandbox as its own */
#define OWN_V4 "8.8.4.4"
#define OWN_V6 "2620:fe::fe"

static struct {
	const char *why_not; /* NULL: all tests run */
	const char *pasta;
	struct arena a;
	int canary4, canary6, dns;
} host = { .canary4 = -1, .canary6 = -1, .dns = -1 };

/* What somebody inside dials; one place for all, so that it is known there. */
static struct {
	char addr[NET_ADDR_SIZE];
	uint16_t port;
	int type;
} * wanted;

static struct net_addr addr_of(const char *text)
{
	struct net_addr addr;

	assert_int_equal(net_addr_parse(text, strlen(text), &addr), 0);
	return addr;
}

/* --- the host -------------------------------------------------------------------------- */

static size_t family_size(const struct net_addr *addr)
{
	return net_addr_is_v4(addr) ? 4 : 16;
}

static const uint8_t *family_octets(const struct net_addr *addr)
{
	return addr->octets + 16 - family_size(addr);
}

static uint8_t family(const struct net_addr *addr)
{
	return net_addr_is_v4(addr) ? AF_INET : AF_INET6;
}

/* Of the kind that pasta makes, as that is there in any case. Its other end is held, and read by nobody. */
static int add_link(int tun)
{
	struct ifreq request = { .ifr_name = "host0", .ifr_flags = IFF_TAP | IFF_NO_PI };
	auto_fd int fd = socket(AF_UNIX, SOCK_DGRAM | SOCK_CLOEXEC, 0);

	if (ioctl(tun, TUNSETIFF, &request) < 0)
		return -errno;
	request.ifr_flags = IFF_UP;
	return ioctl(fd, SIOCSIFFLAGS, &request) < 0 ? -errno : 0;
}

static int add_addr(const char *interface, const char *text, uint8_t bits)
{
	const struct net_addr addr = addr_of(text);
	const struct ifaddrmsg head = { .ifa_family = family(&addr),
					.ifa_prefixlen = bits,
					.ifa_flags = IFA_F_NODAD,
					.ifa_index = if_nametoindex(interface) };
	auto_netlink struct netlink nl = NETLINK_INIT;

	netlink_add(&nl, RTM_NEWADDR, NLM_F_CREATE | NLM_F_EXCL | NLM_F_ACK, &head, sizeof(head));
	netlink_attr(&nl, IFA_LOCAL, family_octets(&addr), family_size(&addr));
	netlink_attr(&nl, IFA_ADDRESS, family_octets(&addr), family_size(&addr));
	return netlink_send(&nl, NETLINK_ROUTE);
}

static int add_gateway(const char *text)
{
	const struct net_addr addr = addr_of(text);
	const struct rtmsg head = { .rtm_family = family(&addr),
				    .rtm_table = RT_TABLE_MAIN,
				    .rtm_protocol = RTPROT_STATIC,
				    .rtm_scope = RT_SCOPE_UNIVERSE,
				    .rtm_type = RTN_UNICAST };
	const uint32_t index = if_nametoindex("host0");
	auto_netlink struct netlink nl = NETLINK_INIT;

	netlink_add(&nl, RTM_NEWROUTE, NLM_F_CREATE | NLM_F_ACK, &head, sizeof(head));
	netlink_attr(&nl, RTA_GATEWAY, family_octets(&addr), family_size(&addr));
	netlink_attr(&nl, RTA_OIF, &index, sizeof(index));
	return netlink_send(&nl, NETLINK_ROUTE);
}

/* Addresses that lead to the canaries, though they are none of the host's. */
static int add_local(const char *text, uint8_t bits)
{
	const struct net_addr addr = addr_of(text);
	const struct rtmsg head = { .rtm_family = family(&addr),
				    .rtm_dst_len = bits,
				    .rtm_table = RT_TABLE_LOCAL,
				    .rtm_protocol = RTPROT_STATIC,
				    .rtm_scope = RT_SCOPE_HOST,
				    .rtm_type = RTN_LOCAL };
	const uint32_t lo = 1;
	auto_netlink struct netlink nl = NETLINK_INIT;

	netlink_add(&nl, RTM_NEWROUTE, NLM_F_CREATE | NLM_F_ACK, &head, sizeof(head));
	netlink_attr(&nl, RTA_DST, family_octets(&addr), family_size(&addr));
	netlink_attr(&nl, RTA_OIF, &lo, sizeof(lo));
	return netlink_send(&nl, NETLINK_ROUTE);
}

static const char *make_host(void)
{
	const struct net_addr any4 = { .octets = { [10] = 0xff, [11] = 0xff } };
	const struct net_addr any6 = { 0 };
	struct err e;
	int tun;

	if (program_find("pasta", &host.a, &host.pasta, &e) < 0)
		return "pasta is not installed (package passt)";
	if (netns_child_enter() < 0 || netns_child_up() < 0)
		return "this host makes no user or network namespaces";
	tun = open("/dev/net/tun",
		   O_RDWR | O_CLOEXEC); /* it belongs to the network that it is opened in */
	if (tun < 0)
		return "/dev/net/tun cannot be opened";
	if (add_link(tun) < 0)
		return "this kernel makes no tap interface";
	/* Halves: one route to all would be taken for the way to the internet. */
	if (add_addr("host0", "192.168.77.2", 24) < 0 || add_gateway(GATEWAY) < 0 ||
	    add_addr("lo", OWN_V4, 32) < 0 || add_addr("host0", "fd77::2", 64) < 0 ||
	    add_gateway("fd77::1") < 0 || add_addr("lo", OWN_V6, 128) < 0 ||
	    add_local("0.0.0.0", 1) < 0 || add_local("128.0.0.0", 1) < 0 ||
	    add_local("::", 1) < 0 || add_local("8000::", 1) < 0 || add_local(GATEWAY, 32) < 0)
		return "this kernel does not take the addresses of the host that is played";
	host.canary4 = listener_open(&any4, PORT, SOCK_STREAM);
	host.canary6 = listener_open(&any6, PORT, SOCK_STREAM);
	host.dns = listener_open(&any4, DNS_PORT, SOCK_DGRAM);
	return host.canary4 < 0 || host.canary6 < 0 || host.dns < 0 ? "no canary" : NULL;
}

/* --- the sandbox ----------------------------------------------------------------------- */

struct bench {
	struct netns_child inside;
	struct child pasta;
	struct err e;
};

/* As the payload would. 0: connected, or sent; else why not. */
static int dial(void *arg)
{
	const struct net_addr addr = addr_of(wanted->addr);
	const struct net_sockaddr a = net_sockaddr_make(&addr, wanted->port);
	const struct timeval limit = { .tv_sec = 3 };
	auto_fd int fd = socket(a.any.sa_family, wanted->type | SOCK_CLOEXEC, 0);

	(void)arg;
	(void)setsockopt(fd, SOL_SOCKET, SO_SNDTIMEO, &limit, sizeof(limit));
	if (fd < 0 || connect(fd, &a.any, a.len) < 0)
		return errno;
	for (int i = 0; i < 2 && wanted->type == SOCK_DGRAM; i++)
		if (send(fd, "q", 1, 0) < 0)
			return errno;
	return 0;
}

static int inside_dials(const struct bench *b, const char *addr, uint16_t port, int type)
{
	(void)snprintf(wanted->addr, sizeof(wanted->addr), "%s", addr);
	wanted->port = port;
	wanted->type = type;
	return netns_child_run(&b->inside, dial, NULL);
}

/* Where the host saw somebody arrive, or "nobody". */
static void who_came(char ret[static NET_ADDR_SIZE])
{
	struct pollfd p[] = { { .fd = host.canary4, .events = POLLIN },
			      { .fd = host.canary6, .events = POLLIN } };
	struct net_sockaddr at = { .len = sizeof(at.v6) };
	auto_fd int got = -1;

	(void)snprintf(ret, NET_ADDR_SIZE, "nobody");
	(void)poll(p, N_ELEMENTS(p), 0);
	for (size_t i = 0; i < N_ELEMENTS(p) && got < 0; i++)
		if (p[i].revents)
			got = accept4(p[i].fd, NULL, NULL, SOCK_CLOEXEC);
	if (got < 0 || getsockname(got, &at.any, &at.len) < 0)
		return;
	if (at.any.sa_family == AF_INET)
		(void)inet_ntop(AF_INET, &at.v4.sin_addr, ret, NET_ADDR_SIZE);
	else
		(void)inet_ntop(AF_INET6, &at.v6.sin6_addr, ret, NET_ADDR_SIZE);
}

static void arrives(const struct bench *b, const char *addr, const char *want)
{
	char came[NET_ADDR_SIZE];
	int r = inside_dials(b, addr, PORT, SOCK_STREAM);

	if (r != 0) {
		who_came(came);
		print_error("%s: %s; %s came\n", addr, strerror(r), came);
	}
	assert_int_equal(r, 0);
	who_came(came);
	assert_string_equal(came, want);
}

static void is_refused(const struct bench *b, const char *addr)
{
	char came[NET_ADDR_SIZE];
	int r = inside_dials(b, addr, PORT, SOCK_STREAM);

	if (r != ECONNREFUSED)
		print_error("%s: %s\n", addr, strerror(r));
	assert_int_equal(r, ECONNREFUSED);
	who_came(came);
	assert_string_equal(came, "nobody");
}

static void make_inside(struct bench *b)
{
	*b = (struct bench){ .pasta = CHILD_NONE };
	if (host.why_not) {
		print_message("[  SKIP  ] %s\n", host.why_not);
		skip();
	}
	assert_true(netns_child_start(&b->inside, 0));
}

static void start(struct bench *b, const struct spec_net *net)
{
	int r;

	make_inside(b);
	r = pasta_start(host.pasta, b->inside.pidfd, b->inside.pid, net, &b->pasta, &b->e);
	if (r < 0)
		print_error("%s\n", b->e.msg);
	assert_int_equal(r, 0);
}

static void end(struct bench *b)
{
	proc_end(&b->pasta);
	netns_child_end(&b->inside);
}

/* pasta with nothing of ours but the way it is started; in the foreground, and we kill it. */
static int bare_main(void *data)
{
	const struct bench *b = data;
	char netns[64];
	const char *const argv[] = { host.pasta, "-f", "--config-net", "--netns-only", "--netns",
				     netns,      NULL };

	(void)snprintf(netns, sizeof(netns), "/proc/%d/ns/net", b->inside.pid);
	if (netns_join_owner(b->inside.pidfd, b->inside.pid) < 0)
		return 1;
	(void)prctl(PR_SET_PDEATHSIG, SIGKILL);
	/* NOLINTNEXTLINE(performance-no-int-to-ptr): the one way to cast const away */
	(void)execv(host.pasta, (char **)(uintptr_t)argv);
	return 1;
}

/* As anybody would start it, which does not always succeed: it looks for the network at the wrong moment. */
static void start_bare(struct bench *b)
{
	int r = -1;

	make_inside(b);
	for (int attempt = 0; attempt < 5 && r != 0; attempt++) {
		assert_int_equal(proc_fork(bare_main, b, &b->inside.pidfd, 1, &b->pasta, &b->e), 0);
		for (int i = 0; i < 100 && r != 0; i++) {
			r = inside_dials(b, "1.2.3.4", PORT, SOCK_STREAM);
			(void)usleep(20000);
		}
		if (r != 0)
			proc_end(&b->pasta);
	}
	assert_int_equal(r, 0);
	(void)usleep(50000);
	for (;;) {
		char came[NET_ADDR_SIZE];

		who_came(came);
		if (strcmp(came, "nobody") == 0)
			break;
	}
}

/* --- what is held ---------------------------------------------------------------------- */

static const struct spec_net nat = { .mode = NETWORK_NAT };

/* One of each range; all of them arrive without the wall. */
static const char *const closed[] = {
	"10.0.0.1",
	"10.255.255.254",
	"100.64.0.1",
	"100.100.100.200",
	"168.63.129.16",
	"169.254.169.254",
	"169.254.170.2",
	"172.16.0.1",
	"172.31.255.254",
	"192.0.0.192",
	"192.0.2.1",
	"192.88.99.1",
	"192.168.0.1",
	"198.18.0.5",
	"198.51.100.1",
	"203.0.113.1",
	OWN_V4,
	OWN_V6,
	"fd00:ec2::254",
	"fd99::1",
	"fec0::1",
	"2001::1",
	"2001:db8::1",
	"2002:a00:1::1",
	"3fff::1",
	"100::1",
	"4000::1",
	"64:ff9b::a00:1",
	"64:ff9b::a9fe:a9fe",
	"64:ff9b::808:404",
	"64:ff9b:1::a00:1",
	"::10.0.0.1",
};

static const char *const open_to_all[] = {
	"1.2.3.4",        "9.255.255.255", "11.0.0.1",         "100.63.255.255", "100.128.0.1",
	"172.15.255.255", "172.32.0.1",    "192.167.0.1",      "223.255.255.1",  "8.8.4.5",
	"2606:4700::1",   "2001:200::1",   "64:ff9b::102:304",
};

static void the_public_internet_is_reached(void **state)
{
	struct bench b;

	(void)state;
	start(&b, &nat);
	for (size_t i = 0; i < N_ELEMENTS(open_to_all); i++)
		arrives(&b, open_to_all[i], open_to_all[i]);
	end(&b);
}

static void all_else_is_refused(void **state)
{
	struct bench b;

	(void)state;
	start(&b, &nat);
	for (size_t i = 0; i < N_ELEMENTS(closed); i++)
		is_refused(&b, closed[i]);
	is_refused(&b, GATEWAY);
	is_refused(&b, "127.0.0.1");
	is_refused(&b, "192.168.77.2");
	end(&b);
}

static void without_the_wall_it_arrives(void **state)
{
	struct bench b;

	(void)state;
	start_bare(&b);
	for (size_t i = 0; i < N_ELEMENTS(closed); i++)
		arrives(&b, closed[i], closed[i]);
	arrives(&b, GATEWAY, "127.0.0.1"); /* the host's loopback */
	end(&b);
}

/* Everything that the table of addresses calls special, not only one of each. */
static void the_wall_knows_what_the_table_knows(void **state)
{
	static const uint8_t thick[] = { 10, 100, 169, 172, 192, 198, 203, 0,   1,   18,
					 19, 31,  51,  64,  88,  127, 168, 254, 255, 175 };
	unsigned n_special = 0;
	struct bench b;

	(void)state;
	start(&b, &nat);
	srandom(7);
	for (int i = 0; i < 300; i++) {
		struct net_addr addr = { .octets = { [10] = 0xff, [11] = 0xff } };
		char text[NET_ADDR_SIZE];

		for (size_t o = 12; o < 16; o++)
			addr.octets[o] = (uint8_t)random();
		/* Half of them where the ranges are thick; multicast is no matter of a connection. */
		if (i % 2) {
			addr.octets[12] = thick[(size_t)random() % N_ELEMENTS(thick)];
			addr.octets[13] = thick[(size_t)random() % N_ELEMENTS(thick)];
		}
		if (addr.octets[12] == 0 || addr.octets[12] >= 224)
			continue;
		net_addr_print(&addr, text);
		if (!net_addr_special(&addr)) {
			arrives(&b, text, text);
			continue;
		}
		is_refused(&b, text);
		n_special++;
	}
	assert_true(n_special > 10);
	end(&b);
}

/* An answer that says so, at once, and no silence. */
static void datagrams_are_refused_as_well(void **state)
{
	struct bench b;
	int r;

	(void)state;
	start(&b, &nat);
	r = inside_dials(&b, "10.0.0.1", DNS_PORT, SOCK_DGRAM);
	assert_true(r == EHOSTUNREACH || r == EACCES || r == EPERM || r == ECONNREFUSED);
	r = inside_dials(&b, "fd99::1", DNS_PORT, SOCK_DGRAM);
	assert_true(r == EHOSTUNREACH || r == EACCES || r == EPERM || r == ECONNREFUSED);
	end(&b);
}

static void a_hole_is_as_wide_as_it_says(void **state)
{
	struct net_hole holes[] = {
		{ .addr = addr_of("10.1.2.0"), .bits = 96 + 24, .first = PORT, .last = PORT },
		{ .addr = addr_of("fd99::5"), .bits = 128, .first = PORT - 1, .last = PORT + 1 },
		{ .addr = addr_of("10.3.3.3"), .bits = 128, .first = 1, .last = PORT - 1 },
		{ .addr = addr_of(OWN_V4), .bits = 128, .first = PORT, .last = PORT },
		{ .addr = addr_of(GATEWAY), .bits = 128, .first = PORT, .last = PORT },
	};
	const struct spec_net net = { .mode = NETWORK_NAT,
				      .holes = holes,
				      .n_holes = N_ELEMENTS(holes) };
	struct bench b;

	(void)state;
	start(&b, &net);
	arrives(&b, "10.1.2.3", "10.1.2.3");
	arrives(&b, "fd99::5", "fd99::5");
	arrives(&b, OWN_V4, OWN_V4);
	arrives(&b, GATEWAY, GATEWAY); /* and not, as it would by default, at the host's loopback */
	is_refused(&b, "10.1.3.3");
	is_refused(&b, "fd99::6");
	is_refused(&b, "10.3.3.3");
	assert_int_equal(inside_dials(&b, "10.1.2.3", PORT + 1, SOCK_STREAM), ECONNREFUSED);
	end(&b);
}

static void names_are_asked_for_at_one_address(void **state)
{
	struct pollfd p = { .fd = host.dns, .events = POLLIN };
	char query[8];
	struct bench b;

	(void)state;
	start(&b, &nat);
	assert_int_equal(inside_dials(&b, NET_NAT_DNS, DNS_PORT, SOCK_DGRAM), 0);
	assert_int_equal(poll(&p, 1, PATIENCE_MS), 1);
	assert_int_equal(recv(host.dns, query, sizeof(query), 0), 1);
	assert_int_equal(inside_dials(&b, NET_NAT_DNS, PORT, SOCK_STREAM), ECONNREFUSED);
	end(&b);
}

/* --- how it ends ----------------------------------------------------------------------- */

/* How many of them are in the user namespace that owns the network of @b; the last one in *ret_pid. */
/* By its user namespace. */
static bool is_pasta_of(const char *pid, ino_t user)
{
	char path[300];
	char line[1024] = "";
	auto_fd int fd = -1;
	struct stat st;
	ssize_t len;

	(void)snprintf(path, sizeof(path), "/proc/%s/cmdline", pid);
	fd = open(path, O_RDONLY | O_CLOEXEC);
	len = fd < 0 ? 0 : read(fd, line, sizeof(line));
	if (len <= 0 || !memmem(line, (size_t)len, "--netns-only", strlen("--netns-only")))
		return false;
	(void)snprintf(path, sizeof(path), "/proc/%s/ns/user", pid);
	return stat(path, &st) == 0 && st.st_ino == user;
}

static int count_pasta(const struct bench *b, pid_t *ret_pid)
{
	DIR *dir = opendir("/proc");
	struct dirent *d;
	char path[64];
	auto_fd int net = -1;
	auto_fd int user = -1;
	struct stat st;
	int n = 0;

	assert_non_null(dir);
	(void)snprintf(path, sizeof(path), "/proc/%d/ns/net", b->inside.pid);
	net = open(path, O_RDONLY | O_CLOEXEC);
	user = ioctl(net, NS_GET_USERNS);
	assert_int_equal(fstat(user, &st), 0);
	while ((d = readdir(dir))) {
		if (!is_pasta_of(d->d_name, st.st_ino))
			continue;
		n++;
		*ret_pid = (pid_t)strtol(d->d_name, NULL, 10);
	}
	(void)closedir(dir);
	return n;
}

static void pasta_is_gone(const struct bench *b)
{
	pid_t pid;

	for (int i = 0; i < PATIENCE_MS / 10 && count_pasta(b, &pid) > 0; i++)
		(void)usleep(10000);
	assert_int_equal(count_pasta(b, &pid), 0);
}

static pid_t child_of(pid_t pid)
{
	char path[64];
	char text[32] = "";
	auto_fd int fd = -1;

	(void)snprintf(path, sizeof(path), "/proc/%d/task/%d/children", pid, pid);
	fd = open(path, O_RDONLY | O_CLOEXEC);
	assert_true(fd >= 0 && read(fd, text, sizeof(text) - 1) > 0);
	return (pid_t)strtol(text, NULL, 10);
}

/* In a process of its own, which is killed: what the keeper started must not outlive it. */
static void it_ends_with_its_starter(void **state)
{
	struct bench b;
	pid_t starter, pid;
	int pair[2];
	int r = -1;

	(void)state;
	make_inside(&b);
	assert_int_equal(pipe2(pair, O_CLOEXEC), 0);
	starter = fork();
	assert_true(starter >= 0);
	if (starter == 0) {
		(void)prctl(PR_SET_PDEATHSIG, SIGKILL);
		r = pasta_start(host.pasta, b.inside.pidfd, b.inside.pid, &nat, &b.pasta, &b.e);
		(void)!write(pair[1], &r, sizeof(r));
		for (;;)
			(void)pause();
	}
	assert_int_equal(read(pair[0], &r, sizeof(r)), sizeof(r));
	assert_int_equal(r, 0);
	assert_int_equal(count_pasta(&b, &pid), 1);
	(void)kill(starter, SIGKILL);
	(void)waitpid(starter, NULL, 0);
	pasta_is_gone(&b);
	(void)close(pair[0]);
	(void)close(pair[1]);
	end(&b);
}

enum { KILL_HOLDER, KILL_INIT, KILL_PASTA, N_KILLS };

/* Whichever of its processes is killed: all go, and whoever holds it hears of it. */
static void it_ends_with_each_of_its_processes(void **state)
{
	(void)state;
	for (int which = 0; which < N_KILLS; which++) {
		struct bench b;
		struct pollfd p;
		pid_t pids[N_KILLS];

		start(&b, &nat);
		pids[KILL_HOLDER] = b.pasta.pid;
		pids[KILL_INIT] = child_of(b.pasta.pid);
		assert_int_equal(count_pasta(&b, &pids[KILL_PASTA]), 1);
		assert_int_equal(kill(pids[which], SIGKILL), 0);
		p = (struct pollfd){ .fd = b.pasta.pidfd, .events = POLLIN };
		assert_int_equal(poll(&p, 1, PATIENCE_MS), 1);
		pasta_is_gone(&b);
		end(&b);
	}
}

static void proc_end_ends_it(void **state)
{
	struct bench b;
	pid_t pid;

	(void)state;
	start(&b, &nat);
	assert_int_equal(count_pasta(&b, &pid), 1);
	proc_end(&b.pasta);
	pasta_is_gone(&b);
	end(&b);
}

static void what_pasta_says_is_told(void **state)
{
	struct bench b;
	pid_t pid;

	(void)state;
	make_inside(&b);
	assert_int_equal(
		pasta_start("/bin/false", b.inside.pidfd, b.inside.pid, &nat, &b.pasta, &b.e),
		-EIO);
	assert_string_equal(b.e.msg,
			    "/bin/false gives the sandbox no network: it does not say why; connect "
			    "this machine to a network, or start with --network none or --network "
			    "host");
	assert_int_equal(b.pasta.pid, 0);
	assert_int_equal(count_pasta(&b, &pid), 0);
	end(&b);
	make_inside(&b);
	assert_int_equal(pasta_start("/nonexistent/pasta", b.inside.pidfd, b.inside.pid, &nat,
				     &b.pasta, &b.e),
			 -ENOENT);
	assert_string_equal(b.e.msg,
			    "cannot start pasta for --network nat: /nonexistent/pasta: cannot "
			    "execute: No such file or directory; start with --network none or "
			    "--network host");
	end(&b);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(the_public_internet_is_reached),
		cmocka_unit_test(all_else_is_refused),
		cmocka_unit_test(without_the_wall_it_arrives),
		cmocka_unit_test(the_wall_knows_what_the_table_knows),
		cmocka_unit_test(datagrams_are_refused_as_well),
		cmocka_unit_test(a_hole_is_as_wide_as_it_says),
		cmocka_unit_test(names_are_asked_for_at_one_address),
		cmocka_unit_test(it_ends_with_its_starter),
		cmocka_unit_test(it_ends_with_each_of_its_processes),
		cmocka_unit_test(proc_end_ends_it),
		cmocka_unit_test(what_pasta_says_is_told),
	};
	int r;

	wanted = mmap(NULL, sizeof(*wanted), PROT_READ | PROT_WRITE, MAP_SHARED | MAP_ANONYMOUS, -1,
		      0);
	if (wanted == MAP_FAILED)
		return 1;
	host.why_not = make_host();
	r = cmocka_run_group_tests(tests, NULL, NULL);
	arena_done(&host.a);
	return r;
}
