/* SPDX-License-Identifier: Apache-2.0 */
#include "base/wire.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <unistd.h>

#define JOB_MAGIC UINT32_C(0x43534a31)
#define JOB_MAX_WORDS (UINT32_C(1) << 20)

struct job_head {
	uint32_t magic;
	uint32_t flags;
	uint32_t n_argv;
	uint32_t n_env;
	uint32_t have_termios;
	struct winsize size;
	struct termios termios;
	/* then cwd, argv and env as NUL-terminated strings */
};

union fd_space {
	struct cmsghdr align;
	char bytes[CMSG_SPACE(sizeof(int) * WIRE_MAX_FDS)];
};

int wire_send(int channel, const struct wire_msg *msg, const int *fds, size_t n_fds)
{
	union fd_space space = { .bytes = { 0 } };
	struct wire_msg copy = *msg;
	struct iovec iov = { .iov_base = &copy, .iov_len = sizeof(copy) };
	struct msghdr hdr = { .msg_iov = &iov, .msg_iovlen = 1 };
	ssize_t n;

	if (n_fds > WIRE_MAX_FDS)
		return -EINVAL;
	if (n_fds > 0) {
		struct cmsghdr *c;

		hdr.msg_control = space.bytes;
		hdr.msg_controllen = CMSG_SPACE(sizeof(int) * n_fds);
		c = CMSG_FIRSTHDR(&hdr);
		c->cmsg_level = SOL_SOCKET;
		c->cmsg_type = SCM_RIGHTS;
		c->cmsg_len = CMSG_LEN(sizeof(int) * n_fds);
		memcpy(CMSG_DATA(c), fds, sizeof(int) * n_fds);
	}
	do
		n = sendmsg(channel, &hdr, MSG_NOSIGNAL);
	while (n < 0 && errno == EINTR);
	return n < 0 ? -errno : 0;
}

static size_t take_fds(struct msghdr *hdr, int fds[static WIRE_MAX_FDS])
{
	size_t n = 0;

	for (struct cmsghdr *c = CMSG_FIRSTHDR(hdr); c; c = CMSG_NXTHDR(hdr, c)) {
		if (c->cmsg_level != SOL_SOCKET || c->cmsg_type != SCM_RIGHTS)
			continue;
		n = (c->cmsg_len - CMSG_LEN(0)) / sizeof(int);
		memcpy(fds, CMSG_DATA(c), n * sizeof(int));
	}
	return n;
}

int wire_recv(int channel, struct wire_msg *ret, int ret_fds[static WIRE_MAX_FDS],
	      size_t *ret_n_fds)
{
	union fd_space space;
	struct iovec iov = { .iov_base = ret, .iov_len = sizeof(*ret) };
	struct msghdr hdr = { .msg_iov = &iov,
			      .msg_iovlen = 1,
			      .msg_control = space.bytes,
			      .msg_controllen = sizeof(space.bytes) };
	ssize_t n;

	/*
	 * A peer that closed without having read everything leaves ECONNRESET, once, in front of
	 * what it said before: unix_release_sock() of the kernel.
	 */
	do
		n = recvmsg(channel, &hdr, MSG_CMSG_CLOEXEC);
	while (n < 0 && (errno == EINTR || errno == ECONNRESET));
	*ret_n_fds = 0;
	if (n == 0)
		return 0;
	if (n < 0)
		return -errno;
	*ret_n_fds = take_fds(&hdr, ret_fds);
	if (n == sizeof(*ret) && !(hdr.msg_flags & (MSG_TRUNC | MSG_CTRUNC)))
		return 1;
	wire_close(ret_fds, *ret_n_fds);
	*ret_n_fds = 0;
	return -EBADMSG;
}

void wire_close(const int *fds, size_t n_fds)
{
	for (size_t i = 0; i < n_fds; i++)
		if (fds[i] >= 0)
			(void)close(fds[i]);
}

static size_t words_size(char *const *words, uint32_t *ret_n)
{
	size_t size = 0;

	for (*ret_n = 0; words[*ret_n]; (*ret_n)++)
		size += strlen(words[*ret_n]) + 1;
	return size;
}

static char *put(char *at, const void *data, size_t len)
{
	if (len > 0)
		memcpy(at, data, len);
	return at + len;
}

static char *put_words(char *at, char *const *words)
{
	for (; *words; words++)
		at = put(at, *words, strlen(*words) + 1);
	return at;
}

void *wire_job_pack(const struct wire_job *job, size_t *ret_size)
{
	struct job_head head = { .magic = JOB_MAGIC,
				 .flags = job->flags,
				 .have_termios = job->have_termios,
				 .size = job->size,
				 .termios = job->termios };
	size_t size = sizeof(head) + strlen(job->cwd) + 1;
	char *block;
	char *at;

	size += words_size(job->argv, &head.n_argv);
	size += words_size(job->env, &head.n_env);
	block = malloc(size);
	if (!block)
		return NULL;
	at = put(block, &head, sizeof(head));
	at = put(at, job->cwd, strlen(job->cwd) + 1);
	at = put_words(at, job->argv);
	(void)put_words(at, job->env);
	*ret_size = size;
	return block;
}

/* The next string of the block, or NULL if it does not end inside it. */
static char *take_string(char **at, const char *end)
{
	char *text = *at;
	char *nul = memchr(text, 0, (size_t)(end - text));

	if (!nul)
		return NULL;
	*at = nul + 1;
	return text;
}

static char **take_words(char **at, const char *end, uint32_t n)
{
	char **words;

	if (n > JOB_MAX_WORDS)
		return NULL;
	words = calloc((size_t)n + 1, sizeof(*words));
	for (uint32_t i = 0; words && i < n; i++) {
		words[i] = take_string(at, end);
		if (!words[i]) {
			free(words);
			return NULL;
		}
	}
	return words;
}

int wire_job_unpack(void *block, size_t size, struct wire_job *ret)
{
	char *at = block;
	const char *end = at + size;
	struct job_head head;

	if (size < sizeof(head))
		return -EBADMSG;
	memcpy(&head, at, sizeof(head));
	at += sizeof(head);
	if (head.magic != JOB_MAGIC || head.n_argv == 0)
		return -EBADMSG;
	*ret = (struct wire_job){ .flags = head.flags,
				  .size = head.size,
				  .termios = head.termios,
				  .have_termios = head.have_termios != 0 };
	ret->cwd = take_string(&at, end);
	if (!ret->cwd)
		return -EBADMSG;
	ret->argv = take_words(&at, end, head.n_argv);
	ret->env = ret->argv ? take_words(&at, end, head.n_env) : NULL;
	return ret->env ? 0 : -EBADMSG;
}
