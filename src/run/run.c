/* SPDX-License-Identifier: Apache-2.0 */
/*
 * A session is a client of a keeper: it sends one job, lends it its terminal, and waits for its end.
 * The first session of a sandbox also makes the keeper; it is a client like any other, but for one
 * thing: if it is killed, the sandbox ends.
 *
 * Everything made for one run is a descriptor, a child, or the name in the registry; the last is
 * given back by whoever of keeper and first session is left. Only the project's state directory stays,
 * on purpose.
 */
#include "run/run.h"

#include <errno.h>
#include <fcntl.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <sys/wait.h>
#include <time.h>
#include <unistd.h>

#include "base/auto.h"
#include "base/io.h"
#include "base/proc.h"
#include "base/wire.h"
#include "run/files.h"
#include "run/keeper.h"
#include "run/supervise.h"
#include "run/tty.h"

#define STDERR_MAX 4096
#define INFO_MAX ((off_t)16 << 20)
#define START_TRIES 20
#define TRY_AGAIN 2 /* the sandbox that was to be joined ended meanwhile; nothing has been done */

/* Everything that is open for one session, and its cleanup. */
struct run {
	const struct job *job;
	uint32_t flags; /* JOB_DETACHED, JOB_LINGERS */
	struct arena arena;
	int channel;      /* to the keeper */
	int complaint[2]; /* stderr of wrapper and keeper: read end, write end */
	int signals;
	struct child keeper; /* the first session's */
	struct tty tty;
	struct outcome outcome;
};

#define RUN_INIT                                                               \
	((struct run){ .channel = -1,                                          \
		       .complaint = { -1, -1 },                                \
		       .signals = -1,                                          \
		       .keeper = CHILD_NONE,                                   \
		       .tty = { .in = -1, .out = -1 },                         \
		       .outcome = { .status = -1 } })
#define auto_run __attribute__((cleanup(run_done)))

static void close_fd(int *fd)
{
	if (*fd >= 0)
		(void)close(take_fd(fd));
}

/* The keeper of a sandbox that goes on is left to itself. */
static void run_done(struct run *run)
{
	int status;
	struct err ignored;

	tty_done(&run->tty);
	close_fd(&run->channel); /* the keeper ends the sandbox if it was still needed */
	close_fd(&run->complaint[0]);
	close_fd(&run->complaint[1]);
	close_fd(&run->signals);
	if (run->keeper.pid > 0 && !run->outcome.goes_on)
		(void)proc_wait(&run->keeper, &status, &ignored);
	close_fd(&run->keeper.pidfd);
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

static int pack_job(struct run *run, int *ret_fd, struct err *e)
{
	struct wire_job what = { .flags = run->tty.flags | run->flags,
				 .cwd = run->job->cwd,
				 .argv = words(&run->job->argv, &run->arena),
				 .env = words(&run->job->env, &run->arena) };
	auto_free void *block = NULL;
	size_t size = 0;

	tty_size(&run->tty, &what.size);
	what.have_termios = tty_modes(&run->tty, &what.termios);
	if (run->flags & JOB_DETACHED)
		what.flags |= JOB_TTY;
	else if (!tty_is_interactive(&run->tty))
		what.flags |= JOB_BACKGROUND;
	block = wire_job_pack(&what, &size);
	if (!block)
		abort();
	return io_memfd("job", block, size, ret_fd, e);
}

/* Hands the keeper the job, with those of our stdio that are no terminal. */
static int send_job(struct run *run, struct err *e)
{
	uint32_t tty = run->flags & JOB_DETACHED ? JOB_TTY : run->tty.flags;
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
static void read_complaint(struct run *run, char text[static STDERR_MAX])
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
static int not_executed(const struct run *run, const struct outcome *o, int *ret_status,
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

static int judge(struct run *run, int *ret_status, struct err *e)
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
		*ret_status = status_of(o->status, run->tty.flags != 0);
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

/* From here on the terminal may be ours: whatever fails, run_done() gives it back. */
static int session(struct run *run, int *ret_status, struct err *e)
{
	int r = send_job(run, e);

	if (r == 0)
		r = supervise(take_fd(&run->channel), run->signals, &run->tty, false, &run->outcome,
			      e);
	if (r < 0)
		return r;
	if ((run->flags & JOB_DETACHED) && run->outcome.started && run->outcome.step == 0 &&
	    run->outcome.status < 0) {
		run->outcome.goes_on = true;
		*ret_status = 0;
		return 0;
	}
	return judge(run, ret_status, e);
}

static int prepare(struct run *run, struct err *e)
{
	tty_init(&run->tty);
	return supervise_signals(&run->signals, e);
}

static int start_keeper(struct run *run, const struct plan *plan, const struct run_how *how,
			struct err *e)
{
	struct keeper_start start = { .plan = plan,
				      .registry = how->registry,
				      .name = how->name };
	int pair[2];
	int r = files_prepare(plan->spec, e);

	if (r < 0)
		return r;
	if (socketpair(AF_UNIX, SOCK_SEQPACKET | SOCK_CLOEXEC, 0, pair) < 0)
		return err_sys(e, "make the channel to the sandbox");
	run->channel = pair[0];
	start.client = pair[1];
	r = pipe2(run->complaint, O_CLOEXEC | O_NONBLOCK) < 0 ? err_sys(e, "make a pipe") : 0;
	start.complaint = run->complaint[1];
	if (r == 0)
		r = keeper_fork(&start, &run->keeper, e);
	(void)close(pair[1]);
	close_fd(&run->complaint[1]);
	return r;
}

int run_ask(int channel, struct arena *a, struct info *ret, struct err *e)
{
	const struct wire_msg ask = { .kind = WIRE_ASK };
	struct wire_msg msg = { 0 };
	int fds[WIRE_MAX_FDS];
	auto_fd int fd = -1;
	size_t n_fds = 0;
	struct stat st;
	char *block;
	int r = wire_send(channel, &ask, NULL, 0);

	if (r == 0)
		r = wire_recv(channel, &msg, fds, &n_fds);
	if (n_fds > 0)
		fd = fds[0];
	if (r <= 0 || msg.kind != WIRE_INFO || n_fds != 1 || fstat(fd, &st) < 0 ||
	    st.st_size > INFO_MAX)
		return err_set(e, ECONNRESET, "the sandbox is just ending");
	block = arena_alloc(a, (size_t)st.st_size + 1);
	if (pread(fd, block, (size_t)st.st_size, 0) != st.st_size ||
	    info_unpack(block, (size_t)st.st_size, a, ret) < 0)
		return err_set(e, EBADMSG, "the sandbox was started by another version of this "
					   "program; stop it with that version");
	return 0;
}

static int same_policy(struct run *run, const struct plan *plan, const struct run_how *how,
		       struct err *e)
{
	char started[64] = "";
	struct info info;
	struct tm tm;
	time_t t;
	int r = run_ask(run->channel, &run->arena, &info, e);

	if (r < 0)
		return r;
	t = (time_t)info.started_s;
	if (localtime_r(&t, &tm))
		(void)strftime(started, sizeof(started), "%Y-%m-%d %H:%M:%S", &tm);
	if (strcmp(info.policy, plan->spec->policy) != 0)
		return err_set(e, EBUSY,
			       "a sandbox with other settings runs for %s since %s; start with the "
			       "same settings to join it, with --new for a separate one, or end it "
			       "with --stop",
			       info.project, started);
	how->say(arena_printf(&run->arena, "Joining live sandbox for %s (pid %llu, started %s)",
			      info.project, (unsigned long long)info.pid, started));
	return 0;
}

static void tell_rest(const struct run *run, const struct run_how *how)
{
	struct arena a = ARENA_INIT;
	const char *rest = "";

	if (!run->outcome.goes_on || (run->flags & JOB_DETACHED))
		return;
	if (run->outcome.n_others > 0)
		rest = arena_printf(&a, " with %d other session%s", run->outcome.n_others,
				    run->outcome.n_others > 1 ? "s" : "");
	how->say(arena_printf(&a, "the sandbox goes on%s; --stop ends it", rest));
	arena_done(&a);
}

static int try_plan(const struct plan *plan, const struct run_how *how, int *ret_status,
		    struct err *e)
{
	auto_run struct run run = RUN_INIT;
	bool joins = registry_connect(how->registry, how->name, &run.channel, e) == 0;
	int r = prepare(&run, e);

	run.job = &plan->job;
	run.flags = (how->detach ? JOB_DETACHED : 0) | (how->lingers ? JOB_LINGERS : 0);
	if (r == 0)
		r = joins ? same_policy(&run, plan, how, e) : start_keeper(&run, plan, how, e);
	if (r == -ECONNRESET && joins)
		return TRY_AGAIN;
	if (r < 0)
		return r;
	r = session(&run, ret_status, e);
	if ((joins && r == -ECANCELED) ||
	    (run.outcome.step == STEP_WRAPPER && run.outcome.error == EEXIST))
		return TRY_AGAIN;
	if (!joins && run.outcome.status < 0 && !run.outcome.goes_on)
		registry_release(how->registry, how->name, true); /* the keeper was killed */
	if (r >= 0 && !joins)
		tell_rest(&run, how);
	return r;
}

int run_plan(const struct plan *plan, const struct run_how *how, int *ret_status, struct err *e)
{
	int r = TRY_AGAIN;

	for (int i = 0; i < START_TRIES && r == TRY_AGAIN; i++)
		r = try_plan(plan, how, ret_status, e);
	return r == TRY_AGAIN ? -ECANCELED : r;
}

int run_job(int channel, const struct job *job, int *ret_status, struct err *e)
{
	auto_run struct run run = RUN_INIT;
	int r;

	run.channel = channel;
	run.job = job;
	r = prepare(&run, e);
	return r < 0 ? r : session(&run, ret_status, e);
}

/* 0: the keeper did what it was asked. */
static int await_done(int channel, struct err *e)
{
	struct wire_msg msg = { 0 };
	int fds[WIRE_MAX_FDS];
	size_t n_fds = 0;
	int r = wire_recv(channel, &msg, fds, &n_fds);

	for (size_t i = 0; i < n_fds; i++)
		(void)close(fds[i]);
	if (r <= 0 || msg.kind != WIRE_DONE)
		return err_set(e, ECONNRESET, "the sandbox is just ending");
	return msg.value == 0 ? 0 : err_set(e, msg.value, "%s", strerrordesc_np(msg.value));
}

int run_attach(int channel, const struct run_how *how, int *ret_status, struct err *e)
{
	const struct wire_msg attach = { .kind = WIRE_ATTACH };
	auto_run struct run run = RUN_INIT;
	int r;

	run.channel = channel;
	r = prepare(&run, e);
	if (r < 0)
		return r;
	if (!tty_is_interactive(&run.tty))
		return err_set(e, ENOTTY, "--attach needs a terminal, in the foreground");
	(void)wire_send(run.channel, &attach, NULL, 0);
	r = await_done(run.channel, e);
	if (r == -ENOENT)
		return err_set(e, ENOENT, "no session of this sandbox was started with --detach");
	if (r < 0)
		return r;
	how->say("attached; press ^] three times to leave it running");
	r = supervise(take_fd(&run.channel), run.signals, &run.tty, true, &run.outcome, e);
	if (r < 0)
		return r;
	if (run.outcome.detached || run.outcome.goes_on) {
		how->say("detached; --attach comes back to it, --stop ends it");
		*ret_status = 0;
		return 0;
	}
	return judge(&run, ret_status, e);
}

int run_freeze(int channel, bool frozen, struct err *e)
{
	const struct wire_msg msg = { .kind = frozen ? WIRE_FREEZE : WIRE_THAW };

	(void)wire_send(channel, &msg, NULL, 0);
	return await_done(channel, e);
}

void run_stop(int channel)
{
	const struct wire_msg msg = { .kind = WIRE_STOP };
	struct wire_msg ignored;
	int fds[WIRE_MAX_FDS];
	size_t n_fds;

	(void)wire_send(channel, &msg, NULL, 0);
	while (wire_recv(channel, &ignored, fds, &n_fds) > 0)
		for (size_t i = 0; i < n_fds; i++)
			(void)close(fds[i]);
}
