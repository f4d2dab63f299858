/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Carries a plan out: directories, filter, descriptors, program, then supervises, then reports.
 * Everything made for one run is a descriptor or a child, so the kernel takes it back however
 * we end; only the project's state directory stays, on purpose.
 */
#include "run/run.h"

#include <errno.h>
#include <fcntl.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <sys/wait.h>
#include <unistd.h>

#include "base/auto.h"
#include "base/io.h"
#include "base/proc.h"
#include "base/wire.h"
#include "run/files.h"
#include "run/supervise.h"
#include "run/tty.h"
#include "run/walls.h"

#define STDERR_MAX 4096

/* Everything that is open for one run, and its cleanup. */
struct run {
	const struct plan *plan;
	struct arena arena;
	int channel[2];   /* ours, init's */
	int complaint[2]; /* the wrapper's stderr: read end, write end */
	int signals;
	struct child wrapper;
	struct tty tty;
};

static void close_fd(int *fd)
{
	if (*fd >= 0)
		(void)close(take_fd(fd));
}

static void run_done(struct run *run)
{
	tty_done(&run->tty);
	close_fd(&run->channel[0]); /* init leaves at the end of the channel */
	close_fd(&run->channel[1]);
	close_fd(&run->complaint[0]);
	close_fd(&run->complaint[1]);
	close_fd(&run->signals);
	proc_end(&run->wrapper);
	arena_done(&run->arena);
}

static int start_wrapper(struct run *run, struct err *e)
{
	static const char *const no_env[] = { NULL };
	struct plan_files files = PLAN_FILES_NONE;
	int r = files_open(run->plan, run->channel[1], &files, e);
	struct cmd cmd = { .argv = strv_argv(&run->plan->argv),
			   .envp = no_env,
			   .die_with_parent = true,
			   /* ^C and `kill %1` mean the payload; we pass them on. */
			   .own_session = true };

	if (r < 0)
		return r;
	/* Its stdin and stdout stay /dev/null: bubblewrap's --dev would show a terminal there as
	 * /dev/console, and no terminal of the host is to enter. */
	files.map[files.n] = (struct proc_fd){ .from = run->complaint[1], .to = STDERR_FILENO };
	cmd.fds = files.map;
	cmd.n_fds = files.n + 1;
	r = proc_spawn(&cmd, &run->wrapper, e);
	files_close(&files, run->channel[1]);
	close_fd(&run->channel[1]);
	close_fd(&run->complaint[1]);
	return r;
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
	const struct job *job = &run->plan->job;
	struct wire_job what = { .flags = run->tty.flags,
				 .cwd = job->cwd,
				 .argv = words(&job->argv, &run->arena),
				 .env = words(&job->env, &run->arena) };
	auto_free void *block = NULL;
	void *walls = NULL;
	size_t size = 0;
	int r = walls_pack(run->plan->spec, &run->arena, &walls, &what.walls_size, e);

	if (r < 0)
		return r;
	what.walls = walls;
	tty_size(&run->tty, &what.size);
	what.have_termios = tty_modes(&run->tty, &what.termios);
	if (!tty_is_interactive(&run->tty))
		what.flags |= JOB_BACKGROUND;
	block = wire_job_pack(&what, &size);
	if (!block)
		abort();
	return io_memfd("job", block, size, ret_fd, e);
}

/* Hands init the job, with those of our stdio that are no terminal. */
static int send_job(struct run *run, int job_fd, struct err *e)
{
	const struct wire_msg msg = { .kind = WIRE_START,
				      .job = MAIN_JOB,
				      .value = (int32_t)run->tty.flags };
	int fds[WIRE_MAX_FDS] = { job_fd };
	size_t n = 1;
	int r;

	for (int fd = 0; fd < 3; fd++)
		if (!(run->tty.flags & ((uint32_t)JOB_TTY_STDIN << fd)))
			fds[n++] = fd;
	r = wire_send(run->channel[0], &msg, fds, n);
	/* If the wrapper is gone already, its own words say more than a broken channel. */
	if (r < 0 && r != -EPIPE && r != -ECONNRESET)
		return err_set(e, -r, "send the command into the sandbox: %s", strerrordesc_np(-r));
	return 0;
}

static int setup(struct run *run, struct err *e)
{
	auto_fd int job_fd = -1;
	int r = files_prepare(run->plan->spec, e);

	if (r < 0)
		return r;
	if (socketpair(AF_UNIX, SOCK_SEQPACKET | SOCK_CLOEXEC, 0, run->channel) < 0)
		return err_sys(e, "make the channel to the sandbox");
	if (pipe2(run->complaint, O_CLOEXEC | O_NONBLOCK) < 0)
		return err_sys(e, "make a pipe");
	tty_init(&run->tty);
	r = supervise_signals(&run->signals, e);
	if (r < 0)
		return r;
	r = start_wrapper(run, e); /* it mounts while we compile the filter */
	if (r < 0)
		return r;
	r = pack_job(run, &job_fd, e);
	return r < 0 ? r : send_job(run, job_fd, e);
}

/* What the wrapper said, as one line. */
static void read_complaint(struct run *run, char text[static STDERR_MAX])
{
	ssize_t n = read(run->complaint[0], text, STDERR_MAX - 1);
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
	const char *program = run->plan->job.argv.items[0];

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

static int judge(struct run *run, const struct outcome *o, int *ret_status, struct err *e)
{
	static const char *const steps[N_STEPS] = {
		[STEP_JOB] = "read the command",
		[STEP_TERMINAL] = "open a terminal inside",
		[STEP_FORK] = "start a process",
		[STEP_CHDIR] = "enter the project directory inside",
		[STEP_WALLS] = "raise the walls",
		[STEP_EXEC] = "execute the command",
	};
	char complaint[STDERR_MAX];

	if (o->step == STEP_EXEC)
		return not_executed(run, o, ret_status, e);
	if (o->step > 0 && o->step < N_STEPS)
		return err_set(e, o->error ? o->error : EIO, "cannot %s: %s", steps[o->step],
			       strerrordesc_np(o->error));
	if (o->status >= 0) {
		*ret_status = status_of(o->status, run->tty.flags != 0);
		return 0;
	}
	read_complaint(run, complaint);
	if (!o->started && complaint[0])
		return err_set(e, EPERM, "cannot set up the sandbox: %s", complaint);
	if (!o->started)
		return err_set(e, ECANCELED,
			       "cannot set up the sandbox: %s ended before it was ready",
			       run->plan->argv.items[0]);
	*ret_status = 128 + SIGKILL; /* the whole sandbox was killed from outside */
	return 0;
}

int run_plan(const struct plan *plan, int *ret_status, struct err *e)
{
	__attribute__((cleanup(run_done))) struct run run = { .plan = plan,
							      .channel = { -1, -1 },
							      .complaint = { -1, -1 },
							      .signals = -1,
							      .wrapper = CHILD_NONE,
							      .tty = { .in = -1, .out = -1 } };
	struct outcome outcome;
	int r = setup(&run, e);

	if (r < 0)
		return r;
	r = supervise(&run.wrapper, take_fd(&run.channel[0]), run.signals, &run.tty, &outcome, e);
	return r < 0 ? r : judge(&run, &outcome, ret_status, e);
}
