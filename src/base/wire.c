/* SPDX-License-Identifier: Apache-2.0 */
#include "base/wire.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "base/packet.h"

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

int wire_send(int channel, const struct wire_msg *msg, const int *fds, size_t n_fds)
{
	return n_fds > WIRE_MAX_FDS ? -EINVAL : packet_send(channel, msg, sizeof(*msg), fds, n_fds);
}

int wire_recv(int channel, struct wire_msg *ret, int ret_fds[static WIRE_MAX_FDS],
	      size_t *ret_n_fds)
{
	ssize_t n = packet_recv(channel, ret, sizeof(*ret), ret_fds, WIRE_MAX_FDS, ret_n_fds);

	if (n <= 0)
		return (int)n;
	if (n == sizeof(*ret))
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
