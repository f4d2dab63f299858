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
 *   - It is static, without a libc, and uses no variable of its environment.
 *
 * Whatever goes wrong, the command does not run: exit status 126, as for a program that cannot be executed.
 */
#include <errno.h>
#include <fcntl.h>
#include <sched.h>
#include <stdbool.h>
#include <stdint.h>
#include <sys/mman.h>
#include <sys/socket.h>
#include <sys/un.h>
#include <sys/wait.h>

#include "base/wire_rules.h"
#include "stub/kernel.h"

#define REFUSED 126

/* Of the only thread; the child that asks works on it too. */
struct call {
	const char *args;
	size_t len;
	int fd; /* the answer's; -1: none */
	struct rules_answer head;
	char text[RULES_TEXT_MAX + 1];
	size_t text_len;
	const char *failed; /* what could not be done */
	long error;         /* negated errno */
};

START;
void stub_main(char **stack) __attribute__((noreturn));

/* The compiler calls these two by itself. NOLINTBEGIN(readability-inconsistent-declaration-parameter-name): libc's
 * names begin with underscores. */
void *memcpy(void *restrict to, const void *restrict from, size_t n)
{
	char *at = to;
	const char *source = from;

	while (n-- > 0)
		*at++ = *source++;
	return to;
}

void *memset(void *to, int value, size_t n)
{
	char *at = to;

	while (n-- > 0)
		*at++ = (char)value;
	return to;
}

/* NOLINTEND(readability-inconsistent-declaration-parameter-name) */

static size_t length(const char *text)
{
	size_t n = 0;

	while (text[n])
		n++;
	return n;
}

static _Noreturn void end(int status)
{
	for (;;)
		(void)kernel_call(SYS_exit_group, status, 0, 0, 0, 0);
}

/* --- telling ------------------------------------------------------------------------------- */

static void say(const char *text)
{
	(void)kernel_call(SYS_write, 2, (long)text, (long)length(text), 0, 0);
}

static void say_number(long n)
{
	char digits[24];
	size_t at = sizeof(digits) - 1;

	digits[at] = '\0';
	do
		digits[--at] = (char)('0' + n % 10);
	while ((n /= 10) > 0);
	say(digits + at);
}

static _Noreturn void refuse(const char *what, long error)
{
	say("[claude-sandbox] BLOCKED: the rules for commands cannot be asked: ");
	say(what);
	say(" failed with error ");
	say_number(error < 0 ? -error : EPROTO);
	say("\n");
	end(REFUSED);
}

static int fail(struct call *c, const char *what, long error)
{
	c->failed = what;
	c->error = error < 0 ? error : -EPROTO;
	return -1;
}

/* --- asking -------------------------------------------------------------------------------- */

/* execve(2) puts the arguments one behind the other. */
static bool find_args(int argc, char *argv[], struct call *c)
{
	const char *at = argv[0];

	for (int i = 0; i < argc; i++) {
		if (argv[i] != at)
			return false;
		at += length(at) + 1;
	}
	c->args = argv[0];
	c->len = (size_t)(at - c->args);
	return argc > 0 && c->len <= RULES_ARGS_MAX;
}

static int long_args(struct call *c)
{
	long fd = kernel_call(SYS_memfd_create, (long)"args", MFD_CLOEXEC | MFD_ALLOW_SEALING, 0, 0,
			      0);
	size_t done = 0;
	long r;

	if (fd < 0)
		return fail(c, "memfd_create", fd);
	while (done < c->len) {
		r = kernel_call(SYS_write, fd, (long)(c->args + done), (long)(c->len - done), 0, 0);
		if (r <= 0)
			return fail(c, "write", r);
		done += (size_t)r;
	}
	r = kernel_call(SYS_fcntl, fd, F_ADD_SEALS, RULES_SEALS, 0, 0);
	return r < 0 ? fail(c, "seal", r) : (int)fd;
}

/* Room for one descriptor; a union for its alignment. */
union control {
	struct cmsghdr head;
	char room[CMSG_SPACE(sizeof(int))];
};

static int ask(struct call *c, long socket)
{
	struct rules_question q = { .magic = RULES_MAGIC, .len = (uint32_t)c->len };
	struct iovec parts[2] = { { &q, sizeof(q) } };
	struct msghdr msg = { .msg_iov = parts, .msg_iovlen = 1 };
	union control control;
	long r;

	if (c->len <= RULES_INLINE_MAX) {
		/* A copy of the pointer: the member is not const although it is only read. */
		memcpy(&parts[1].iov_base, &c->args, sizeof(c->args));
		parts[1].iov_len = c->len;
		msg.msg_iovlen = 2;
	} else {
		int fd = long_args(c);

		if (fd < 0)
			return -1;
		memset(&control, 0, sizeof(control));
		msg.msg_control = control.room;
		msg.msg_controllen = sizeof(control.room);
		control.head.cmsg_len = CMSG_LEN(sizeof(int));
		control.head.cmsg_level = SOL_SOCKET;
		control.head.cmsg_type = SCM_RIGHTS;
		memcpy(CMSG_DATA(&control.head), &fd, sizeof(fd));
	}
	r = kernel_call(SYS_sendmsg, socket, (long)&msg, MSG_NOSIGNAL, 0, 0);
	return r < 0 ? fail(c, "send", r) : 0;
}

static int hear(struct call *c, long socket)
{
	struct iovec parts[2] = { { &c->head, sizeof(c->head) }, { c->text, RULES_TEXT_MAX } };
	union control control = { .head = { 0 } };
	struct msghdr msg = { .msg_iov = parts,
			      .msg_iovlen = 2,
			      .msg_control = control.room,
			      .msg_controllen = sizeof(control.room) };
	long n;

	do
		n = kernel_call(SYS_recvmsg, socket, (long)&msg, MSG_CMSG_CLOEXEC, 0, 0);
	while (n == -EINTR);
	if (n < (long)sizeof(c->head) || c->head.magic != RULES_MAGIC)
		return fail(c, "receive", n);
	c->text_len = (size_t)n - sizeof(c->head);
	c->text[c->text_len] = '\0';
	if (msg.msg_controllen >= CMSG_LEN(sizeof(int)) && control.head.cmsg_type == SCM_RIGHTS)
		memcpy(&c->fd, CMSG_DATA(&control.head), sizeof(c->fd));
	return 0;
}

/* The child that asks. Its descriptors and its memory are its parent's, who waits. */
static __attribute__((noinline)) _Noreturn void child(struct call *c)
{
	static const struct sockaddr_un addr = { .sun_family = AF_UNIX, .sun_path = RULES_SOCKET };
	long fd = kernel_call(SYS_socket, AF_UNIX, SOCK_SEQPACKET | SOCK_CLOEXEC, 0, 0, 0);
	long r;

	if (fd < 0) {
		(void)fail(c, "socket", fd);
		end(1);
	}
	do
		r = kernel_call(SYS_connect, fd, (long)&addr, sizeof(addr), 0, 0);
	while (r == -EINTR);
	if (r < 0)
		(void)fail(c, "connect", r);
	else if (ask(c, fd) == 0)
		(void)hear(c, fd);
	end(0);
}

/*
 * As vfork(2), on the same stack: the child goes deeper and does not come back. Its end sends no signal, so
 * that it is waited for even where the caller ignores SIGCHLD.
 */
static __attribute__((noinline)) void ask_in_child(struct call *c)
{
	long pid = kernel_call(SYS_clone, CLONE_VM | CLONE_VFORK | CLONE_FILES, 0, 0, 0, 0);
	long r;

	if (pid == 0)
		child(c);
	if (pid < 0)
		refuse("clone", pid);
	do
		r = kernel_call(SYS_wait4, pid, 0, __WALL, 0, 0);
	while (r == -EINTR);
	if (c->failed)
		refuse(c->failed, c->error);
	if (c->head.magic != RULES_MAGIC)
		refuse("the process that asks", 0);
}

/* --- becoming the program ------------------------------------------------------------------ */

/*
 * The interpreter gets the script's path as the service knows it, and not as the caller wrote it: what
 * that leads to may have changed since. Its words take the place of ours: at most three for two.
 */
static long run_script(struct call *c, int argc, char *argv[], char *envp[])
{
	static char *words[RULES_ARGS_MAX / 2 + 4];
	size_t n = 0;

	for (size_t at = 0; at < c->text_len && n < 3; at += length(c->text + at) + 1)
		words[n++] = c->text + at;
	if (n < 2 || argc < 2 || c->text[c->text_len - 1] != '\0')
		return -EPROTO;
	memcpy(words + n, argv + 2, ((size_t)argc - 1) * sizeof(*argv));
	return kernel_call(SYS_execve, (long)words[0], (long)words, (long)envp, 0, 0);
}

void stub_main(char **stack)
{
	static struct call c = { .fd = -1 };
	int argc = (int)(intptr_t)stack[0];
	char **argv = stack + 1;
	char **envp = argv + argc + 1;
	long r = -EBADF;

	if (!find_args(argc, argv, &c))
		refuse("reading the arguments", -E2BIG);
	ask_in_child(&c);
	if (c.head.verdict == RULES_RUN)
		r = kernel_call(SYS_execveat, c.fd, (long)"", (long)argv, (long)envp,
				AT_EMPTY_PATH);
	else if (c.head.verdict == RULES_RUN_SCRIPT)
		r = run_script(&c, argc, argv, envp);
	else {
		say(c.text);
		say("\n");
		end(REFUSED);
	}
	refuse("execution of the program", r);
}
