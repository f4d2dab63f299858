/* SPDX-License-Identifier: Apache-2.0 */
/*
 * The first process inside every sandbox, whatever the backend. It joins a fresh session keyring,
 * closes what it was not promised, starts jobs that the launcher sends over the private channel,
 * reaps orphans, and exits when the channel ends; then the kernel kills everything in its pid
 * namespace. It has no descriptor of the project, reads no file, and takes no word from inside.
 *
 *   init --channel FD                       the launcher's form
 *   init --contained UID GID                the same under systemd-nspawn: channel 3, and 4 to greet on
 *   init --standalone WALLS_FD -- CMD...    for a plan pasted from --dry-run: the same walls,
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

/* What sd_listen_fds(3) begins with; src/container/supervisor.c puts them there. */
#define CONTAINED_CHANNEL 3
#define CONTAINED_GREETING 4

struct running {
	uint32_t id; /* 0: free */
	pid_t pid;   /* its leader; without a terminal the payload itself */
	bool has_leader;
};

struct init {
	int channel;
	int signals;
	struct wire_walls walls; /* without a filter until the keeper has sent them */
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

static void say(const struct init *in, const struct wire_msg *msg)
{
	(void)wire_send(in->channel, msg, NULL, 0);
}

static void job_tell(const struct init *in, const struct running *job, enum wire_report kind,
		     int value)
{
	const struct wire_msg msg = { .kind = kind, .job = job->id, .value = value };

	say(in, &msg);
}

/* Jobs are told about; orphans are only reaped; the last one's end is told again. */
static void reap(struct init *in)
{
	const struct wire_msg empty = { .kind = WIRE_EMPTY };
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
	if (pid < 0 && errno == ECHILD)
		say(in, &empty);
}

static void start(struct init *in, const struct wire_msg *msg, const int *fds, size_t n_fds)
{
	struct running *slot = job_find(in, 0);
	struct wire_msg refusal = { .kind = WIRE_FAILED, .job = msg->job };
	pid_t pid;

	if (!in->walls.filter)
		refusal.value = STEP_WALLS, refusal.value2 = EPERM; /* never without walls */
	else if (!slot || msg->job == 0)
		refusal.value = STEP_FORK, refusal.value2 = EAGAIN;
	if (refusal.value) {
		say(in, &refusal);
		job_tell(in, &(struct running){ .id = msg->job }, WIRE_GONE, 0);
		wire_close(fds, n_fds);
		return;
	}
	if (job_start(in->channel, &in->walls, msg->job, fds, n_fds, &pid) < 0)
		job_tell(in, &(struct running){ .id = msg->job }, WIRE_GONE, 0);
	else
		*slot = (struct running){ .id = msg->job,
					  .pid = pid,
					  .has_leader = msg->value & JOB_TTY };
}

static int walls_read(int fd, struct wire_walls *ret)
{
	struct stat st;
	void *block;
	int r;

	if (fstat(fd, &st) < 0)
		return -errno;
	if (!S_ISREG(st.st_mode) || st.st_size <= 0)
		return -EBADMSG;
	block = mmap(NULL, (size_t)st.st_size, PROT_READ, MAP_PRIVATE, fd, 0);
	if (block == MAP_FAILED)
		return -errno;
	r = wire_walls_unpack(block, (size_t)st.st_size, ret);
	return r < 0 ? r : landlock_prepare(&ret->landlock);
}

/* The keeper's first word; what comes after it is not heard. */
static void walls_take(struct init *in, const int *fds, size_t n_fds)
{
	struct wire_walls walls;

	if (!in->walls.filter && n_fds == 1 && walls_read(fds[0], &walls) == 0 &&
	    services_open(&walls, in->channel) == 0)
		in->walls = walls;
}

/*
 * Everything inside but this process stops or goes on at once: kill(2) with -1 signals all there
 * are, and fork(2) starts over when a signal comes in between. Leaders are left awake: they run no
 * code of the payload, and are to see it go on before they look at it again.
 */
static void freeze(struct init *in, bool frozen)
{
	const struct wire_msg done = { .kind = WIRE_DONE };

	(void)kill(-1, frozen ? SIGSTOP : SIGCONT);
	for (size_t i = 0; frozen && i < MAX_JOBS; i++)
		if (in->jobs[i].id != 0 && in->jobs[i].has_leader)
			(void)kill(in->jobs[i].pid, SIGCONT);
	say(in, &done);
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
	switch ((enum wire_order)msg.kind) {
	case WIRE_START:
		start(in, &msg, fds, n_fds);
		return true;
	case WIRE_SIGNAL:
	case WIRE_CONTINUE:
		pass(in, &msg);
		break;
	case WIRE_WALLS:
		walls_take(in, fds, n_fds);
		break;
	case WIRE_FREEZE:
	case WIRE_THAW:
		freeze(in, msg.kind == WIRE_FREEZE);
		break;
	case WIRE_ASK:
	case WIRE_STOP:
	case WIRE_ATTACH:
	case WIRE_NETWORK:
		break; /* the keeper's */
	}
	wire_close(fds, n_fds);
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

static int standalone_exec(int walls_fd, char *const argv[])
{
	struct wire_walls walls;
	int r = walls_read(walls_fd, &walls);

	(void)close(walls_fd);
	if (r == 0)
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

static int standalone(int walls_fd, char *const argv[])
{
	pid_t payload = fork();
	int status;
	pid_t pid;

	if (payload < 0)
		return die("fork");
	if (payload == 0)
		_exit(standalone_exec(walls_fd, argv));
	do
		pid = wait(&status);
	while (pid != payload && !(pid < 0 && errno == ECHILD));
	return WIFSIGNALED(status) ? 128 + WTERMSIG(status) : WEXITSTATUS(status);
}

/* How it was asked to start. */
struct start {
	enum { START_CHANNEL, START_CONTAINED, START_ALONE } as;
	unsigned fd, last_fd; /* the channel, or the walls; and what else stays open */
	unsigned uid, gid;
};

static bool read_start(int argc, char *argv[], struct start *ret)
{
	const char *as = argc > 2 ? argv[1] : "";

	if (strcmp(as, "--channel") == 0 && argc == 3)
		ret->as = START_CHANNEL;
	else if (strcmp(as, "--contained") == 0 && argc == 4)
		ret->as = START_CONTAINED;
	else if (strcmp(as, "--standalone") == 0 && argc > 4 && strcmp(argv[3], "--") == 0)
		ret->as = START_ALONE;
	else
		return false;
	if (ret->as == START_CONTAINED) {
		ret->uid = (unsigned)strtoul(argv[2], NULL, 10);
		ret->gid = (unsigned)strtoul(argv[3], NULL, 10);
		ret->fd = CONTAINED_CHANNEL;
		ret->last_fd = CONTAINED_GREETING;
	} else {
		ret->fd = ret->last_fd = (unsigned)strtoul(argv[2], NULL, 10);
	}
	return ret->fd >= 3;
}

int main(int argc, char *argv[])
{
	struct start s = { 0 };
	int r = 0;

	if (!read_start(argc, argv, &s)) {
		(void)dprintf(STDERR_FILENO, "init: this program is started by claude-sandbox\n");
		return 125;
	}
	/* Not dumpable: nobody inside can trace it or look into its memory and descriptors. */
	if (prctl(PR_SET_DUMPABLE, 0, 0, 0, 0) < 0 || keyring_join() < 0)
		return die("start");
	if ((s.fd > 3 && close_range(3, s.fd - 1, 0) < 0) || close_range(s.last_fd + 1, ~0U, 0) < 0)
		return die("close_range");
	if (s.as == START_CONTAINED)
		r = contained_enter(s.uid, s.gid, CONTAINED_GREETING);
	if (r < 0) {
		errno = -r;
		return die("finish the container");
	}
	return s.as == START_ALONE ? standalone((int)s.fd, argv + 4) : by_channel((int)s.fd);
}
