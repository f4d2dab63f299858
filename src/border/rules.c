/* SPDX-License-Identifier: Apache-2.0 */
/*
 * The judge of guarded commands. A stub inside (stub/main.c) sends the arguments that the kernel gave
 * it; the answer is a refusal or the real program's descriptor, which is worth as much as
 * the permission to run it. So what counts is who gets it:
 *
 *   - The peer's pid is the kernel's word on who called connect(2), pinned by a pidfd where there is one.
 *   - Its program is the file that covers a command inside, each of which has a number of its own. So
 *     the kernel, too, tells which command is meant, and argv[0] does not.
 *   - It is in the sandbox's own user namespace. In one that was made inside, as a browser makes them, somebody
 *     has the right to read any file of the user's, and a stub that can be read can be traced.
 *   - It has never executed anything (PF_FORKNOEXEC): it is the child of a stub, and not somebody who
 *     connected, kept the socket for a friend, and became a stub afterwards.
 *
 * Such a process has run no code but the stub's, and cannot be traced. So what it sends is true, and
 * what it gets stays with it.
 */
#include "border/rules.h"

#include <errno.h>
#include <fcntl.h>
#include <linux/openat2.h>
#include <poll.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <sys/syscall.h>
#include <unistd.h>

#include "base/auto.h"
#include "base/wire_rules.h"
#include "border/rules_log.h"
#include "border/rules_peer.h"

#ifndef SO_PEERPIDFD
#define SO_PEERPIDFD 77 /* Linux 6.5 */
#endif

#define CONNECTIONS_MAX 32
#define SHOWN_MAX ((size_t)512)

/* A covered file inside, and the program it stands for. */
struct place {
	const struct guarded *command;
	dev_t dev;
	ino_t ino;
	int real; /* O_PATH */
};

struct connection {
	int fd; /* -1: free */
	const struct place *place;
};

struct judge {
	const struct service *service;
	struct place *places;
	size_t n_places;
	struct connection connections[CONNECTIONS_MAX];
	size_t oldest;
};

/* --- the files ----------------------------------------------------------------------------- */

static int open_inside(int root, const char *path)
{
	const struct open_how how = { .flags = O_PATH | O_CLOEXEC | O_NOFOLLOW,
				      .resolve = RESOLVE_IN_ROOT | RESOLVE_NO_SYMLINKS };

	return (int)syscall(SYS_openat2, root, path, &how, sizeof(how));
}

/* A command whose files cannot be opened has no place: its stub is refused. */
static bool place_open(int root, const struct guarded *command, struct place *ret)
{
	auto_fd int inside = open_inside(root, command->stub + 1);
	auto_fd int real = open(command->real, O_PATH | O_CLOEXEC | O_NOFOLLOW);
	struct stat st;
	struct stat st_real;

	if (inside < 0 || real < 0 || fstat(inside, &st) < 0 || fstat(real, &st_real) < 0)
		return false;
	/* Never the real one itself: then nothing covers it. */
	if (st.st_dev == st_real.st_dev && st.st_ino == st_real.st_ino)
		return false;
	*ret = (struct place){ command, st.st_dev, st.st_ino, take_fd(&real) };
	return true;
}

static void places_open(struct judge *j)
{
	const struct spec *s = j->service->spec;
	char name[64];
	auto_fd int root = -1;

	(void)snprintf(name, sizeof(name), "/proc/%d/root", (int)j->service->init_pid);
	root = open(name, O_PATH | O_DIRECTORY | O_CLOEXEC);
	j->places = calloc(s->n_guarded + 1, sizeof(*j->places));
	if (!j->places)
		abort();
	for (size_t i = 0; root >= 0 && i < s->n_guarded; i++)
		j->n_places += place_open(root, &s->guarded[i], &j->places[j->n_places]);
}

/* --- who asks ------------------------------------------------------------------------------ */

static const struct place *place_of(const struct judge *j, pid_t pid)
{
	char name[64];
	struct stat st;

	(void)snprintf(name, sizeof(name), "/proc/%d/exe", (int)pid);
	if (stat(name, &st) < 0)
		return NULL;
	for (size_t i = 0; i < j->n_places; i++)
		if (j->places[i].dev == st.st_dev && j->places[i].ino == st.st_ino)
			return &j->places[i];
	return NULL;
}

/* In this order: one that has executed nothing by the end was this program all the time. */
static const struct place *identify(const struct judge *j, int fd)
{
	struct ucred peer = { 0 };
	socklen_t len = sizeof(peer);
	auto_fd int pidfd = -1;
	socklen_t pidfd_len = sizeof(pidfd);
	struct pollfd ended;
	const struct place *place;

	if (getsockopt(fd, SOL_SOCKET, SO_PEERCRED, &peer, &len) < 0 || peer.pid <= 0)
		return NULL;
	if (getsockopt(fd, SOL_SOCKET, SO_PEERPIDFD, &pidfd, &pidfd_len) < 0) {
		pidfd = -1;
		if (errno != ENOPROTOOPT)
			return NULL;
	}
	place = place_of(j, peer.pid);
	if (!place || peer_has_executed(peer.pid) ||
	    !peer_shares_userns(peer.pid, j->service->init_pid))
		return NULL;
	ended = (struct pollfd){ .fd = pidfd, .events = POLLIN };
	return poll(&ended, 1, 0) == 0 ? place : NULL;
}

/* --- the answer ---------------------------------------------------------------------------- */

/* @text need not end with NUL; what is longer than a stub takes is cut, and a script does not run. */
static void answer(int fd, enum rules_verdict verdict, struct rule_call text, int program)
{
	struct rules_answer head = { .magic = RULES_MAGIC, .verdict = verdict };
	struct iovec parts[2] = { { &head, sizeof(head) } };
	union {
		struct cmsghdr head;
		char room[CMSG_SPACE(sizeof(int))];
	} control = { .head = { .cmsg_len = CMSG_LEN(sizeof(int)),
				.cmsg_level = SOL_SOCKET,
				.cmsg_type = SCM_RIGHTS } };
	struct msghdr msg = { .msg_iov = parts, .msg_iovlen = 2 };

	/* A copy of the pointer: the member is not const although it is only read. */
	memcpy(&parts[1].iov_base, &text.block, sizeof(text.block));
	parts[1].iov_len = text.len < RULES_TEXT_MAX ? text.len : RULES_TEXT_MAX;
	if (program >= 0) {
		memcpy(CMSG_DATA(&control.head), &program, sizeof(program));
		msg.msg_control = control.room;
		msg.msg_controllen = sizeof(control.room);
	}
	/* Who has gone meanwhile needs none. */
	(void)sendmsg(fd, &msg, MSG_NOSIGNAL | MSG_DONTWAIT);
}

static void answer_refused(int fd, const char *text)
{
	answer(fd, RULES_REFUSED, (struct rule_call){ text, strlen(text) }, -1);
}

static void answer_script(int fd, const struct strv *interpreter)
{
	auto_buf struct buf words = BUF_INIT(RULES_TEXT_MAX);

	for (size_t i = 0; i < interpreter->n; i++)
		buf_add(&words, interpreter->items[i], strlen(interpreter->items[i]) + 1);
	if (buf_full(&words))
		answer_refused(fd, "[claude-sandbox] BLOCKED: the script's first line is too long");
	else
		answer(fd, RULES_RUN_SCRIPT, (struct rule_call){ words.data, words.len }, -1);
}

/* The call in one line, for eyes: cut, and nothing in it moves a cursor. */
static void show_call(const struct guarded *command, const struct rule_call *call, struct buf *b)
{
	const char *name = rule_call_name(call);
	size_t at = strlen(call->block) + 1;

	buf_visible(b, strv_has(&command->names, name) ? name : command->names.items[0]);
	while (at < call->len && !buf_full(b)) {
		buf_puts(b, " ");
		buf_visible(b, call->block + at);
		at += strlen(call->block + at) + 1;
	}
}

static void refuse(const struct judge *j, const struct connection *c, const struct rule *rule,
		   const struct rule_call *call)
{
	auto_buf struct buf shown = BUF_INIT(SHOWN_MAX);
	auto_buf struct buf rule_text = BUF_INIT(RULE_TEXT_MAX);
	auto_buf struct buf line = BUF_INIT(RULES_TEXT_MAX / 2);
	auto_buf struct buf told = BUF_INIT(RULES_TEXT_MAX / 2);

	show_call(c->place->command, call, &shown);
	buf_visible(&rule_text, rule->text);
	buf_addf(&line, "[claude-sandbox] BLOCKED: %s%s (rule '%s')", buf_text(&shown),
		 buf_full(&shown) ? "..." : "", buf_text(&rule_text));
	answer_refused(c->fd, buf_text(&line));
	buf_addf(&told, "blocked command: %s%s (rule '%s')", buf_text(&shown),
		 buf_full(&shown) ? "..." : "", buf_text(&rule_text));
	service_say(j->service->log, buf_text(&told));
	rules_log_add(j->service->spec, c->place->command, rule, call);
}

/* execve(2): the kernel puts an interpreter's path in front of the script's; the script is the call. */
static struct rule_call script_call(const struct rule_call *call)
{
	size_t first = strlen(call->block) + 1;

	return (struct rule_call){ call->block + first, call->len - first };
}

static void judge_call(const struct judge *j, const struct connection *c,
		       const struct rule_call *sent)
{
	const struct guarded *command = c->place->command;
	struct rule_call call = *sent;
	const struct rule *rule;

	if (rule_call_is_whole(&call) && command->interpreter.n > 0)
		call = script_call(&call);
	if (!rule_call_is_whole(&call)) {
		answer_refused(c->fd, "[claude-sandbox] BLOCKED: torn arguments");
		return;
	}
	rule = guarded_judge(command, &j->service->spec->rules, &call);
	if (rule)
		refuse(j, c, rule, &call);
	else if (command->interpreter.n > 0)
		answer_script(c->fd, &command->interpreter);
	else
		answer(c->fd, RULES_RUN, (struct rule_call){ "", 0 }, c->place->real);
}

/* --- the question -------------------------------------------------------------------------- */

static void judge_memfd(const struct judge *j, const struct connection *c, int fd, size_t len)
{
	struct rule_call call = { .len = len };
	int seals = fcntl(fd, F_GET_SEALS);
	struct stat st;
	void *map;

	/* Sealed, or a friend of the caller could cut it short under our eyes. */
	if (seals < 0 || (seals & RULES_SEALS) != RULES_SEALS || fstat(fd, &st) < 0 ||
	    len > RULES_ARGS_MAX || (size_t)st.st_size != len || len == 0)
		return;
	map = mmap(NULL, len, PROT_READ, MAP_PRIVATE, fd, 0);
	if (map == MAP_FAILED)
		return;
	call.block = map;
	judge_call(j, c, &call);
	(void)munmap(map, len);
}

/* The descriptor that came along, or -1. */
static int take_sent(struct msghdr *msg)
{
	const struct cmsghdr *head = CMSG_FIRSTHDR(msg);
	int fd = -1;

	if (head && head->cmsg_level == SOL_SOCKET && head->cmsg_type == SCM_RIGHTS &&
	    head->cmsg_len == CMSG_LEN(sizeof(int)))
		memcpy(&fd, CMSG_DATA(head), sizeof(fd));
	return fd;
}

/* False: nothing has come yet. */
static bool hear(const struct judge *j, const struct connection *c)
{
	struct {
		struct rules_question head;
		char args[RULES_INLINE_MAX];
	} packet;
	struct iovec part = { &packet, sizeof(packet) };
	union {
		struct cmsghdr head;
		char room[CMSG_SPACE(sizeof(int))];
	} control;
	struct msghdr msg = { .msg_iov = &part,
			      .msg_iovlen = 1,
			      .msg_control = control.room,
			      .msg_controllen = sizeof(control.room) };
	ssize_t n = recvmsg(c->fd, &msg, MSG_DONTWAIT | MSG_CMSG_CLOEXEC);
	auto_fd int fd = n >= 0 ? take_sent(&msg) : -1;

	if (n < (ssize_t)sizeof(packet.head) || msg.msg_flags & (MSG_TRUNC | MSG_CTRUNC) ||
	    packet.head.magic != RULES_MAGIC)
		return !(n < 0 && errno == EAGAIN);
	if (fd >= 0 && (size_t)n == sizeof(packet.head))
		judge_memfd(j, c, fd, packet.head.len);
	else if ((size_t)n - sizeof(packet.head) == packet.head.len)
		judge_call(j, c,
			   &(struct rule_call){ packet.args, (size_t)n - sizeof(packet.head) });
	return true;
}

/* --- the loop ------------------------------------------------------------------------------ */

/* A stub that was stopped before it asked must not keep others waiting: the oldest gives way. */
static struct connection *free_connection(struct judge *j)
{
	struct connection *c;

	for (size_t i = 0; i < CONNECTIONS_MAX; i++)
		if (j->connections[i].fd < 0)
			return &j->connections[i];
	c = &j->connections[j->oldest++ % CONNECTIONS_MAX];
	close_fd(&c->fd);
	return c;
}

static void welcome(struct judge *j)
{
	auto_fd int fd = accept4(j->service->fd, NULL, NULL, SOCK_CLOEXEC | SOCK_NONBLOCK);
	const struct place *place = fd >= 0 ? identify(j, fd) : NULL;
	struct connection *c;

	if (fd < 0)
		return;
	if (!place) {
		answer_refused(fd, "[claude-sandbox] BLOCKED: no stub of ours asks");
		return;
	}
	/* Most have asked by now, which saves a turn. */
	if (hear(j, &(struct connection){ fd, place }))
		return;
	c = free_connection(j);
	*c = (struct connection){ take_fd(&fd), place };
}

static int serve(struct judge *j)
{
	for (;;) {
		struct pollfd polls[CONNECTIONS_MAX + 2] = {
			{ .fd = j->service->end, .events = POLLIN },
			{ .fd = j->service->fd, .events = POLLIN },
		};

		for (size_t i = 0; i < CONNECTIONS_MAX; i++)
			polls[i + 2] =
				(struct pollfd){ .fd = j->connections[i].fd, .events = POLLIN };
		if (poll(polls, N_ELEMENTS(polls), -1) < 0 && errno != EINTR)
			return 1;
		if (polls[0].revents)
			return 0;
		for (size_t i = 0; i < CONNECTIONS_MAX; i++) {
			if (!polls[i + 2].revents)
				continue;
			if (hear(j, &j->connections[i]))
				close_fd(&j->connections[i].fd);
		}
		if (polls[1].revents)
			welcome(j);
	}
}

int rules_service(const struct service *service)
{
	struct judge j = { .service = service };

	for (size_t i = 0; i < CONNECTIONS_MAX; i++)
		j.connections[i].fd = -1;
	places_open(&j);
	return serve(&j);
}
