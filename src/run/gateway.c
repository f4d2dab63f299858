/* SPDX-License-Identifier: Apache-2.0 */
#include "run/gateway.h"

#include <errno.h>
#include <fcntl.h>
#include <stdlib.h>
#include <string.h>
#include <sys/epoll.h>
#include <sys/socket.h>
#include <unistd.h>

#include "base/auto.h"
#include "base/io.h"
#include "run/netns.h"
#include "run/pasta.h"
#include "spec/config.h"
#include "spec/net_policy.h"

/* What egress has to put away after the sandbox has ended. */
#define FINISH_MS 1000

#define SENTENCE_MAX 1024

void gateway_init(struct gateway *g)
{
	g->ready = g->control = -1;
	g->egress = g->pasta = CHILD_NONE;
	g->publish = PUBLISH_NONE;
}

int gateway_listen(struct gateway *g, const struct spec_net *net, struct err *e)
{
	return net->mode == NETWORK_HOST ? 0 : publish_listen(&g->publish, net, e);
}

static int watch(struct gateway *g, struct err *e)
{
	struct epoll_event event = { .events = EPOLLIN };

	g->ready = epoll_create1(EPOLL_CLOEXEC);
	if (g->ready < 0)
		return err_sys(e, "epoll_create1");
	for (size_t i = 0; i < g->n_listens; i++)
		if (g->listens[i] >= 0 && /* else the kernel has no IPv6 */
		    epoll_ctl(g->ready, EPOLL_CTL_ADD, g->listens[i], &event) < 0)
			return err_sys(e, "epoll_ctl");
	return 0;
}

static struct service_log *open_log(void)
{
	struct service_log *log = service_log_new();

	if (!log)
		abort();
	return log;
}

int gateway_open(struct gateway *g, const struct plan *plan, int pidfd, pid_t pid, struct err *e)
{
	const struct spec_net *net = &plan->spec->net;
	int r = netns_open(pidfd, pid, net, g->listens, e);

	if (r < 0)
		return r;
	g->n_listens = net->n_listens;
	g->log = open_log();
	r = g->n_listens > 0 ? watch(g, e) : 0;
	if (r == 0 && net->mode == NETWORK_NAT)
		r = pasta_start(plan->pasta, pidfd, pid, plan->spec, &g->pasta, e);
	return r < 0 ? r : publish_start(&g->publish, pidfd, pid, -1, e);
}

void gateway_lost(struct gateway *g)
{
	proc_end(&g->pasta);
	service_say(g->log, "the sandbox lost its network, because pasta ended before it; start "
			    "the sandbox again");
}

static void close_listens(struct gateway *g)
{
	close_fd(&g->ready);
	while (g->n_listens > 0)
		close_fd(&g->listens[--g->n_listens]);
}

static int spawn(struct gateway *g, const char *program, int policy, int control, struct err *e)
{
	static const char *const no_env[] = { NULL };
	const char *const argv[] = { program, NULL };
	struct proc_fd fds[2 + NET_LISTENS_MAX] = { { policy, NET_POLICY_FD },
						    { control, NET_CONTROL_FD } };
	struct cmd cmd = { .argv = argv,
			   .envp = no_env,
			   .fds = fds,
			   .n_fds = 2,
			   .own_session = true,
			   .die_with_parent = true };

	for (size_t i = 0; i < g->n_listens; i++)
		if (g->listens[i] >= 0)
			fds[cmd.n_fds++] =
				(struct proc_fd){ g->listens[i], NET_LISTEN_FD + (int)i };
	return proc_spawn(&cmd, &g->egress, e);
}

int gateway_start(struct gateway *g, const struct plan *plan, struct err *e)
{
	auto_buf struct buf policy = BUF_INIT(NET_POLICY_MAX);
	auto_fd int policy_fd = -1;
	auto_fd int theirs = -1;
	int pair[2];
	int r;

	if (g->n_listens == 0)
		return 0;
	net_policy_pack(&plan->spec->net, plan->spec->project, &policy);
	r = buf_full(&policy) ? err_set(e, E2BIG, "the rules of the network are longer than 1 MiB")
			      : io_memfd("network", buf_text(&policy), policy.len, &policy_fd, e);
	if (r == 0 &&
	    socketpair(AF_UNIX, SOCK_SEQPACKET | SOCK_CLOEXEC | SOCK_NONBLOCK, 0, pair) < 0)
		r = err_sys(e, "make a channel to egress");
	if (r == 0) {
		g->control = pair[0];
		theirs = pair[1];
		r = spawn(g, plan->egress, policy_fd, theirs, e);
	}
	if (r < 0)
		close_fd(&g->control);
	close_listens(g); /* whoever calls is refused, if egress does not have them now */
	return r;
}

/* It has said all it will ever say. */
static void ended(struct gateway *g)
{
	close_fd(&g->control);
	proc_end(&g->egress);
	service_say(g->log, "the sandbox lost its network, because our program egress ended before "
			    "it: from then on "
			    "nothing could be reached; start the sandbox again");
}

void gateway_read(struct gateway *g)
{
	char text[SENTENCE_MAX + 1];
	ssize_t len;

	while ((len = recv(g->control, text, sizeof(text) - 1, MSG_DONTWAIT)) > 0) {
		text[len] = '\0';
		service_say(g->log, text);
	}
	if (len == 0 || (errno != EAGAIN && errno != EINTR))
		ended(g);
}

void gateway_connect(struct gateway *g, int fd)
{
	char byte = 'c';
	union {
		char bytes[CMSG_SPACE(sizeof(int))];
		struct cmsghdr align;
	} space = { 0 };
	struct iovec iov = { .iov_base = &byte, .iov_len = 1 };
	struct msghdr msg = { .msg_iov = &iov,
			      .msg_iovlen = 1,
			      .msg_control = space.bytes,
			      .msg_controllen = sizeof(space.bytes) };
	struct cmsghdr *c = CMSG_FIRSTHDR(&msg);

	c->cmsg_level = SOL_SOCKET;
	c->cmsg_type = SCM_RIGHTS;
	c->cmsg_len = CMSG_LEN(sizeof(int));
	memcpy(CMSG_DATA(c), &fd, sizeof(fd));
	if (g->control >= 0)
		(void)sendmsg(g->control, &msg, MSG_DONTWAIT | MSG_NOSIGNAL);
	(void)close(fd);
}

void gateway_finish(struct gateway *g)
{
	struct timeval limit = { .tv_sec = FINISH_MS / 1000 };
	char text[SENTENCE_MAX + 1];
	ssize_t len;

	publish_done(&g->publish);
	proc_end(&g->pasta);
	close_listens(g);
	if (g->control < 0)
		return;
	/* The end of its channel is its sign; what it says comes before its own. */
	(void)shutdown(g->control, SHUT_WR);
	(void)fcntl(g->control, F_SETFL, 0);
	(void)setsockopt(g->control, SOL_SOCKET, SO_RCVTIMEO, &limit, sizeof(limit));
	while ((len = recv(g->control, text, sizeof(text) - 1, 0)) > 0) {
		text[len] = '\0';
		service_say(g->log, text);
	}
	close_fd(&g->control);
	proc_end(&g->egress);
}
