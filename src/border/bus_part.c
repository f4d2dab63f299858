/* SPDX-License-Identifier: Apache-2.0 */
#include "border/bus_part.h"

#include <errno.h>
#include <fcntl.h>
#include <poll.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <sys/un.h>
#include <unistd.h>

#include "base/auto.h"
#include "base/clock.h"

#define START_MS 5000

/* What bubblewrap writes on --info-fd, and what the daemon says of its addresses. */
#define INFO_MAX 1024

static int spawn(const struct service_program *p, const struct part_more *more, int ready, int info,
		 struct child *ret, struct err *e)
{
	static const char *const no_env[] = { NULL };
	auto_arena struct arena a = ARENA_INIT;
	struct strv argv = STRV_INIT(&a);
	struct proc_fd fds[2 * SERVICE_FDS_MAX + 2];
	struct cmd cmd = { .envp = no_env,
			   .fds = fds,
			   .own_session = true,
			   .die_with_parent = true,
			   .as = more->who };

	strv_addn(&argv, p->argv.items, p->argv.n);
	if (more->argv)
		strv_addn(&argv, more->argv->items, more->argv->n);
	cmd.argv = strv_argv(&argv);
	for (size_t i = 0; i < p->n_fds; i++) {
		(void)lseek(p->fds[i].from, 0, SEEK_SET); /* it may have been read before */
		fds[cmd.n_fds++] = p->fds[i];
	}
	memcpy(fds + cmd.n_fds, more->fds, more->n_fds * sizeof(fds[0]));
	cmd.n_fds += more->n_fds;
	if (ready >= 0)
		fds[cmd.n_fds++] = (struct proc_fd){ ready, BUS_READY_FD };
	if (info >= 0)
		fds[cmd.n_fds++] = (struct proc_fd){ info, BUS_INFO_FD };
	return proc_spawn(&cmd, ret, e);
}

int part_start(const struct service_program *p, const struct part_more *more, struct part *ret,
	       struct err *e)
{
	*ret = PART_NONE;
	return spawn(p, more, -1, -1, &ret->child, e);
}

/* Until @fd is readable or closed. */
static int await(int fd, int end, int64_t deadline, struct err *e)
{
	struct pollfd p[] = { { .fd = fd, .events = POLLIN }, { .fd = end, .events = POLLIN } };
	int64_t left;

	do {
		left = deadline - clock_ms();
		if (left <= 0 || poll(p, N_ELEMENTS(p), (int)left) == 0)
			return err_set(e, ETIMEDOUT, "it does not begin to serve");
	} while (!p[0].revents && !p[1].revents);
	return p[0].revents ? 0 : err_set(e, ECANCELED, "the sandbox has ended");
}

/* All that is written to @fd up to @last. */
static int read_until(int fd, char last, int end, int64_t deadline, char text[static INFO_MAX],
		      struct err *e)
{
	size_t len = 0;

	text[0] = '\0';
	while (!strchr(text, last)) {
		int r = await(fd, end, deadline, e);
		ssize_t n = r < 0 ? 0 : read(fd, text + len, INFO_MAX - 1 - len);

		if (r < 0)
			return r;
		if (n <= 0)
			return err_set(e, EPIPE, "it ended at once");
		len += (size_t)n;
		text[len] = '\0';
	}
	return 0;
}

/* One byte of the proxy, a line of the daemon. */
static int await_ready(const struct part *part, int end, int64_t deadline, struct err *e)
{
	char text[INFO_MAX];
	int r = await(part->ready, end, deadline, e);

	if (r < 0)
		return r;
	return read(part->ready, text, sizeof(text)) > 0 ? 0
							 : err_set(e, EPIPE, "it ended at once");
}

static int await_start(struct part *part, int info, int end, struct err *e)
{
	static const char key[] = "\"child-pid\":";
	int64_t deadline = clock_ms() + START_MS;
	char text[INFO_MAX];
	const char *at;
	int r = read_until(info, '}', end, deadline, text, e);

	if (r < 0)
		return r;
	at = strstr(text, key);
	part->pid = at ? (pid_t)strtol(at + strlen(key), NULL, 10) : 0;
	if (part->pid <= 0)
		return err_set(e, EBADMSG, "bubblewrap does not tell its process");
	return await_ready(part, end, deadline, e);
}

int part_serve(const struct service_program *p, const struct part_more *more, int end,
	       struct part *ret, struct err *e)
{
	int ready[2];
	int info[2];
	int r;

	*ret = PART_NONE;
	if (pipe2(ready, O_CLOEXEC) < 0)
		return err_sys(e, "make a pipe");
	ret->ready = ready[0];
	if (pipe2(info, O_CLOEXEC) < 0) {
		(void)close(ready[1]);
		return err_sys(e, "make a pipe");
	}
	r = spawn(p, more, ready[1], info[1], &ret->child, e);
	(void)close(ready[1]);
	(void)close(info[1]);
	if (r == 0)
		r = await_start(ret, info[0], end, e);
	(void)close(info[0]);
	return r;
}

struct call {
	int fd;
	const struct sockaddr_un *address;
};

static int connect_act(void *data)
{
	const struct call *c = data;

	return connect(c->fd, (const struct sockaddr *)c->address, sizeof(*c->address)) < 0 ? -errno
											    : 0;
}

int part_connect(const struct part *part, const struct proc_as *who, const char *socket_path,
		 int *ret_fd, struct err *e)
{
	struct sockaddr_un address = { .sun_family = AF_UNIX };
	struct ucred peer;
	socklen_t size = sizeof(peer);
	auto_fd int fd = socket(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0);
	struct call call = { fd, &address };
	int r;

	/* Its cell has a root of its own, in which nobody else is. */
	(void)snprintf(address.sun_path, sizeof(address.sun_path), "/proc/%d/root%s",
		       (int)part->pid, socket_path);
	if (fd < 0)
		return err_sys(e, "make a socket");
	r = inside_do(who, connect_act, &call);
	if (r < 0)
		return err_set(e, -r, "connect to it: %s", strerrordesc_np(-r));
	if (getsockopt(fd, SOL_SOCKET, SO_PEERCRED, &peer, &size) < 0 || peer.pid != part->pid)
		return err_set(e, EPERM, "another process answers in its place");
	*ret_fd = take_fd(&fd);
	return 0;
}

void part_end(struct part *part)
{
	close_fd(&part->ready);
	proc_end(&part->child);
}
