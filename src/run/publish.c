/* SPDX-License-Identifier: Apache-2.0 */
#include "run/publish.h"

#include <errno.h>
#include <fcntl.h>
#include <stdlib.h>
#include <string.h>
#include <sys/prctl.h>
#include <unistd.h>

#include "base/auto.h"
#include "run/listener.h"
#include "run/netns_join.h"
#include "spec/net_sockaddr.h"

#define LOWEST_OF_ALL 1024

struct start {
	const struct publish *publish;
	int pidfd;
	pid_t pid;
	int end;
	int report; /* 0 or an errno goes there once it is ready */
	pid_t parent;
};

static int explain_listen(const struct net_publish *p, int code, struct err *e)
{
	char where[NET_SOCKADDR_SIZE];

	net_sockaddr_print(&p->addr, p->port, where);
	if (code == EADDRINUSE)
		return err_set(e, code,
			       "cannot publish port %u: something listens on %s already (ss -tlnp "
			       "shows what); end that, or take another port: --publish OTHER:%u",
			       p->inside, where, p->inside);
	if (code == EACCES && p->port < LOWEST_OF_ALL)
		return err_set(e, code,
			       "cannot publish port %u on %s, which only root may use; take one "
			       "from %d on: --publish %u:%u",
			       p->inside, where, LOWEST_OF_ALL, 8000U + p->port, p->inside);
	if (code == EADDRNOTAVAIL)
		return err_set(e, code,
			       "cannot publish port %u on %s, which is no address of this host; "
			       "without an address it is 127.0.0.1: --publish %u:%u",
			       p->inside, where, p->port, p->inside);
	return err_set(e, code, "cannot publish port %u on %s: %s; start without --publish",
		       p->inside, where, strerrordesc_np(code));
}

int publish_listen(struct publish *p, const struct spec_net *net, struct err *e)
{
	if (net->n_publish > CARRY_MAX_PORTS)
		return err_set(e, E2BIG, "%zu ports are to be published, and %d is the most",
			       net->n_publish, CARRY_MAX_PORTS);
	for (size_t i = 0; i < net->n_publish; i++) {
		const struct net_publish *want = &net->publish[i];
		int fd = listener_open(&want->addr, want->port, SOCK_STREAM);

		if (fd < 0) {
			publish_done(p);
			return explain_listen(want, -fd, e);
		}
		p->ports[p->n_ports++] =
			(struct carry_port){ .listen = fd, .inside = want->inside };
	}
	return 0;
}

/* The order matters: to enter a user namespace, and to give capabilities up, may clear what comes last. */
static int confine(const struct start *s)
{
	int r = netns_join(s->pidfd, s->pid);

	if (r == 0)
		r = netns_drop_capabilities(); /* everything is open, and anybody may dial a loopback */
	if (r < 0)
		return r;
	if (prctl(PR_SET_DUMPABLE, 0, 0, 0, 0) < 0 || prctl(PR_SET_PDEATHSIG, SIGKILL, 0, 0, 0) < 0)
		return -errno;
	return getppid() == s->parent ? 0 : -ESRCH;
}

static int child_main(void *data)
{
	const struct start *s = data;
	int code;

	(void)prctl(PR_SET_NAME, "csb-publish");
	code = -confine(s);
	if (write(s->report, &code, sizeof(code)) != (ssize_t)sizeof(code) || code != 0)
		return 1;
	(void)close(s->report);
	(void)close(s->pidfd);
	return carry(s->publish->ports, s->publish->n_ports, s->end) < 0;
}

static int fork_child(struct start *s, struct child *ret, struct err *e)
{
	int keep[CARRY_MAX_PORTS + 3];
	size_t n = 0;

	for (size_t i = 0; i < s->publish->n_ports; i++)
		keep[n++] = s->publish->ports[i].listen;
	keep[n++] = s->pidfd;
	keep[n++] = s->report;
	if (s->end >= 0)
		keep[n++] = s->end;
	return proc_fork(child_main, s, keep, n, ret, e);
}

static void close_ports(struct publish *p)
{
	while (p->n_ports > 0)
		close_fd(&p->ports[--p->n_ports].listen);
}

int publish_start(struct publish *p, int pidfd, pid_t pid, int end, struct err *e)
{
	struct start start = {
		.publish = p, .pidfd = pidfd, .pid = pid, .end = end, .parent = getpid()
	};
	auto_fd int from_child = -1;
	int code = EPROTO;
	int pair[2];
	int r;

	if (p->n_ports == 0)
		return 0;
	if (pipe2(pair, O_CLOEXEC) < 0)
		return err_sys(e, "make a pipe");
	from_child = pair[0];
	start.report = pair[1];
	r = fork_child(&start, &p->child, e);
	(void)close(start.report); /* or its end could not be told */
	if (r == 0 && (read(from_child, &code, sizeof(code)) != (ssize_t)sizeof(code) || code != 0))
		r = err_set(e, code, "cannot publish ports: cannot enter the sandbox's network: %s",
			    strerrordesc_np(code));
	if (r < 0)
		publish_done(p);
	close_ports(p);
	return r;
}

void publish_done(struct publish *p)
{
	proc_end(&p->child);
	close_ports(p);
}
