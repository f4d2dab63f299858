/* SPDX-License-Identifier: Apache-2.0 */
/*
 * The first process inside every sandbox, whatever the backend. It joins a fresh session keyring,
 * closes what it was not promised, starts jobs that the launcher sends over the private channel,
 * reaps orphans, and exits when the channel ends; then the kernel kills everything in its pid
 * namespace. It has no descriptor of the project, reads no file, and takes no word from inside.
 *
 *   init --channel FD                       the launcher's form
 *   init --standalone FILTER_FD -- CMD...   for a plan pasted from --dry-run: the same walls,
 *                                           the inherited terminal and environment, no channel
 */
#include <errno.h>
#include <fcntl.h>
#include <linux/close_range.h>
#include <linux/keyctl.h>
#include <poll.h>
#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/prctl.h>
#include <sys/signalfd.h>
#include <sys/stat.h>
#include <sys/syscall.h>
#include <sys/wait.h>
#include <unistd.h>

#include "base/auto.h"
#include "init/init.h"

#define MAX_JOBS 256

struct running {
	uint32_t id; /* 0: free */
	pid_t pid;   /* its leader; without a terminal the payload itself */
	bool has_leader;
};

struct init {
	int channel;
	int signals;
	struct running jobs[MAX_JOBS];
};

static int die(const char *what)
{
	(void)dprintf(STDERR_FILENO, "init: %s: %s\n", what, strerrordesc_np(errno));
	return 125;
}

/* keyrings(7): without a session keyring of its own a sandbox inherits the caller's, keys and
 * all. A kernel without keys has none to give. */
static int keyring_join(void)
{
	if (syscall(SYS_keyctl, KEYCTL_JOIN_SESSION_KEYRING, NULL) < 0 && errno != ENOSYS)
		return -errno;
	return 0;
}

static struct running *job_find(struct init *in, uint32_t id)
{
	for (size_t i = 0; i < MAX_JOBS; i++)
		if (in->jobs[i].id == id)
			return &in->jobs[i];
	return NULL;
}

static struct running *job_of(struct init *in, pid_t pid)
{
	for (size_t i = 0; i < MAX_JOBS; i++)
		if (in->jobs[i].id != 0 && in->jobs[i].pid == pid)
			return &in->jobs[i];
	return NULL;
}

static void job_tell(const struct init *in, const struct running *job, enum wire_kind kind,
		     int value)
{
	const struct wire_msg msg = { .kind = kind, .job = job->id, .value = value };

	(void)wire_send(in->channel, &msg, NULL, 0);
}

/* Jobs are told about; orphans are only reaped. */
static void reap(struct init *in)
{
	int status;
	pid_t pid;

	while ((pid = waitpid(-1, &status, WNOHANG | WUNTRACED)) > 0) {
		struct running *job = job_of(in, pid);

		if (!job)
			continue;
		if (WIFSTOPPED(status)) {
			job_tell(in, job, WIRE_STOPPED, WSTOPSIG(status));
			continue;
		}
		job_tell(in, job, WIRE_GONE, status);
		*job = (struct running){ 0 };
	}
}

static void start(struct init *in, const struct wire_msg *msg, const int *fds, size_t n_fds)
{
	struct running *slot = job_find(in, 0);
	struct wire_msg full = {
		.kind = WIRE_FAILED, .job = msg->job, .value = STEP_FORK, .value2 = EAGAIN
	};
	pid_t pid;

	if (!slot || msg->job == 0) {
		(void)wire_send(in->channel, &full, NULL, 0);
		for (size_t i = 0; i < n_fds; i++)
			(void)close(fds[i]);
		return;
	}
	if (job_start(in->channel, msg->job, fds, n_fds, &pid) == 0)
		*slot = (struct running){ .id = msg->job,
					  .pid = pid,
					  .has_leader = msg->value & JOB_TTY };
}

/* Leaders take orders as signals with a value, and only they know the payload's group. */
static void pass(struct init *in, const struct wire_msg *msg)
{
	bool go_on = msg->kind == WIRE_CONTINUE;
	const struct running *job = msg->job ? job_find(in, msg->job) : NULL;
	union sigval value = { .sival_int = msg->value };

	if (!job)
		return;
	if (job->has_leader)
		(void)sigqueue(job->pid, go_on ? SIGCONT : SIGNAL_FORWARD, value);
	else
		(void)kill(-job->pid, go_on ? SIGCONT : msg->value);
}

/* False when the launcher has gone. */
static bool receive(struct init *in)
{
	struct wire_msg msg;
	int fds[WIRE_MAX_FDS];
	size_t n_fds;

	if (wire_recv(in->channel, &msg, fds, &n_fds) <= 0)
		return false;
	if (msg.kind == WIRE_START) {
		start(in, &msg, fds, n_fds);
		return true;
	}
	if (msg.kind == WIRE_SIGNAL || msg.kind == WIRE_CONTINUE)
		pass(in, &msg);
	for (size_t i = 0; i < n_fds; i++)
		(void)close(fds[i]);
	return true;
}

static int serve(struct init *in)
{
	struct pollfd polls[] = { { .fd = in->channel, .events = POLLIN },
				  { .fd = in->signals, .events = POLLIN } };

	for (;;) {
		struct signalfd_siginfo si;

		if (poll(polls, N_ELEMENTS(polls), -1) < 0 && errno != EINTR)
			return die("poll");
		if (polls[1].revents) {
			(void)!read(in->signals, &si, sizeof(si));
			reap(in);
		}
		if (polls[0].revents && !receive(in))
			return 0;
	}
}

static int by_channel(int channel)
{
	struct init in = { .channel = channel };
	sigset_t all;

	/* Pid 1 gets only signals it asks for; blocked ones still make signalfd readable. */
	sigfillset(&all);
	(void)sigprocmask(SIG_SETMASK, &all, NULL);
	sigemptyset(&all);
	(void)sigaddset(&all, SIGCHLD);
	in.signals = signalfd(-1, &all, SFD_CLOEXEC | SFD_NONBLOCK);
	if (in.signals < 0 || fcntl(channel, F_SETFD, FD_CLOEXEC) < 0)
		return die("channel");
	return serve(&in);
}

static int standalone_exec(int filter_fd, char *const argv[])
{
	struct stat st;
	struct walls walls;
	void *filter;
	int r;

	if (fstat(filter_fd, &st) < 0 || !S_ISREG(st.st_mode))
		return die("filter");
	filter = mmap(NULL, (size_t)st.st_size, PROT_READ, MAP_PRIVATE, filter_fd, 0);
	if (filter == MAP_FAILED)
		return die("filter");
	(void)close(filter_fd);
	walls = (struct walls){ .filter = filter, .filter_size = (size_t)st.st_size };
	r = walls_raise(&walls);
	if (r < 0) {
		errno = -r;
		return die("walls");
	}
	(void)execvp(argv[0], argv);
	r = errno == ENOENT ? 127 : 126;
	(void)die(argv[0]);
	return r;
}

static int standalone(int filter_fd, char *const argv[])
{
	pid_t payload = fork();
	int status;
	pid_t pid;

	if (payload < 0)
		return die("fork");
	if (payload == 0)
		_exit(standalone_exec(filter_fd, argv));
	do
		pid = wait(&status);
	while (pid != payload && !(pid < 0 && errno == ECHILD));
	return WIFSIGNALED(status) ? 128 + WTERMSIG(status) : WEXITSTATUS(status);
}

int main(int argc, char *argv[])
{
	bool channel = argc == 3 && strcmp(argv[1], "--channel") == 0;
	bool alone = argc > 4 && strcmp(argv[1], "--standalone") == 0 && strcmp(argv[3], "--") == 0;
	unsigned fd = channel || alone ? (unsigned)strtoul(argv[2], NULL, 10) : 0;

	if (fd < 3) {
		(void)dprintf(STDERR_FILENO, "init: this program is started by claude-sandbox\n");
		return 125;
	}
	/* Not dumpable: nobody inside can trace it or look into its memory and descriptors. */
	if (prctl(PR_SET_DUMPABLE, 0, 0, 0, 0) < 0 || keyring_join() < 0)
		return die("start");
	if ((fd > 3 && close_range(3, fd - 1, 0) < 0) || close_range(fd + 1, ~0U, 0) < 0)
		return die("close_range");
	return channel ? by_channel((int)fd) : standalone((int)fd, argv + 4);
}
