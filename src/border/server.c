/* SPDX-License-Identifier: Apache-2.0 */
#include "border/server.h"

#include <poll.h>
#include <string.h>
#include <unistd.h>

#include "base/auto.h"
#include "base/clock.h"
#include "border/words.h"

/* A program that ends this soon, so often in a row, will not do better. */
#define SOON_MS 2000
#define STRIKES 3

#define SENTENCE_MAX 800

/* A program of the service and the process that it is now. */
struct task {
	const struct service_program *program;
	struct child child;
	int words; /* what it wrote to stderr */
};

struct server {
	const struct service *service;
	struct task task, companion;
	int64_t started_ms;
	int strikes;
};

static bool task_init(struct task *t, const struct service_program *program)
{
	*t = (struct task){ .program = program, .child = CHILD_NONE, .words = words_open() };
	return t->words >= 0;
}

/* A memfd that was read once is read from its beginning again. */
static void rewind_all(const struct service_program *p)
{
	for (size_t i = 0; i < p->n_fds; i++)
		if (p->fds[i].from >= 0)
			(void)lseek(p->fds[i].from, 0, SEEK_SET); /* a socket has no beginning */
}

/* @connection: -1: it is given none. */
static int task_start(struct task *t, int connection, struct err *e)
{
	static const char *const no_env[] = { NULL };
	const struct service_program *p = t->program;
	struct proc_fd fds[SERVICE_FDS_MAX + 1];
	struct cmd cmd = { .argv = strv_argv(&p->argv),
			   .envp = no_env,
			   .fds = fds,
			   .n_fds = p->n_fds + 1,
			   .own_session = true,
			   .die_with_parent = true };

	memcpy(fds, p->fds, p->n_fds * sizeof(fds[0]));
	if (connection >= 0)
		fds[0].from = connection;
	fds[p->n_fds] = (struct proc_fd){ t->words, STDERR_FILENO };
	rewind_all(p);
	words_reset(t->words);
	return proc_spawn(&cmd, &t->child, e);
}

static void give_up(const struct server *v, const struct task *t, const char *why)
{
	auto_buf struct buf sentence = BUF_INIT(SENTENCE_MAX);

	buf_addf(&sentence, "%s %s", t->program->what, why);
	words_last(t->words, &sentence);
	service_say(v->service->log, buf_text(&sentence));
}

/* The sandbox does without it. */
static void start_companion(struct server *v)
{
	auto_fd int connection = -1;
	struct err e;

	if (v->companion.program->argv.n == 0)
		return;
	if (private_listener_connect(&v->service->way, &connection, &e) < 0 ||
	    task_start(&v->companion, connection, &e) < 0)
		give_up(v, &v->companion, "could not be started");
}

/* It ends with the server, whichever of both is seen first; earlier it has a reason. */
static void companion_ended(struct server *v)
{
	proc_end(&v->companion.child);
	if (lseek(v->companion.words, 0, SEEK_END) > 0)
		give_up(v, &v->companion, "ended");
}

/* False: it is not to be started again. */
static bool ended(struct server *v)
{
	proc_end(&v->task.child);
	proc_end(&v->companion.child);
	v->strikes = clock_ms() - v->started_ms < SOON_MS ? v->strikes + 1 : 0;
	if (v->strikes < STRIKES)
		return true;
	give_up(v, &v->task, "ended as soon as it was started");
	return false;
}

static bool called(struct server *v)
{
	struct err e;

	v->started_ms = clock_ms();
	if (task_start(&v->task, -1, &e) < 0) {
		give_up(v, &v->task, "could not be started");
		return false;
	}
	start_companion(v);
	return true;
}

int server_service(const struct service *s)
{
	struct server v = { .service = s };

	if (!task_init(&v.task, &s->program) || !task_init(&v.companion, &s->companion))
		return 1;
	for (bool goes_on = true; goes_on;) {
		struct pollfd p[] = { { .fd = s->end, .events = POLLIN },
				      { .fd = v.task.child.pidfd, .events = POLLIN },
				      { .fd = v.task.child.pid ? -1 : s->fd, .events = POLLIN },
				      { .fd = v.companion.child.pidfd, .events = POLLIN } };

		if (poll(p, N_ELEMENTS(p), -1) < 0)
			continue;
		if (p[0].revents)
			break;
		if (p[3].revents)
			companion_ended(&v);
		if (p[1].revents)
			goes_on = ended(&v);
		else if (p[2].revents & POLLIN)
			goes_on = called(&v);
		else if (p[2].revents)
			break;
	}
	proc_end(&v.companion.child);
	proc_end(&v.task.child);
	return 0;
}
