/* SPDX-License-Identifier: Apache-2.0 */
/*
 * A job is one payload with its terminal. Between init and the payload stands a leader:
 *
 *     init (pid 1)  ->  leader: its own session, owns the terminal  ->  payload: its own group
 *
 * Without a terminal there is no leader: the process that init forked becomes the payload.
 *
 * The leader exists because of job control: the kernel does not stop a process group whose
 * members all have their parents in another session (POSIX: an orphaned group), so ^Z would do
 * nothing if init were the parent. The leader reports stops and the end, passes signals on, and
 * puts the payload into the foreground or background when it is continued. It runs none of the payload's
 * code, and is not dumpable, so the payload cannot look into it.
 */
#include <errno.h>
#include <fcntl.h>
#include <stdlib.h>
#include <sys/mman.h>
#include <sys/stat.h>
#include <sys/wait.h>
#include <unistd.h>

#include "base/auto.h"
#include "init/init.h"

struct job {
	int channel;
	const struct wire_walls *walls;
	uint32_t id;
	struct wire_job what;
	int stdio[3]; /* what the payload gets; a pty's slave three times at most */
	int slave;    /* -1: no terminal */
};

static void tell(const struct job *job, enum wire_report kind, int value, int value2)
{
	const struct wire_msg msg = {
		.kind = kind, .job = job->id, .value = value, .value2 = value2
	};

	/* If the launcher is gone, init sees the end of the channel and everything ends. */
	(void)wire_send(job->channel, &msg, NULL, 0);
}

static int job_read(int fd, struct wire_job *ret)
{
	struct stat st;
	void *block;

	if (fstat(fd, &st) < 0)
		return -errno;
	block = mmap(NULL, (size_t)st.st_size, PROT_READ, MAP_PRIVATE, fd, 0);
	if (block == MAP_FAILED)
		return -errno;
	return wire_job_unpack(block, (size_t)st.st_size, ret);
}

/* The pty is opened here, inside, so that no terminal object of the host ever enters and the
 * payload finds its terminal in its own /dev/pts. The master goes out to the launcher. */
static int terminal_open(struct job *job)
{
	const struct wire_msg msg = { .kind = WIRE_PTY, .job = job->id };
	auto_fd int master = open("/dev/ptmx", O_RDWR | O_NOCTTY | O_CLOEXEC);
	auto_fd int slave = -1;
	int unlock = 0;

	if (master < 0 || ioctl(master, TIOCSPTLCK, &unlock) < 0)
		return -errno;
	slave = ioctl(master, TIOCGPTPEER, O_RDWR | O_NOCTTY | O_CLOEXEC);
	if (slave < 0 || ioctl(master, TIOCSWINSZ, &job->what.size) < 0)
		return -errno;
	if (job->what.have_termios && tcsetattr(slave, TCSANOW, &job->what.termios) < 0)
		return -errno;
	job->slave = take_fd(&slave);
	return wire_send(job->channel, &msg, &master, 1);
}

/* Assigns each of the three stdio its descriptor: the slave, or the next one that came along. */
static int stdio_assign(struct job *job, const int *fds, size_t n_fds)
{
	size_t next = 0;

	for (unsigned i = 0; i < 3; i++) {
		if (job->what.flags & ((uint32_t)JOB_TTY_STDIN << i))
			job->stdio[i] = job->slave;
		else if (next < n_fds)
			job->stdio[i] = fds[next++];
		else
			return -EBADMSG;
	}
	return 0;
}

/* @report: a pipe to the leader, or -1 where there is none and the launcher is told at once. */
static _Noreturn void payload_fail(const struct job *job, int report, int step)
{
	const int said[2] = { step, errno };

	if (report < 0)
		tell(job, WIRE_FAILED, said[0], said[1]);
	else
		(void)!write(report, said, sizeof(said));
	_exit(127);
}

/* @report and the channel are closed by a successful exec. */
static _Noreturn void payload_run(const struct job *job, int report)
{
	const struct sigaction dfl = { .sa_handler = SIG_DFL };
	sigset_t none;
	int r;

	(void)setpgid(0, 0);
	if (job->slave >= 0 && !(job->what.flags & JOB_BACKGROUND))
		(void)tcsetpgrp(job->slave, getpid());
	for (int i = 0; i < 3; i++)
		if (dup2(job->stdio[i], i) < 0)
			payload_fail(job, report, STEP_TERMINAL);
	for (int sig = 1; sig < NSIG; sig++)
		(void)sigaction(sig, &dfl, NULL);
	sigemptyset(&none);
	(void)sigprocmask(SIG_SETMASK, &none, NULL);
	if (chdir(job->what.cwd) < 0)
		payload_fail(job, report, STEP_CHDIR);
	r = walls_raise(job->walls);
	if (r < 0) {
		errno = -r;
		payload_fail(job, report, STEP_WALLS);
	}
	if (report < 0)
		tell(job, WIRE_RUNNING, 0, 0);
	environ = job->what.env;
	(void)execvp(job->what.argv[0], job->what.argv);
	payload_fail(job, report, STEP_EXEC);
}

/* Forks the payload and waits until it runs the program. > 0: its pid; 0: it failed, and said so. */
static pid_t payload_start(const struct job *job)
{
	int report[2];
	int said[2];
	ssize_t n;
	pid_t pid;

	if (pipe2(report, O_CLOEXEC) < 0) {
		tell(job, WIRE_FAILED, STEP_FORK, errno);
		return 0;
	}
	pid = fork();
	if (pid == 0)
		payload_run(job, report[1]);
	(void)close(report[1]);
	if (pid < 0) {
		tell(job, WIRE_FAILED, STEP_FORK, errno);
		return 0;
	}
	(void)setpgid(pid, pid); /* whoever comes first */
	do
		n = read(report[0], said, sizeof(said));
	while (n < 0 && errno == EINTR);
	(void)close(report[0]);
	if (n != sizeof(said))
		return pid;
	tell(job, WIRE_FAILED, said[0], said[1]);
	return 0;
}

/* Tells what happened to the payload; true once it has ended. */
static bool payload_changed(const struct job *job, pid_t payload)
{
	int status;

	while (waitpid(payload, &status, WNOHANG | WUNTRACED) == payload) {
		if (WIFSTOPPED(status)) {
			tell(job, WIRE_STOPPED, WSTOPSIG(status), 0);
			continue;
		}
		tell(job, WIRE_EXITED, status, 0);
		return true;
	}
	return false;
}

/* The leader's life: everything it reacts to is a signal, and all of them are waited for. */
static void leader_watch(const struct job *job, pid_t payload, const sigset_t *signals)
{
	while (!payload_changed(job, payload)) {
		siginfo_t si;
		int sig = sigwaitinfo(signals, &si);

		if (sig == SIGCONT && si.si_code == SI_QUEUE) {
			/* An order; a thaw wakes everybody by kill(2). In the background reading stops it again, as it would outside. */
			(void)tcsetpgrp(job->slave, si.si_value.sival_int ? payload : getpid());
			(void)kill(-payload, SIGCONT);
		} else if (sig == SIGNAL_FORWARD) {
			(void)kill(-payload, si.si_value.sival_int);
		}
	}
}

static int job_prepare(struct job *job, const int *fds, size_t n_fds)
{
	int r = n_fds > 0 ? job_read(fds[0], &job->what) : -EBADMSG;
	int step = STEP_JOB;

	if (r == 0 && (job->what.flags & JOB_TTY)) {
		step = STEP_TERMINAL;
		r = terminal_open(job);
	}
	if (r == 0)
		r = stdio_assign(job, fds + 1, n_fds - 1);
	if (r < 0)
		tell(job, WIRE_FAILED, step, -r);
	return r;
}

static _Noreturn void job_run(struct job *job, const int *fds, size_t n_fds)
{
	sigset_t signals;
	sigset_t all;
	pid_t payload;

	/* All signals stay blocked: a leader dies with its payload or with init, of nothing else.
	 * SIGTTOU among them, so that tcsetpgrp() works from the background. */
	sigfillset(&all);
	(void)sigprocmask(SIG_SETMASK, &all, NULL);
	sigemptyset(&signals);
	(void)sigaddset(&signals, SIGCHLD);
	(void)sigaddset(&signals, SIGCONT);
	(void)sigaddset(&signals, SIGNAL_FORWARD);
	(void)setsid();
	if (job_prepare(job, fds, n_fds) < 0)
		_exit(1);
	if (job->slave < 0)
		payload_run(job, -1);
	if (ioctl(job->slave, TIOCSCTTY, 0) < 0) {
		tell(job, WIRE_FAILED, STEP_TERMINAL, errno);
		_exit(1);
	}
	payload = payload_start(job);
	wire_close(fds, n_fds); /* a pipe must end when the payload ends, not with us */
	if (payload > 0)
		tell(job, WIRE_RUNNING, 0, 0);
	if (payload > 0)
		leader_watch(job, payload, &signals);
	_exit(0);
}

int job_start(int channel, const struct wire_walls *walls, uint32_t id, const int *fds,
	      size_t n_fds, pid_t *ret_pid)
{
	struct job job = { .channel = channel, .walls = walls, .id = id, .slave = -1 };
	pid_t pid = fork();
	int r = pid < 0 ? -errno : 0;

	if (pid == 0)
		job_run(&job, fds, n_fds);
	if (pid < 0)
		tell(&job, WIRE_FAILED, STEP_FORK, -r);
	wire_close(fds, n_fds);
	*ret_pid = pid;
	return r;
}
