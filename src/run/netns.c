/* SPDX-License-Identifier: Apache-2.0 */
/*
 * A child enters, works and ends; what it opened comes back over a socket, in one message with how it went.
 * The order is that of need: an address to listen on is there once the loopback is up, and the redirect comes
 * before anybody inside can connect, because the keeper sends no job until all of this is done.
 */
#include "run/netns.h"

#include <errno.h>
#include <fcntl.h>
#include <linux/rtnetlink.h>
#include <stdbool.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <unistd.h>

#include "base/auto.h"
#include "base/packet.h"
#include "base/proc.h"
#include "run/listener.h"
#include "run/netlink.h"
#include "run/netns_join.h"
#include "run/nft.h"
#include "spec/net_sockaddr.h"

#define LOOPBACK_INDEX 1
#define OTHER_MODE "start with --network none or --network host"

enum step {
	STEP_HOST,
	STEP_JOIN,
	STEP_LOOPBACK,
	STEP_ROUTE,
	STEP_REDIRECT,
	STEP_LISTEN,
	STEP_WALL,
	STEP_SEND,
	N_STEPS
};

#define BIT(step) (1U << (step))
#define TO_OPEN                                                                       \
	(BIT(STEP_JOIN) | BIT(STEP_LOOPBACK) | BIT(STEP_ROUTE) | BIT(STEP_REDIRECT) | \
	 BIT(STEP_LISTEN))
#define TO_WALL (BIT(STEP_HOST) | BIT(STEP_JOIN) | BIT(STEP_LOOPBACK) | BIT(STEP_WALL))

static const char *const steps[N_STEPS] = {
	[STEP_HOST] = "list the host's own addresses",
	[STEP_JOIN] = "enter its network namespace",
	[STEP_LOOPBACK] = "wait for its loopback interface",
	[STEP_ROUTE] = "add a route to its loopback interface",
	[STEP_REDIRECT] = "redirect its connections",
	[STEP_LISTEN] = "listen inside",
	[STEP_WALL] = "close it to the host's own networks",
	[STEP_SEND] = "hand over its sockets",
};

/* How it went, as it comes back; with the sockets that were opened, in their order. */
struct report {
	enum step step;
	int code;         /* 0: all done; a positive errno */
	size_t which;     /* STEP_LISTEN: the listener */
	uint64_t missing; /* a bit for each that this kernel has no addresses for */
};

_Static_assert(NETNS_MAX_LISTENS <= 64, "a bit for each");

struct work {
	int pidfd;
	pid_t pid;
	const struct spec_net *net;
	unsigned todo; /* a bit for each step */
	int to_parent;
	struct net_prefix own[OWN_ADDRS_MAX];
	size_t n_own;
	int fds[NETNS_MAX_LISTENS];
	size_t n_fds;
	struct report report;
};

static int add_routes(struct work *w)
{
	auto_netlink struct netlink nl = NETLINK_INIT;
	const int lo = LOOPBACK_INDEX;

	for (size_t i = 0; i < w->net->n_routes; i++) {
		const struct net_route *route = &w->net->routes[i];
		const struct rtmsg head = { .rtm_family = AF_INET,
					    .rtm_dst_len = (uint8_t)route->bits,
					    .rtm_table = RT_TABLE_LOCAL,
					    .rtm_protocol = RTPROT_STATIC,
					    .rtm_scope = RT_SCOPE_HOST,
					    .rtm_type = RTN_LOCAL };

		netlink_add(&nl, RTM_NEWROUTE, NLM_F_CREATE | NLM_F_REPLACE | NLM_F_ACK, &head,
			    sizeof(head));
		netlink_attr(&nl, RTA_DST, route->addr.octets + 12, 4);
		netlink_attr(&nl, RTA_OIF, &lo, sizeof(lo));
	}
	return w->net->n_routes ? netlink_send(&nl, NETLINK_ROUTE) : 0;
}

static int redirect(struct work *w)
{
	return w->net->n_routes ? nft_redirect(w->net) : 0;
}

static bool lacks_ipv6(const struct net_listen *l, int code)
{
	return !net_addr_is_v4(&l->addr) && (code == -EAFNOSUPPORT || code == -EADDRNOTAVAIL);
}

static int listen_all(struct work *w)
{
	for (size_t i = 0; i < w->net->n_listens; i++) {
		const struct net_listen *l = &w->net->listens[i];
		int fd = listener_open(&l->addr, l->port,
				       l->kind == NET_LISTEN_DNS ? SOCK_DGRAM : SOCK_STREAM);

		w->report.which = i;
		if (fd >= 0)
			w->fds[w->n_fds++] = fd;
		else if (lacks_ipv6(l, fd))
			w->report.missing |= UINT64_C(1) << i;
		else
			return fd;
	}
	return 0;
}

static int join(struct work *w)
{
	return netns_join(w->pidfd, w->pid);
}

static int await_loopback(struct work *w)
{
	return netns_await_loopback(w->pidfd);
}

/* While this is the host's network still. */
static int read_host(struct work *w)
{
	return own_addrs_read(w->own, &w->n_own);
}

/*
 * The one neighbour is pasta, who takes nobody's address. Without this an IPv6 address is looked for on the link
 * for a second or two first, and until then it is not used (pasta gave it that flag later than 2023). Best effort:
 * IPv6 comes late then, or there is none.
 */
static void trust_neighbours(void)
{
	auto_fd int fd = open("/proc/sys/net/ipv6/conf/default/accept_dad", O_WRONLY | O_CLOEXEC);

	if (fd >= 0)
		(void)!write(fd, "0", 1);
}

static int raise_wall(struct work *w)
{
	trust_neighbours();
	return nft_wall(w->net, w->own, w->n_own);
}

/* If nobody hears it, nobody is left. */
static int send_report(const struct work *w)
{
	return packet_send(w->to_parent, &w->report, sizeof(w->report), w->fds, w->n_fds);
}

/* Descriptors close by themselves: this process does nothing else. */
static int child_main(void *data)
{
	static int (*const work[])(struct work * w) = {
		[STEP_HOST] = read_host,          [STEP_JOIN] = join,
		[STEP_LOOPBACK] = await_loopback, [STEP_ROUTE] = add_routes,
		[STEP_REDIRECT] = redirect,       [STEP_LISTEN] = listen_all,
		[STEP_WALL] = raise_wall,
	};
	struct work *w = data;
	int r = 0;

	for (enum step step = STEP_HOST; step < STEP_SEND && r == 0; step++) {
		if (!(w->todo & BIT(step)))
			continue;
		w->report.step = step;
		r = work[step](w);
	}
	w->report.code = -r;
	if (r < 0)
		w->n_fds = 0;
	r = send_report(w);
	if (r < 0 && w->n_fds > 0) {
		w->report.step = STEP_SEND;
		w->report.code = -r;
		w->n_fds = 0;
		r = send_report(w);
	}
	return r < 0;
}

/* Which fds came is told by what came, and never by what the report says. */
static int read_report(struct work *w, int from_child, struct err *e)
{
	ssize_t n = packet_recv(from_child, &w->report, sizeof(w->report), w->fds,
				N_ELEMENTS(w->fds), &w->n_fds);

	if (n < 0 && n != -EBADMSG)
		return err_set(e, (int)-n, "cannot hear of the sandbox's network: %s",
			       strerrordesc_np((int)-n));
	if (n == (ssize_t)sizeof(w->report))
		return 0;
	return err_set(e, EPROTO,
		       "the process that readies the sandbox's network ended early: try again, "
		       "or " OTHER_MODE);
}

static bool is_no_nft(int code)
{
	return code == ENOENT || code == EOPNOTSUPP || code == EPROTONOSUPPORT ||
	       code == EAFNOSUPPORT;
}

static int explain_listen(const struct net_listen *l, int code, struct err *e)
{
	char where[NET_SOCKADDR_SIZE];

	net_sockaddr_print(&l->addr, l->port, where);
	return err_set(
		e, code,
		"cannot ready the sandbox's network: cannot listen on %s inside: %s; " OTHER_MODE,
		where, strerrordesc_np(code));
}

static int explain(const struct work *w, struct err *e)
{
	const struct report *report = &w->report;
	const char *why = strerrordesc_np(report->code);
	bool is_rule = report->step == STEP_REDIRECT || report->step == STEP_WALL;

	if (report->code == ESRCH && report->step <= STEP_LOOPBACK)
		return err_set(e, ESRCH,
			       "the sandbox ended before its network was ready: try again");
	if (is_rule && is_no_nft(report->code))
		return err_set(
			e, report->code,
			"the kernel has no packet rules for the sandbox (%s): as root, modprobe "
			"%s; or " OTHER_MODE,
			why,
			report->step == STEP_WALL ? "nf_tables nft_reject_inet"
						  : "nft_chain_nat nft_redir");
	if (report->code == E2BIG)
		return err_set(e, E2BIG,
			       "the sandbox's network has too many rules: allow fewer local hosts, "
			       "or " OTHER_MODE);
	if (report->step == STEP_LISTEN && report->which < w->net->n_listens)
		return explain_listen(&w->net->listens[report->which], report->code, e);
	return err_set(e, report->code,
		       "cannot ready the sandbox's network: cannot %s: %s; " OTHER_MODE,
		       report->step < N_STEPS ? steps[report->step] : "go on", why);
}

/* A socket for each listener, and -1 for those that are missing. */
static int give_fds(struct work *w, int *ret_fds, struct err *e)
{
	size_t n_missing = (size_t)__builtin_popcountll(w->report.missing);
	size_t n = 0;

	if (w->n_fds + n_missing != w->net->n_listens)
		return err_set(e, EPROTO,
			       "cannot ready the sandbox's network: %zu of %zu sockets came; try "
			       "again, or " OTHER_MODE,
			       w->n_fds, w->net->n_listens);
	for (size_t i = 0; i < w->net->n_listens; i++)
		ret_fds[i] = w->report.missing >> i & 1 ? -1 : take_fd(&w->fds[n++]);
	return 0;
}

static int run_child(struct work *w, struct err *e)
{
	auto_child struct child child = CHILD_NONE;
	auto_fd int from_child = -1;
	int keep[2];
	int pair[2];
	int r;

	if (socketpair(AF_UNIX, SOCK_SEQPACKET | SOCK_CLOEXEC, 0, pair) < 0)
		return err_sys(e, "make a socket pair");
	from_child = pair[0];
	w->to_parent = pair[1];
	keep[0] = w->pidfd;
	keep[1] = w->to_parent;
	r = proc_fork(child_main, w, keep, N_ELEMENTS(keep), &child, e);
	close_fd(&w->to_parent); /* else its end could not be told */
	return r < 0 ? r : read_report(w, from_child, e);
}

int netns_open(int pidfd, pid_t pid, const struct spec_net *net, int *ret_fds, struct err *e)
{
	struct work w = { .pidfd = pidfd, .pid = pid, .net = net, .todo = TO_OPEN };
	int r;

	if (net->n_listens == 0 && net->n_routes == 0)
		return 0;
	if (net->n_listens > NETNS_MAX_LISTENS)
		return err_set(e, E2BIG,
			       "the sandbox's network has %zu places to listen at, and %d is the "
			       "most: name fewer services of the host",
			       net->n_listens, NETNS_MAX_LISTENS);
	r = run_child(&w, e);
	if (r == 0)
		r = w.report.code ? explain(&w, e) : give_fds(&w, ret_fds, e);
	for (size_t i = 0; r < 0 && i < w.n_fds; i++)
		close_fd(&w.fds[i]);
	return r;
}

int netns_wall(int pidfd, pid_t pid, const struct spec_net *net, struct err *e)
{
	struct work w = { .pidfd = pidfd, .pid = pid, .net = net, .todo = TO_WALL };
	int r = run_child(&w, e);

	return r == 0 && w.report.code ? explain(&w, e) : r;
}
