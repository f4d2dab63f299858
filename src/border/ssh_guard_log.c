/* SPDX-License-Identifier: Apache-2.0 */
/* A line of JSON for each signature and each refusal; the file begins anew at its limit, and one old one stays. */
#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "base/auto.h"
#include "base/clock.h"
#include "border/ssh_guard_parts.h"

#define LOG_MAX ((off_t)1 << 20)
#define LINE_MAX_LEN ((size_t)8192)
#define NAME_SHOWN ((size_t)128)
/* A program inside can ask as often as it likes: refusals must not push signatures out of the file. */
#define REFUSALS_LOGGED 200

static int open_log(const char *path)
{
	return open(path, O_WRONLY | O_APPEND | O_CREAT | O_CLOEXEC | O_NOFOLLOW | O_NOCTTY, 0600);
}

void guard_log_open(struct guard *g)
{
	g->log = open_log(g->rules->log);
}

/* Another sandbox of the project may have renamed it just now: then both write to the old one. */
static void rotate(struct guard *g)
{
	auto_buf struct buf old = BUF_INIT(LINE_MAX_LEN);
	struct stat st;

	if (fstat(g->log, &st) < 0 || st.st_size < LOG_MAX)
		return;
	buf_addf(&old, "%s.1", g->rules->log);
	(void)rename(g->rules->log, buf_text(&old));
	close_fd(&g->log);
	g->log = open_log(g->rules->log);
}

static int write_line(struct guard *g, const struct buf *line)
{
	if (g->log >= 0)
		rotate(g);
	/* One write: lines of two sandboxes do not mix (O_APPEND). */
	return g->log >= 0 && !buf_full(line) &&
			       write(g->log, buf_text(line), line->len) == (ssize_t)line->len
		       ? 0
		       : -EIO;
}

/* At most NAME_SHOWN bytes, as text. */
static void put_bytes(struct buf *b, struct ssh_bytes bytes)
{
	auto_buf struct buf text = BUF_INIT(NAME_SHOWN);

	buf_add(&text, bytes.data, bytes.len < NAME_SHOWN ? bytes.len : NAME_SHOWN);
	buf_json(b, buf_text(&text));
}

static void begin(struct buf *b, const char *event)
{
	char time[CLOCK_TEXT_SIZE];

	clock_print(clock_epoch_ms(), time);
	buf_addf(b, "{\"time\": \"%s\", \"event\": \"%s\"", time, event);
}

static void put_key(struct buf *b, const char *name, struct ssh_bytes key)
{
	char fingerprint[SSH_FINGERPRINT_SIZE];

	if (key.len == 0)
		return;
	ssh_fingerprint(key, fingerprint);
	buf_addf(b, ", \"%s\": \"%s\"", name, fingerprint);
}

static void put_purpose(struct buf *b, const struct ssh_signed *purpose)
{
	static const char *const kinds[] = { "other", "login", "file" };

	buf_addf(b, ", \"kind\": \"%s\"", kinds[purpose->kind]);
	if (purpose->kind == SIGNED_LOGIN) {
		buf_puts(b, ", \"user\": ");
		put_bytes(b, purpose->user);
		put_key(b, "host_key", purpose->host_key);
	}
	if (purpose->kind == SIGNED_FILE) {
		buf_puts(b, ", \"namespace\": ");
		put_bytes(b, purpose->space);
	}
}

static void count_key(struct guard *g, const struct guard_client *c)
{
	char fingerprint[SSH_FINGERPRINT_SIZE];

	ssh_fingerprint(c->request.key, fingerprint);
	for (size_t i = 0; i < GUARD_KEYS; i++) {
		struct guard_key *key = &g->keys[i];

		if (key->n == 0) {
			memcpy(key->fingerprint, fingerprint, sizeof(fingerprint));
			key->comment = BUF_INIT(NAME_SHOWN);
			buf_visible(&key->comment, buf_text(&c->comment));
		}
		if (strcmp(key->fingerprint, fingerprint) == 0 || i == GUARD_KEYS - 1) {
			key->n++;
			return;
		}
	}
}

int guard_log_signature(struct guard *g, const struct guard_client *c)
{
	auto_buf struct buf line = BUF_INIT(LINE_MAX_LEN);

	begin(&line, "signed");
	put_key(&line, "key", c->request.key);
	buf_puts(&line, ", \"comment\": ");
	put_bytes(&line, ssh_of_buf(&c->comment));
	put_purpose(&line, &c->purpose);
	buf_addf(&line, ", \"count\": %ju}\n", (uintmax_t)g->n_signed);
	if (write_line(g, &line) < 0)
		return -EIO;
	count_key(g, c);
	return 0;
}

static void count_refusal(struct guard *g, const char *what)
{
	for (size_t i = 0; i < GUARD_REFUSALS; i++) {
		if (!g->refusals[i].what)
			g->refusals[i].what = what;
		if (strcmp(g->refusals[i].what, what) == 0) {
			g->refusals[i].n++;
			return;
		}
	}
}

void guard_log_refusal(struct guard *g, const struct ssh_agent_request *r, const char *what)
{
	auto_buf struct buf line = BUF_INIT(LINE_MAX_LEN);

	if (!r->is_routine)
		count_refusal(g, what);
	if (g->n_logged_refusals++ >= REFUSALS_LOGGED)
		return;
	begin(&line, "refused");
	buf_puts(&line, ", \"what\": ");
	buf_json(&line, what);
	if (r->name.len > 0) {
		buf_puts(&line, ", \"extension\": ");
		put_bytes(&line, r->name);
	}
	put_key(&line, "key", r->key);
	buf_puts(&line, "}\n");
	(void)write_line(g, &line); /* refused it is, written down or not */
}

void guard_purpose(const struct ssh_signed *purpose, struct buf *b)
{
	auto_buf struct buf name = BUF_INIT(NAME_SHOWN);
	bool is_login = purpose->kind == SIGNED_LOGIN;
	struct ssh_bytes bytes = is_login ? purpose->user : purpose->space;

	buf_add(&name, bytes.data, bytes.len < NAME_SHOWN ? bytes.len : NAME_SHOWN);
	if (purpose->kind == SIGNED_OTHER) {
		buf_puts(b, "sign data of an unknown kind");
		return;
	}
	buf_puts(b, is_login ? "log in as " : "sign for ");
	buf_visible(b, buf_text(&name));
	if (purpose->host_key.len > 0) {
		char fingerprint[SSH_FINGERPRINT_SIZE];

		ssh_fingerprint(purpose->host_key, fingerprint);
		buf_addf(b, " on the server with the key %s", fingerprint);
	}
}

void guard_tell(const struct guard *g)
{
	auto_buf struct buf text = BUF_INIT(LINE_MAX_LEN);
	uint64_t n_refused = 0;

	for (size_t i = 0; i < GUARD_KEYS && g->keys[i].n > 0; i++) {
		auto_buf struct buf line = BUF_INIT(LINE_MAX_LEN);

		buf_addf(&line, "ssh agent: %ju signature%s with %s (%s)", (uintmax_t)g->keys[i].n,
			 g->keys[i].n == 1 ? "" : "s", g->keys[i].fingerprint,
			 buf_text(&g->keys[i].comment));
		service_say(g->service->log, buf_text(&line));
	}
	for (size_t i = 0; i < GUARD_REFUSALS && g->refusals[i].n > 0; i++) {
		n_refused += g->refusals[i].n;
		buf_addf(&text, "%s%s", i ? ", " : "", g->refusals[i].what);
		if (g->refusals[i].n > 1)
			buf_addf(&text, " (%ju times)", (uintmax_t)g->refusals[i].n);
	}
	if (n_refused > 0) {
		auto_buf struct buf line = BUF_INIT(2 * LINE_MAX_LEN);

		buf_addf(&line, "ssh agent: %ju request%s refused: %s", (uintmax_t)n_refused,
			 n_refused == 1 ? "" : "s", buf_text(&text));
		service_say(g->service->log, buf_text(&line));
	}
}
