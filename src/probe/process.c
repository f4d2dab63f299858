/* SPDX-License-Identifier: Apache-2.0 */
/* N-01, N-12, N-13: processes of the host, priorities, and staying alive. */
#include <fcntl.h>
#include <linux/capability.h>
#include <linux/ioprio.h>
#include <sched.h>
#include <signal.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/prctl.h>
#include <sys/ptrace.h>
#include <sys/resource.h>
#include <sys/socket.h>
#include <sys/syscall.h>
#include <unistd.h>

#include "probe/probe.h"

static pid_t target(const struct attempt *at)
{
	return (pid_t)number_of(at->args[0]);
}

static struct verdict kill_it(const struct attempt *at)
{
	return by_result(kill(target(at), SIGKILL));
}

/* Inside, the number of a process of the host may be one of ours, which is nobody to be found. */
static bool is_own(const struct attempt *at)
{
	pid_t pid = target(at);

	return pid == getpid() || pid == getppid() || pid == at->caller;
}

/* Signal 0 only asks. */
static struct verdict see_it(const struct attempt *at)
{
	return is_own(at) ? refused(ESRCH) : by_result(kill(target(at), 0));
}

static struct verdict stop_it(const struct attempt *at)
{
	return by_result(kill(target(at), SIGSTOP));
}

static struct verdict kill_group(const struct attempt *at)
{
	return by_result(kill(-target(at), SIGKILL));
}

/* Signal 0 only asks whether there is somebody. args: up to which id to look. */
static struct verdict signal_all(const struct attempt *at)
{
	for (pid_t pid = 2; pid <= target(at); pid++)
		if (pid != getpid() && pid != getppid() && pid != at->caller && kill(pid, 0) == 0)
			return done();
	return refused(ESRCH);
}

static struct verdict kill_thread(const struct attempt *at)
{
	return by_result(syscall(SYS_tgkill, target(at), target(at), SIGKILL));
}

static struct verdict queue(const struct attempt *at)
{
	return by_result(sigqueue(target(at), SIGKILL, (union sigval){ 0 }));
}

static struct verdict kill_pidfd(const struct attempt *at)
{
	long fd = syscall(SYS_pidfd_open, target(at), 0);

	if (fd < 0)
		return refused(errno);
	return by_result(syscall(SYS_pidfd_send_signal, fd, SIGKILL, NULL, 0));
}

/* SIGIO is sent in the name of whoever set the owner. */
static struct verdict own_signal(const struct attempt *at)
{
	int pair[2];

	if (is_own(at))
		return refused(ESRCH);
	if (socketpair(AF_UNIX, SOCK_STREAM, 0, pair) < 0)
		return cannot("socketpair");
	if (fcntl(pair[0], F_SETOWN, target(at)) < 0)
		return refused(errno);
	/* A process that is not there is dropped in silence: then nobody owns it. */
	return fcntl(pair[0], F_GETOWN) == target(at) ? done() : refused(ESRCH);
}

static struct verdict trace_it(const struct attempt *at)
{
	if (ptrace(PTRACE_SEIZE, target(at), NULL, NULL) < 0)
		return refused(errno);
	(void)ptrace(PTRACE_DETACH, target(at), NULL, NULL);
	return done();
}

static struct verdict limit_it(const struct attempt *at)
{
	struct rlimit limit;

	return is_own(at) ? refused(ESRCH)
			  : by_result(prlimit(target(at), RLIMIT_NOFILE, NULL, &limit));
}

static struct verdict nice_it(const struct attempt *at)
{
	return by_result(setpriority(PRIO_PROCESS, (id_t)target(at), 19));
}

static struct verdict pin_it(const struct attempt *at)
{
	cpu_set_t set;

	CPU_ZERO(&set);
	CPU_SET(0, &set);
	return by_result(sched_setaffinity(target(at), sizeof(set), &set));
}

static struct verdict io_it(const struct attempt *at)
{
	return by_result(syscall(SYS_ioprio_set, IOPRIO_WHO_PROCESS, target(at),
				 IOPRIO_PRIO_VALUE(IOPRIO_CLASS_IDLE, 0)));
}

static struct verdict real_time(const struct attempt *at)
{
	struct sched_param param = { .sched_priority = 1 };

	return by_result(sched_setscheduler(0, (int)at->attack->value, &param));
}

/* sched_setattr(2); the kernel's header for it cannot be had together with libc's <sched.h>. */
struct deadline_attr {
	uint32_t size, policy;
	uint64_t flags;
	int32_t nice;
	uint32_t priority;
	uint64_t runtime, deadline, period;
};

static struct verdict deadline(const struct attempt *at)
{
	const struct deadline_attr attr = { .size = sizeof(attr),
					    .policy = SCHED_DEADLINE,
					    .runtime = 1000000,
					    .deadline = 100000000,
					    .period = 100000000 };

	(void)at;
	return by_result(syscall(SYS_sched_setattr, 0, &attr, 0));
}

static struct verdict nice_up(const struct attempt *at)
{
	(void)at;
	return by_result(setpriority(PRIO_PROCESS, 0, -20));
}

static struct verdict io_up(const struct attempt *at)
{
	(void)at;
	return by_result(syscall(SYS_ioprio_set, IOPRIO_WHO_PROCESS, 0,
				 IOPRIO_PRIO_VALUE(IOPRIO_CLASS_RT, 0)));
}

static struct verdict raise_limit(const struct attempt *at)
{
	struct rlimit limit = { RLIM_INFINITY, RLIM_INFINITY };

	return by_result(prlimit(0, (__rlimit_resource_t)at->attack->value, &limit, NULL));
}

static struct verdict name_host(const struct attempt *at)
{
	return by_result(at->attack->value ? setdomainname("attacked", 8)
					   : sethostname("attacked", 8));
}

/* Effective, permitted, or still to be had by executing something. */
static struct verdict capabilities(const struct attempt *at)
{
	struct __user_cap_header_struct head = { .version = _LINUX_CAPABILITY_VERSION_3 };
	struct __user_cap_data_struct sets[_LINUX_CAPABILITY_U32S_3] = { 0 };

	(void)at;
	if (syscall(SYS_capget, &head, sets) < 0)
		return refused(errno);
	for (size_t i = 0; i < _LINUX_CAPABILITY_U32S_3; i++)
		if (sets[i].effective | sets[i].permitted | sets[i].inheritable)
			return done();
	return refused_why("none");
}

static struct verdict new_privileges(const struct attempt *at)
{
	int r = prctl(PR_GET_NO_NEW_PRIVS, 0, 0, 0, 0);

	(void)at;
	return r < 0 ? refused(errno) : r == 0 ? done() : refused_why("switched off");
}

/* A grandchild in a session of its own, with nobody to wait for it. */
static void daemonise(int ready)
{
	if (fork() != 0)
		return;
	(void)setsid();
	if (fork() != 0)
		_exit(0);
	for (int sig = 1; sig < NSIG; sig++)
		(void)signal(sig, SIG_IGN);
	(void)!write(ready, "x", 1);
	(void)close(ready);
	for (;;)
		(void)pause();
}

/* args: how many. "Done" once all of them live; then the payload ends, or waits to be ended. */
static struct verdict daemons(const struct attempt *at)
{
	long n = number_of(at->args[0]);
	int ready[2];

	(void)prctl(PR_SET_CHILD_SUBREAPER, 1, 0, 0, 0);
	if (pipe(ready) < 0)
		return cannot("pipe");
	for (long i = 0; i < n; i++)
		daemonise(ready[1]);
	(void)close(ready[1]);
	for (long i = 0; i < n; i++) {
		char byte;

		if (read(ready[0], &byte, 1) != 1)
			return cannot("a daemon did not start");
	}
	/* Whoever watches finds them all alive before anything ends. */
	(void)!write(STDERR_FILENO, "ready\n", 6);
	{
		char byte;

		(void)!read(STDIN_FILENO, &byte, 1);
	}
	return done();
}

/* clang-format off */
#define HOST(letter, name, text, fn) { "N-01" letter, name, text, fn, 0, 1, false }
const struct attack process_attacks[] = {
	HOST("a", "kill-host", "kills a process of the host", kill_it),
	HOST("b", "stop-host", "stops one", stop_it),
	HOST("c", "kill-group", "kills its process group", kill_group),
	{ "N-01d", "signal-all", "looks for anybody that it can signal", signal_all, 0, 1, true },
	HOST("e", "tgkill-host", "kills one by thread id", kill_thread),
	HOST("f", "sigqueue-host", "queues it a signal", queue),
	HOST("g", "pidfd-host", "kills it by pidfd", kill_pidfd),
	{ "N-01h", "setown-host", "has SIGIO sent to it", own_signal, 0, 1, true },
	HOST("i", "ptrace-host", "traces it", trace_it),
	{ "N-01j", "prlimit-host", "reads its limits", limit_it, 0, 1, true },
	{ "N-01n", "signal-host", "asks whether it may signal a process of the host", see_it, 0, 1, true },
	HOST("k", "nice-host", "lowers its priority", nice_it),
	HOST("l", "affinity-host", "pins it to a processor", pin_it),
	HOST("m", "ioprio-host", "lowers its priority for I/O", io_it),
	{ "N-12a", "sched-fifo", "takes real-time priority (FIFO)", real_time, SCHED_FIFO, 0, false },
	{ "N-12b", "sched-rr", "takes real-time priority (RR)", real_time, SCHED_RR, 0, false },
	{ "N-12c", "sched-deadline", "takes a deadline", deadline, 0, 0, false },
	{ "N-12d", "nice-up", "raises its priority", nice_up, 0, 0, false },
	{ "N-12e", "ioprio-rt", "takes real-time priority for I/O", io_up, 0, 0, false },
	{ "N-12f", "rtprio-limit", "raises its limit of real-time priority", raise_limit, RLIMIT_RTPRIO, 0, false },
	{ "N-12g", "nice-limit", "raises its limit of priority", raise_limit, RLIMIT_NICE, 0, false },
	{ "N-12h", "memlock-limit", "raises its limit of locked memory", raise_limit, RLIMIT_MEMLOCK, 0, false },
	{ "N-12i", "sethostname", "changes the host name", name_host, 0, 0, false },
	{ "N-12j", "setdomainname", "changes the domain name", name_host, 1, 0, false },
	{ "N-12k", "capabilities", "holds a capability", capabilities, 0, 0, true },
	{ "N-12l", "new-privileges", "may gain privileges by executing something", new_privileges, 0, 0, true },
	{ "N-13a", "daemons", "leaves daemons behind", daemons, 0, 1, false },
	{ .name = NULL },
};
/* clang-format on */
