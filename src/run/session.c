/* SPDX-License-Identifier: Apache-2.0 */
#include "run/session.h"

#include <errno.h>
#include <stdlib.h>
#include <sys/wait.h>
#include <unistd.h>

#include "base/auto.h"
#include "base/io.h"
#include "base/wire.h"
#include "run/run.h"
#include "run/signals.h"

#define STDERR_MAX 4096

/* The keeper of a sandbox that goes on is left to itself. */
void session_done(struct session_run *run)
{
	int status;
	struct err ignored;

	screen_free(run->screen);
	guard_dismiss(&run->guard);
	close_fd(&run->channel); /* the keeper ends the sandbox if it was still needed */
	close_fd(&run->complaint[0]);
	close_fd(&run->complaint[1]);
	close_fd(&run->signals);
	if (run->keeper.pid > 0 && !run->outcome.goes_on) {
		(void)proc_wait(&run->keeper, &status, &ignored);
		proc_end_children("bwrap"); /* if it was killed while its sandbox was made */
	}
	close_fd(&run->keeper.pidfd);
	buf_done(&run->outcome.notes);
	arena_done(&run->arena);
}

/* The list as exec's type wants it. */
static char **words(const struct strv *sv, struct arena *a)
{
	char **copy = arena_alloc(a, (sv->n + 1) * sizeof(*copy));

	for (size_t i = 0; i < sv->n; i++)
		copy[i] = arena_strdup(a, sv->items[i]);
	return copy;
}

static int pack_job(struct session_run *run, int *ret_fd, struct err *e)
{
	struct wire_job what = { .flags = run->screen->tty.flags | run->flags,
				 .cwd = run->job->cwd,
				 .argv = words(&run->job->argv, &run->arena),
				 .env = words(&run->job->env, &run->arena) };
	auto_free void *block = NULL;
	size_t size = 0;

	tty_size(&run->screen->tty, &what.size);
	what.have_termios = tty_modes(&run->screen->tty, &what.termios);
	if (run->flags & JOB_DETACHED)
		what.flags |= JOB_TTY;
	else if (!tty_is_interactive(&run->screen->tty))
		what.flags |= JOB_BACKGROUND;
	block = wire_job_pack(&what, &size);
	if (!block)
		abort();
	return io_memfd("job", block, size, ret_fd, e);
}

/* Hands the keeper the job, with those of our stdio that are no terminal. */
static int send_job(struct session_run *run, struct err *e)
{
	uint32_t tty = run->flags & JOB_DETACHED ? JOB_TTY : run->screen->tty.flags;
	const struct wire_msg msg = { .kind = WIRE_START, .value = (int32_t)(tty | run->flags) };
	auto_fd int job_fd = -1;
	int fds[WIRE_MAX_FDS];
	size_t n = 1;
	int r = pack_job(run, &job_fd, e);

	if (r < 0)
		return r;
	fds[0] = job_fd;
	for (int fd = 0; fd < 3; fd++)
		if (!(tty & ((uint32_t)JOB_TTY_STDIN << fd)))
			fds[n++] = fd;
	r = wire_send(run->channel, &msg, fds, n);
	/* If the keeper is gone already, its own words say more than a broken channel. */
	if (r < 0 && r != -EPIPE && r != -ECONNRESET)
		return err_set(e, -r, "send the command into the sandbox: %s", strerrordesc_np(-r));
	return 0;
}

/* What the wrapper said, as one line. */
static void read_complaint(struct session_run *run, char text[static STDERR_MAX])
{
	ssize_t n = run->complaint[0] < 0 ? 0 : read(run->complaint[0], text, STDERR_MAX - 1);
	size_t len = n > 0 ? (size_t)n : 0;

	while (len > 0 && text[len - 1] == '\n')
		len--;
	text[len] = '\0';
	for (char *c = text; *c; c++)
		if (*c == '\n')
			*c = ';';
}

/* A payload that could not be executed, as a shell would report it. */
static int not_executed(const struct session_run *run, const struct outcome *o, int *ret_status,
			struct err *e)
{
	const char *program = run->job->argv.items[0];

	*ret_status = o->error == ENOENT ? 127 : 126;
	if (o->error == ENOENT)
		(void)err_set(e, o->error,
			      "%s: not found inside the sandbox (--explain shows what is)",
			      program);
	else
		(void)err_set(e, o->error, "%s: cannot be executed inside the sandbox: %s", program,
			      strerrordesc_np(o->error));
	return RUN_NOT_EXECUTED;
}

/* ^C at a terminal: the caller's shell wants to see a job that died of it, not a mere 130. */
static int status_of(int status, bool on_terminal)
{
	if (!WIFSIGNALED(status))
		return WEXITSTATUS(status);
	if (on_terminal && (WTERMSIG(status) == SIGINT || WTERMSIG(status) == SIGQUIT))
		return -WTERMSIG(status);
	return 128 + WTERMSIG(status);
}

int session_judge(struct session_run *run, int *ret_status, struct err *e)
{
	const struct outcome *o = &run->outcome;
	static const char *const steps[N_STEPS] = {
		[STEP_JOB] = "read the command",
		[STEP_TERMINAL] = "open a terminal inside",
		[STEP_FORK] = "start a process",
		[STEP_CHDIR] = "enter the project directory inside",
		[STEP_WALLS] = "raise the walls",
		[STEP_EXEC] = "execute the command",
		[STEP_WRAPPER] = "set up the sandbox",
	};
	char complaint[STDERR_MAX];

	if (o->step == STEP_EXEC)
		return not_executed(run, o, ret_status, e);
	read_complaint(run, complaint);
	if (o->step == STEP_WRAPPER && complaint[0])
		return err_set(e, EPERM, "%s", complaint);
	if (o->step > 0 && o->step < N_STEPS)
		return err_set(e, o->error ? o->error : EIO, "cannot %s: %s", steps[o->step],
			       strerrordesc_np(o->error));
	if (o->status >= 0) {
		*ret_status = status_of(o->status, run->screen->tty.flags != 0);
		return 0;
	}
	if (!o->started && complaint[0])
		return err_set(e, EPERM, "cannot set up the sandbox: %s", complaint);
	if (!o->started)
		return err_set(e, ECANCELED,
			       "cannot set up the sandbox: it ended before it was ready");
	*ret_status = 128 + SIGKILL; /* the whole sandbox was killed from outside */
	return 0;
}

int session_watch(struct session_run *run, bool may_detach, struct err *e)
{
	int r = 0;

	if (tty_is_interactive(&run->screen->tty))
		r = guard_start(run->screen, &run->guard, e);
	if (r < 0)
		return r;
	return supervise(take_fd(&run->channel), run->signals, run->screen, may_detach,
			 &run->outcome, e);
}

int session_go(struct session_run *run, int *ret_status, struct err *e)
{
	int r = send_job(run, e);

	if (r == 0)
		r = session_watch(run, false, e);
	if (r < 0)
		return r;
	if ((run->flags & JOB_DETACHED) && run->outcome.started && run->outcome.step == 0 &&
	    run->outcome.status < 0) {
		run->outcome.goes_on = true;
		*ret_status = 0;
		return 0;
	}
	return session_judge(run, ret_status, e);
}

int session_prepare(struct session_run *run, bool raw, const struct strv *env, struct err *e)
{
	int r = screen_new(raw, env, &run->screen, e);

	return r < 0 ? r : signals_open(&run->signals, e);
}
