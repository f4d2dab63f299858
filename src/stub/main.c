/* SPDX-License-Identifier: Apache-2.0 */
/*
 * What stands in the place of a guarded command inside. It asks the service outside whether this call may
 * run, and becomes the real program through the descriptor that comes with the answer.
 *
 *   - Its arguments are the kernel's copy, made by execve(2): no thread of the caller changes them
 *     between the question and the answer's use.
 *   - Its file has mode 0111. A program that its user may not read is not dumpable from the very exec
 *     (fs/exec.c, would_dump()), so nobody inside traces it or takes its memory or descriptors.
 *   - The question is asked by a child that shares its memory and descriptors and executes nothing. The
 *     kernel marks such a process (PF_FORKNOEXEC), and the service answers no other: a caller could connect,
 *     give the socket to a friend, execute the stub, and the friend would get the descriptor.
 *   - It is static and uses no variable of its environment.
 *
 * Whatever goes wrong, the command does not run: exit status 126, as for a program that cannot be executed.
 */
#include <errno.h>
#include <fcntl.h>
#include <sched.h>
#include <signal.h>
#include <stdbool.h>
#include <stdint.h>
#include <stdio.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/socket.h>
#include <sys/syscall.h>
#include <sys/un.h>
#include <sys/wait.h>
#include <unistd.h>

#include "base/wire_rules.h"

#define REFUSED 126
#define CHILD_STACK 16384

/* Of the only thread; the child that asks works on it too. */
struct call {
	const char *args;
	size_t len;
	int fd; /* the answer's; -1: none */
	struct rules_answer head;
	char text[RULES_TEXT_MAX + 1];
	size_t text_len;
	const char *failed; /* what could not be done */
	int error;
};

static int refuse(const char *name, const char *text, int error)
{
	if (error)
		(void)dprintf(STDERR_FILENO,
			      "[claude-sandbox] BLOCKED: %s: the rules for commands cannot be "
			      "asked: %s: %s\n",
			      name, text, strerrordesc_np(error));
	else
		(void)dprintf(STDERR_FILENO, "%s\n", text);
	return REFUSED;
}

static int fail(struct call *c, const char *what)
{
	c->failed = what;
	c->error = errno ? errno : EPROTO;
	return -1;
}

/* execve(2) puts the arguments one behind the other. */
static bool find_args(int argc, char *argv[], struct call *c)
{
	const char *end = argv[0];

	for (int i = 0; i < argc; i++) {
		if (argv[i] != end)
			return false;
		end += strlen(argv[i]) + 1;
	}
	c->args = argv[0];
	c->len = (size_t)(end - c->args);
	return argc > 0 && c->len <= RULES_ARGS_MAX;
}

static int long_args(struct call *c)
{
	int fd = memfd_create("args", MFD_CLOEXEC | MFD_ALLOW_SEALING);
	size_t done = 0;

	if (fd < 0)
		return fail(c, "memfd_create");
	while (done < c->len) {
		ssize_t n = write(fd, c->args + done, c->len - done);

		if (n <= 0)
			return fail(c, "write");
		done += (size_t)n;
	}
	return fcntl(fd, F_ADD_SEALS, RULES_SEALS) < 0 ? fail(c, "seal") : fd;
}

/* Room for one descriptor; a union for its alignment. */
union control {
	struct cmsghdr head;
	char room[CMSG_SPACE(sizeof(int))];
};

static int ask(struct call *c, int socket)
{
	struct rules_question q = { .magic = RULES_MAGIC, .len = (uint32_t)c->len };
	struct iovec parts[2] = { { &q, sizeof(q) } };
	struct msghdr msg = { .msg_iov = parts, .msg_iovlen = 1 };
	union control control = { 0 };
	int fd;

	if (c->len <= RULES_INLINE_MAX) {
		/* A copy of the pointer: the member is not const although it is only read. */
		memcpy(&parts[1].iov_base, &c->args, sizeof(c->args));
		parts[1].iov_len = c->len;
		msg.msg_iovlen = 2;
	} else {
		fd = long_args(c);
		if (fd < 0)
			return -1;
		msg.msg_control = control.room;
		msg.msg_controllen = sizeof(control.room);
		control.head = (struct cmsghdr){ .cmsg_len = CMSG_LEN(sizeof(int)),
						 .cmsg_level = SOL_SOCKET,
						 .cmsg_type = SCM_RIGHTS };
		memcpy(CMSG_DATA(&control.head), &fd, sizeof(fd));
	}
	return sendmsg(socket, &msg, MSG_NOSIGNAL) < 0 ? fail(c, "send") : 0;
}

static int hear(struct call *c, int socket)
{
	struct iovec parts[2] = { { &c->head, sizeof(c->head) }, { c->text, RULES_TEXT_MAX } };
	union control control = { 0 };
	struct msghdr msg = { .msg_iov = parts,
			      .msg_iovlen = 2,
			      .msg_control = control.room,
			      .msg_controllen = sizeof(control.room) };
	ssize_t n;

	do
		n = recvmsg(socket, &msg, MSG_CMSG_CLOEXEC);
	while (n < 0 && errno == EINTR);
	if (n < (ssize_t)sizeof(c->head) || c->head.magic != RULES_MAGIC) {
		errno = n < 0 ? errno : 0;
		return fail(c, "receive");
	}
	c->text_len = (size_t)n - sizeof(c->head);
	c->text[c->text_len] = '\0';
	if (msg.msg_controllen >= CMSG_LEN(sizeof(int)) && control.head.cmsg_type == SCM_RIGHTS)
		memcpy(&c->fd, CMSG_DATA(&control.head), sizeof(c->fd));
	return 0;
}

/* The child that asks. Its descriptors are its parent's. */
static int child(void *data)
{
	struct call *c = data;
	const struct sockaddr_un addr = { .sun_family = AF_UNIX, .sun_path = RULES_SOCKET };
	int fd = socket(AF_UNIX, SOCK_SEQPACKET | SOCK_CLOEXEC, 0);
	int r;

	if (fd < 0)
		return fail(c, "socket");
	do
		r = connect(fd, (const struct sockaddr *)&addr, sizeof(addr));
	while (r < 0 && errno == EINTR);
	if (r < 0)
		return fail(c, "connect");
	return ask(c, fd) < 0 ? -1 : hear(c, fd);
}

/* Its end sends no signal, so that it is waited for even where the caller ignores SIGCHLD. */
static int ask_in_child(struct call *c)
{
	static char stack[CHILD_STACK] __attribute__((aligned(16)));
	pid_t pid = clone(child, stack + sizeof(stack), CLONE_VM | CLONE_VFORK | CLONE_FILES, c);
	pid_t ended;

	if (pid < 0)
		return fail(c, "clone");
	do
		ended = waitpid(pid, NULL, __WALL);
	while (ended < 0 && errno == EINTR);
	if (!c->failed && c->head.magic != RULES_MAGIC) {
		errno = 0;
		return fail(c, "the child that asked has ended early");
	}
	return c->failed ? -1 : 0;
}

/*
 * The interpreter gets the script's path as the service knows it, and not as the caller wrote it: what
 * that leads to may have changed since. Its words take the place of ours: at most three for two.
 */
static void run_script(struct call *c, int argc, char *argv[])
{
	static char *words[RULES_ARGS_MAX / 2 + 4];
	size_t n = 0;

	for (size_t at = 0; at < c->text_len && n < 3; at += strlen(c->text + at) + 1)
		words[n++] = c->text + at;
	errno = EPROTO;
	if (n < 2 || argc < 2 || c->text[c->text_len - 1] != '\0')
		return;
	memcpy(words + n, argv + 2, ((size_t)argc - 1) * sizeof(*argv));
	(void)execve(words[0], words, environ);
}

int main(int argc, char *argv[])
{
	static struct call c = { .fd = -1 };

	errno = 0;
	if (!find_args(argc, argv, &c))
		return refuse(argc > 0 ? argv[0] : "command", "strange arguments", E2BIG);
	if (ask_in_child(&c) < 0)
		return refuse(argv[0], c.failed, c.error);
	if (c.head.verdict == RULES_RUN && c.fd >= 0)
		(void)syscall(SYS_execveat, c.fd, "", argv, environ, AT_EMPTY_PATH);
	else if (c.head.verdict == RULES_RUN_SCRIPT)
		run_script(&c, argc, argv);
	else
		return refuse(argv[0], c.text, 0);
	return refuse(argv[0], "the program cannot be executed", errno ? errno : EPROTO);
}
