/* SPDX-License-Identifier: Apache-2.0 */
/* The services of a sandbox (border/service.h) as children of its keeper. */
#include <errno.h>
#include <fcntl.h>
#include <poll.h>
#include <signal.h>
#include <stdlib.h>
#include <sys/prctl.h>
#include <unistd.h>

#include "base/auto.h"
#include "run/keeper_parts.h"

/* What a service has to put away after the sandbox has ended. */
#define FINISH_MS 2000

struct start {
	const struct service_kind *kind;
	struct service service;
	pid_t keeper;
};

static int service_main(void *data)
{
	const struct start *start = data;

	(void)prctl(PR_SET_NAME, start->kind->comm);
	if (prctl(PR_SET_PDEATHSIG, SIGKILL, 0, 0, 0) < 0 || getppid() != start->keeper)
		return 1;
	return start->kind->main(&start->service);
}

static int ascending(const void *a, const void *b)
{
	return *(const int *)a - *(const int *)b;
}

static int service_start(struct keeper *k, int kind, struct err *e)
{
	int keep[2];
	size_t n_keep = 0;
	int pair[2];
	struct start start = { .keeper = getpid() };
	int r;

	if (kind <= 0 || kind >= N_SERVICES || k->services[kind].pid > 0 ||
	    !service_kinds[kind].main)
		return err_set(e, EBADMSG, "the sandbox asks for a service that is not there");
	k->logs[kind] = service_log_new();
	if (!k->logs[kind])
		abort();
	/* Every service holds a copy of the reading end, and the keeper alone the other. */
	if (k->services_end < 0) {
		if (pipe2(pair, O_CLOEXEC) < 0)
			return err_sys(e, "make a pipe");
		k->services_end = pair[1];
		k->services_ended = pair[0];
	}
	start.kind = &service_kinds[kind];
	start.service = (struct service){ .spec = k->start->plan->spec,
					  .fd = k->waiting[kind],
					  .end = k->services_ended,
					  .init_pid = k->init_pid,
					  .log = k->logs[kind] };
	keep[n_keep++] = k->services_ended;
	if (k->waiting[kind] >= 0)
		keep[n_keep++] = k->waiting[kind];
	qsort(keep, n_keep, sizeof(keep[0]), ascending);
	r = proc_fork(service_main, &start, keep, n_keep, &k->services[kind], e);
	close_fd(&k->waiting[kind]); /* it ends with the service */
	return r;
}

void service_wake(struct keeper *k, int kind)
{
	struct err e;
	int r = service_start(k, kind, &e);

	if (r < 0)
		keeper_fail(k, r, &e);
}

/* One that listens is started when somebody calls: most sandboxes never need most of them. */
void service_take(struct keeper *k, const struct wire_msg *msg, int *fds, size_t n_fds)
{
	int kind = msg->value;

	if (kind > 0 && kind < N_SERVICES && k->waiting[kind] < 0 && n_fds > 0)
		k->waiting[kind] = take_fd(&fds[0]);
	else if (n_fds == 0)
		service_wake(k, kind);
	wire_close(fds, n_fds);
}

void gateway_wake(struct keeper *k)
{
	struct err e;

	if (gateway_start(&k->gateway, k->start->plan, &e) < 0)
		service_say(k->gateway.log, e.msg); /* it has no network then */
}

void services_finish(struct keeper *k)
{
	close_fd(&k->services_end);
	for (size_t i = 0; i < N_SERVICES; i++)
		close_fd(&k->waiting[i]);
	for (size_t i = 0; i < N_SERVICES; i++) {
		struct pollfd p = { .fd = k->services[i].pidfd, .events = POLLIN };

		if (k->services[i].pid > 0)
			(void)poll(&p, 1, FINISH_MS);
		proc_end(&k->services[i]);
	}
	close_fd(&k->services_ended);
}

void services_tell(const struct keeper *k, struct buf *out)
{
	for (size_t i = 0; i < N_SERVICES; i++)
		if (k->logs[i])
			service_log_read(k->logs[i], out);
}
