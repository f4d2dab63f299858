/* SPDX-License-Identifier: Apache-2.0 */
#include <errno.h>
#include <fcntl.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/stat.h>
#include <time.h>
#include <unistd.h>

#include "base/auto.h"
#include "base/clock.h"
#include "base/io.h"
#include "run/keeper_parts.h"

#define COMMAND_MAX ((size_t)127)

/* How long a sandbox that lingers may take to become empty before its last client is sent home. */
#define LINGER_MS 200

static struct session *session_find(struct keeper *k, uint32_t id)
{
	for (size_t i = 0; i < MAX_SESSIONS; i++)
		if (k->sessions[i].id == id)
			return &k->sessions[i];
	return NULL;
}

void keeper_order(const struct keeper *k, const struct session *s, enum wire_order kind, int value)
{
	const struct wire_msg msg = { .kind = kind, .job = s->id, .value = value };

	if (k->channel >= 0)
		(void)wire_send(k->channel, &msg, NULL, 0);
}

/* For --list only: what cannot be read has no name. */
static char *read_command(int fd)
{
	auto_buf struct buf b = BUF_INIT(COMMAND_MAX);
	struct wire_job job;
	struct stat st;
	void *block;

	if (fstat(fd, &st) < 0 || st.st_size <= 0)
		return NULL;
	block = mmap(NULL, (size_t)st.st_size, PROT_READ, MAP_PRIVATE, fd, 0);
	if (block == MAP_FAILED)
		return NULL;
	if (wire_job_unpack(block, (size_t)st.st_size, &job) == 0) {
		for (char **word = job.argv; *word; word++) {
			buf_puts(&b, word == job.argv ? "" : " ");
			buf_visible(&b, *word);
		}
		free(job.argv);
		free(job.env);
	}
	(void)munmap(block, (size_t)st.st_size);
	return take_ptr(b.data);
}

static void refuse(struct keeper *k, struct client *c, int code)
{
	const struct wire_msg msg = { .kind = WIRE_FAILED, .value = STEP_FORK, .value2 = code };

	if (client_tell(k, c, &msg, NULL, 0))
		client_drop(k, c);
}

void session_start(struct keeper *k, struct client *c, const struct wire_msg *msg, const int *fds,
		   size_t n_fds)
{
	struct session *s = session_find(k, 0);
	struct wire_msg start = *msg;

	if (c->session || k->channel < 0)
		return; /* it reads the end of its connection soon */
	if (!s || n_fds == 0 || k->stop_at_ms) {
		refuse(k, c, EAGAIN);
		return;
	}
	*s = (struct session){ .id = ++k->last_id,
			       .flags = (uint32_t)msg->value,
			       .client = c,
			       .master = -1,
			       .started_s = (uint64_t)time(NULL) };
	c->session = s;
	k->n_sessions++;
	k->linger_at_ms = 0;
	if (s->flags & JOB_LINGERS)
		k->lingers = true;
	s->command = read_command(fds[0]);
	start.job = s->id;
	(void)wire_send(k->channel, &start, fds, n_fds);
}

void session_drain(struct session *s)
{
	char bytes[16384];
	ssize_t n = read(s->master, bytes, sizeof(bytes));

	if (n > 0 && s->backlog)
		backlog_add(s->backlog, bytes, (size_t)n);
	if (n > 0 || (n < 0 && (errno == EAGAIN || errno == EINTR)))
		return;
	close_fd(&s->master); /* its other end has been closed for good */
}

static void hand_over(struct keeper *k, struct session *s, struct client *c)
{
	const struct wire_msg msg = { .kind = WIRE_PTY, .job = s->id };
	auto_fd int shown = -1;
	auto_free char *text = malloc(BACKLOG_SIZE);
	struct err ignored;
	size_t n;

	if (!text)
		abort();
	n = backlog_copy(s->backlog, text);
	s->backlog->used = 0;
	if (io_memfd("backlog", text, n, &shown, &ignored) == 0)
		(void)client_tell(k, c, &msg, (const int[]){ s->master, shown }, 2);
}

/* The terminal of the detached session: whoever had it until now loses it. */
void session_attach(struct keeper *k, struct client *c)
{
	struct wire_msg done = { .kind = WIRE_DONE };
	struct session *s = NULL;

	for (size_t i = 0; i < MAX_SESSIONS && !s; i++)
		if (k->sessions[i].id != 0 && k->sessions[i].master >= 0)
			s = &k->sessions[i];
	if (!s || c->session) {
		done.value = ENOENT;
		(void)client_tell(k, c, &done, NULL, 0);
		return;
	}
	if (s->client) {
		const struct wire_msg left = { .kind = WIRE_LEFT, .value = (int)k->n_sessions };

		if (client_tell(k, s->client, &left, NULL, 0))
			client_drop(k, s->client);
	}
	if (!client_tell(k, c, &done, NULL, 0))
		return;
	s->client = c;
	c->session = s;
	hand_over(k, s, c);
}

static void session_end(struct keeper *k, struct session *s)
{
	struct client *c;

	keeper_tell_strikes(k);
	c = s->client; /* not before: who could not be told has gone */
	close_fd(&s->master);
	free(s->backlog);
	free(s->command);
	*s = (struct session){ .master = -1 };
	k->n_sessions--;
	if (c) {
		c->session = NULL;
		c->is_over = true;
	}
	if (k->n_sessions > 0 || founder_is_awaited(k))
		session_dismiss(k);
	else if (k->lingers && !k->stop_at_ms)
		k->linger_at_ms = clock_ms() + LINGER_MS;
	else
		keeper_end(k);
}

void session_dismiss(struct keeper *k)
{
	const struct wire_msg left = { .kind = WIRE_LEFT, .value = (int)k->n_sessions };

	k->linger_at_ms = 0;
	for (size_t i = 0; i < MAX_CLIENTS; i++)
		if (k->clients[i].fd >= 0 && k->clients[i].is_over &&
		    client_tell(k, &k->clients[i], &left, NULL, 0))
			client_drop(k, &k->clients[i]);
}

/* A detached session's terminal stays here; its client gets nothing to show. */
static bool keep_master(struct session *s, int *fds, size_t n_fds)
{
	if (!(s->flags & JOB_DETACHED) || n_fds != 1 || s->master >= 0)
		return false;
	s->backlog = calloc(1, sizeof(*s->backlog));
	if (!s->backlog)
		abort();
	s->master = take_fd(&fds[0]);
	(void)fcntl(s->master, F_SETFL, O_NONBLOCK);
	return true;
}

/* A detached session runs: the client that started it may go, and go it does. */
static void detach(struct keeper *k, struct session *s)
{
	if (s->client && (s->flags & JOB_DETACHED))
		client_drop(k, s->client);
}

void session_told(struct keeper *k, const struct wire_msg *msg, int *fds, size_t n_fds)
{
	struct session *s = msg->job ? session_find(k, msg->job) : NULL;
	/* Frozen is not stopped: nobody's terminal is given back for that. */
	bool by_freeze = msg->kind == WIRE_STOPPED && k->is_frozen;

	if (!s || by_freeze)
		return;
	if (msg->kind == WIRE_PTY && keep_master(s, fds, n_fds))
		return;
	if (s->client)
		(void)client_tell(k, s->client, msg, fds, n_fds);
	if (msg->kind == WIRE_RUNNING)
		detach(k, s);
	if (msg->kind == WIRE_GONE)
		session_end(k, s);
}
