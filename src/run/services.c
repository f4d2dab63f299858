/* SPDX-License-Identifier: Apache-2.0 */
/* The services of a sandbox (border/service.h) as children of its keeper. */
#include <errno.h>
#include <fcntl.h>
#include <poll.h>
#include <signal.h>
#include <stdlib.h>
#include <sys/prctl.h>
#include <sys/resource.h>
#include <unistd.h>

#include "base/auto.h"
#include "run/cell.h"
#include "run/keeper_parts.h"

/* What a service has to put away after the sandbox has ended. */
#define FINISH_MS 2000

/*
 * Address space of a program in a cell, in bytes: what clients may make an X server keep (pixmaps), where no
 * control group bounds it. A screen of 4K is 33 MB, and libraries take some 300 MB of it.
 */
#define CELL_MEMORY ((rlim_t)2 << 30)

struct start {
	const struct plan *plan;
	int number, cookie;
	int gate; /* end of file: it may begin; -1: at once */
	const struct service_kind *kind;
	struct service service;
	pid_t keeper;
};

/* Whatever serves a sandbox with a program of its own is held to the sandbox's limits from the beginning. */
static int prepare_cell(struct start *start, struct arena *a)
{
	const struct rlimit memory = { CELL_MEMORY, CELL_MEMORY };
	struct err e;
	char byte;

	(void)!read(start->gate, &byte, 1);
	(void)setrlimit(RLIMIT_AS, &memory);
	if (cell_open(start->plan, start->number, start->cookie, a, &start->service, &e) == 0)
		return 0;
	service_say(start->service.log, e.msg);
	return -1;
}

/*
 * It does not die with the keeper: that ends .end as well, and then there are programs to be ended, of which one may
 * be at a point where it does not end by itself (proc_adopt).
 */
static int cell_main(struct start *start, struct arena *a)
{
	struct err e;
	int r;

	if (proc_adopt(&e) < 0 || prepare_cell(start, a) < 0)
		return 1;
	r = start->kind->main(&start->service);
	proc_end_children(NULL);
	return r;
}

static int service_main(void *data)
{
	struct start *start = data;
	auto_arena struct arena a = ARENA_INIT;

	(void)prctl(PR_SET_NAME, start->kind->comm);
	if (start->gate >= 0)
		return cell_main(start, &a);
	if (prctl(PR_SET_PDEATHSIG, SIGKILL, 0, 0, 0) < 0 || getppid() != start->keeper)
		return 1;
	return start->kind->main(&start->service);
}

/* Every service holds a copy of the reading end, and the keeper alone the other. */
static int open_end(struct keeper *k, struct err *e)
{
	int pair[2];

	if (k->services_end >= 0)
		return 0;
	if (pipe2(pair, O_CLOEXEC) < 0)
		return err_sys(e, "make a pipe");
	k->services_end = pair[1];
	k->services_ended = pair[0];
	return 0;
}

static int fork_service(struct keeper *k, struct start *start, struct err *e)
{
	const int wanted[] = { k->services_ended, start->service.fd, start->cookie, start->gate };
	int keep[N_ELEMENTS(wanted)];
	size_t n = 0;

	for (size_t i = 0; i < N_ELEMENTS(wanted); i++)
		if (wanted[i] >= 0)
			keep[n++] = wanted[i];
	return proc_fork(service_main, start, keep, n, &k->services[start->number], e);
}

/* One with a program waits at the gate until it is a member of the sandbox's control group. */
static int fork_cell(struct keeper *k, struct start *start, struct err *e)
{
	auto_fd int gate = -1;
	int pair[2];
	int r;

	if (pipe2(pair, O_CLOEXEC) < 0)
		return err_sys(e, "make a pipe");
	start->gate = pair[0];
	gate = pair[1];
	start->cookie = k->cookie;
	r = fork_service(k, start, e);
	close_fd(&start->gate);
	if (r == 0)
		r = cgroup_admit(&k->group, k->services[start->number].pid, e);
	if (r < 0)
		proc_end(&k->services[start->number]);
	return r;
}

static int service_start(struct keeper *k, int kind, struct err *e)
{
	struct start start = {
		.keeper = getpid(), .plan = k->start->plan, .number = kind, .cookie = -1, .gate = -1
	};
	int r;

	if (kind <= 0 || kind >= N_SERVICES || k->services[kind].pid > 0 ||
	    !service_kinds[kind].main)
		return err_set(e, EBADMSG, "the sandbox asks for a service that is not there");
	k->logs[kind] = service_log_new();
	if (!k->logs[kind])
		abort();
	r = open_end(k, e);
	if (r < 0)
		return r;
	start.kind = &service_kinds[kind];
	start.service = (struct service){ .spec = k->start->plan->spec,
					  .fd = k->waiting[kind],
					  .end = k->services_ended,
					  .init_pid = k->init_pid,
					  .log = k->logs[kind],
					  .way = PRIVATE_LISTENER_NONE };
	r = k->start->plan->cells[kind].n > 0 ? fork_cell(k, &start, e)
					      : fork_service(k, &start, e);
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
