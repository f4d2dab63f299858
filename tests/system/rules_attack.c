/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Ways around a command rule that need a program: "rules_attack WAY COMMAND ALLOWED FORBIDDEN". Each tries
 * to have COMMAND, an absolute path, run with the argument FORBIDDEN although a rule refuses it; with ALLOWED it
 * may run. COMMAND prints its arguments, so its output tells. Exit status 0: tried to the end.
 */
#include <errno.h>
#include <fcntl.h>
#include <pthread.h>
#include <signal.h>
#include <stdatomic.h>
#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/ptrace.h>
#include <sys/resource.h>
#include <sys/socket.h>
#include <sys/syscall.h>
#include <sys/un.h>
#include <sys/wait.h>
#include <unistd.h>

#include "rules_attack.h"

#define SOCKET "/run/claude-sandbox/rules"
#define RACES 300

const char *command, *allowed, *forbidden;

void run(const char *word)
{
	char *const argv[] = { (char *)command, (char *)word, NULL };

	(void)execv(command, argv);
}

int wait_end(pid_t pid)
{
	int status = 0;

	(void)waitpid(pid, &status, 0);
	return WIFEXITED(status) ? WEXITSTATUS(status) : 128 + WTERMSIG(status);
}

/* --- a second thread changes the argument while the kernel copies it ------------------------- */

static char *shared;
static _Atomic bool stop;

static void *flip(void *unused)
{
	while (!stop) {
		memcpy(shared, forbidden, strlen(forbidden) + 1);
		memcpy(shared, allowed, strlen(allowed) + 1);
	}
	return unused;
}

static int way_flip(void)
{
	pthread_t thread;

	shared = mmap(NULL, 4096, PROT_READ | PROT_WRITE, MAP_SHARED | MAP_ANONYMOUS, -1, 0);
	memcpy(shared, allowed, strlen(allowed) + 1);
	if (pthread_create(&thread, NULL, flip, NULL) != 0)
		return 1;
	for (int i = 0; i < RACES; i++) {
		pid_t pid = fork();

		if (pid == 0) {
			run(shared);
			_exit(127);
		}
		(void)wait_end(pid);
	}
	stop = true;
	return pthread_join(thread, NULL);
}

/* --- the socket ---------------------------------------------------------------------------- */

static int connect_rules(void)
{
	const struct sockaddr_un addr = { .sun_family = AF_UNIX, .sun_path = SOCKET };
	int fd = socket(AF_UNIX, SOCK_SEQPACKET, 0);

	return connect(fd, (const struct sockaddr *)&addr, sizeof(addr)) < 0 ? -1 : fd;
}

static void ask(int fd)
{
	char packet[512];
	const unsigned head[2] = { 0x43535231, (unsigned)(strlen(command) + strlen(allowed) + 2) };

	memcpy(packet, head, sizeof(head));
	memcpy(packet + sizeof(head), command, strlen(command) + 1);
	memcpy(packet + sizeof(head) + strlen(command) + 1, allowed, strlen(allowed) + 1);
	(void)send(fd, packet, sizeof(head) + head[1], MSG_NOSIGNAL);
}

/* Runs what comes as an answer with the forbidden argument. */
static int use_answer(int fd)
{
	char text[16384];
	char room[CMSG_SPACE(sizeof(int))];
	struct iovec part = { text, sizeof(text) };
	struct msghdr msg = { .msg_iov = &part,
			      .msg_iovlen = 1,
			      .msg_control = room,
			      .msg_controllen = sizeof(room) };
	char *const argv[] = { (char *)command, (char *)forbidden, NULL };
	struct timeval patience = { .tv_sec = 1 };
	int got = -1;

	(void)setsockopt(fd, SOL_SOCKET, SO_RCVTIMEO, &patience, sizeof(patience));
	if (recvmsg(fd, &msg, 0) <= 0 || msg.msg_controllen < CMSG_LEN(sizeof(int)))
		return 0;
	memcpy(&got, CMSG_DATA(CMSG_FIRSTHDR(&msg)), sizeof(got));
	(void)syscall(SYS_execveat, got, "", argv, environ, AT_EMPTY_PATH);
	return 0;
}

static int way_talk(void)
{
	int fd = connect_rules();

	if (fd < 0)
		return 1;
	ask(fd);
	return use_answer(fd);
}

/* Connects, asks, and becomes the stub, while a friend waits for the answer at the same socket. */
static int way_lend(void)
{
	for (int i = 0; i < 40; i++) {
		int fd = connect_rules();
		pid_t friend;
		pid_t pid;

		if (fd < 0)
			return 1;
		friend = fork();
		if (friend == 0)
			_exit(use_answer(fd));
		(void)wait_end(friend);
		(void)close(fd);
		/* The same with the question sent by the one who becomes the stub right after. */
		pid = fork();
		if (pid == 0) {
			int pair = connect_rules();

			if (fork() == 0)
				_exit(use_answer(pair));
			ask(pair);
			run(allowed);
			_exit(127);
		}
		(void)wait_end(pid);
		if (i >= 2)
			break;
	}
	(void)sleep(1);
	return 0;
}

/* As above, but without the second fork: a child that has executed nothing asks in the stub's name. */
static int way_fork(void)
{
	pid_t pid = fork();

	if (pid == 0)
		_exit(way_talk());
	return wait_end(pid);
}

/* --- looking into the stub ----------------------------------------------------------------- */

/* "reached" on standard output is the failure that the test looks for. */
static int way_memory(void)
{
	static const char *const files[] = { "mem", "environ", "exe", "maps", "auxv" };

	for (int i = 0; i < 100; i++) {
		pid_t pid = vfork();

		if (pid == 0) {
			run(forbidden);
			_exit(127);
		}
		for (size_t f = 0; f < sizeof(files) / sizeof(files[0]); f++) {
			char name[64];
			char byte;
			int fd;

			(void)snprintf(name, sizeof(name), "/proc/%d/%s", (int)pid, files[f]);
			fd = open(name, O_RDONLY);
			if (fd >= 0 && (f == 2 || read(fd, &byte, 1) > 0))
				(void)printf("reached %s\n", files[f]);
			if (fd >= 0)
				(void)close(fd);
		}
		(void)wait_end(pid);
	}
	return 0;
}

static int way_pidfd(void)
{
	for (int i = 0; i < 100; i++) {
		pid_t pid = vfork();
		int pidfd;

		if (pid == 0) {
			run(allowed);
			_exit(127);
		}
		pidfd = (int)syscall(SYS_pidfd_open, pid, 0);
		for (int fd = 3; fd < 8; fd++) {
			long got = syscall(SYS_pidfd_getfd, pidfd, fd, 0);

			if (got >= 0)
				(void)printf("reached descriptor %d\n", fd);
		}
		(void)wait_end(pid);
		(void)close(pidfd);
	}
	return 0;
}

/* --- the conditions under which the stub works ---------------------------------------------- */

static int way_no_descriptors(void)
{
	const struct rlimit none = { 3, 3 };

	(void)setrlimit(RLIMIT_NOFILE, &none);
	run(forbidden);
	return 127;
}

static int way_full_table(void)
{
	const struct rlimit some = { 64, 64 };

	(void)setrlimit(RLIMIT_NOFILE, &some);
	while (dup(1) >= 0)
		;
	run(forbidden);
	return 127;
}

static int way_closed(void)
{
	pid_t pid = fork();

	if (pid == 0) {
		(void)close(0);
		(void)close(2);
		run(forbidden);
		_exit(127);
	}
	return wait_end(pid) == 126 ? 126 : 1;
}

static int way_signals(void)
{
	sigset_t all;

	for (int i = 0; i < 100; i++) {
		pid_t pid = fork();

		if (pid == 0) {
			run(forbidden);
			_exit(127);
		}
		for (int j = 0; j < i; j++)
			(void)kill(pid, j % 2 ? SIGCONT : SIGSTOP);
		(void)kill(pid, SIGCONT);
		(void)wait_end(pid);
	}
	sigfillset(&all);
	(void)sigprocmask(SIG_SETMASK, &all, NULL);
	for (int i = 1; i < 32; i++)
		(void)signal(i, SIG_IGN);
	run(forbidden);
	return 127;
}

static int way_no_processes(void)
{
	const struct rlimit none = { 1, 1 };

	(void)setrlimit(RLIMIT_NPROC, &none);
	run(forbidden);
	return 127;
}

static int way_no_arguments(void)
{
	char *const argv[] = { NULL };

	(void)execv(command, argv);
	return 127;
}

/* Nobody is to read the stub, so there is nothing to copy. */
static int way_copy_stub(void)
{
	int fd = open(command, O_RDONLY);

	if (fd >= 0)
		(void)printf("reached %s\n", command);
	return 0;
}

static int way_by_descriptor(void)
{
	char *const argv[] = { (char *)"x", (char *)forbidden, NULL };
	int fd = open(command, O_PATH);

	(void)syscall(SYS_execveat, fd, "", argv, environ, AT_EMPTY_PATH);
	return 127;
}

static int way_megabyte(void)
{
	static char word[120000];
	char *argv[12] = { (char *)command };

	memset(word, 'a', sizeof(word) - 1);
	argv[1] = (char *)"-a";
	for (size_t i = 2; i < 10; i++)
		argv[i] = word;
	argv[10] = (char *)forbidden;
	(void)execv(command, argv);
	return 127;
}

static const struct {
	const char *name;
	int (*go)(void);
} ways[] = {
	{ "flip", way_flip },
	{ "talk", way_talk },
	{ "lend", way_lend },
	{ "fork", way_fork },
	{ "ptrace", way_ptrace },
	{ "nested", way_nested },
	{ "memory", way_memory },
	{ "pidfd", way_pidfd },
	{ "no-descriptors", way_no_descriptors },
	{ "full-table", way_full_table },
	{ "closed", way_closed },
	{ "signals", way_signals },
	{ "no-processes", way_no_processes },
	{ "no-arguments", way_no_arguments },
	{ "copy-stub", way_copy_stub },
	{ "by-descriptor", way_by_descriptor },
	{ "megabyte", way_megabyte },
};

int main(int argc, char *argv[])
{
	if (argc != 5)
		return 2;
	command = argv[2];
	allowed = argv[3];
	forbidden = argv[4];
	for (size_t i = 0; i < sizeof(ways) / sizeof(ways[0]); i++)
		if (strcmp(ways[i].name, argv[1]) == 0)
			return ways[i].go();
	return 2;
}
