/* SPDX-License-Identifier: Apache-2.0 */
/* "claude-sandbox net log": what the project's sandboxes wanted of the network, and what became of it. */
#include <errno.h>
#include <fcntl.h>
#include <inttypes.h>
#include <poll.h>
#include <stdio.h>
#include <string.h>
#include <sys/inotify.h>
#include <unistd.h>

#include "base/auto.h"
#include "base/io.h"
#include "base/json.h"
#include "base/path.h"
#include "launch/net.h"
#include "spec/identity.h"

#define LOG_MAX ((size_t)16 << 20)

struct log {
	struct arena *arena;
	const char *dir;
	bool is_json;
	bool follows;
};

static const char *text_of(const struct log *g, struct json line, const char *key)
{
	struct json value;
	struct err ignored;
	const char *text =
		json_member(line, key, &value, &ignored) == 0 ? json_text(value, g->arena) : NULL;

	return text ? text : "";
}

static int64_t number_of(struct json line, const char *key)
{
	struct json value;
	struct err ignored;
	int64_t number = 0;

	if (json_member(line, key, &value, &ignored) == 0)
		(void)json_number(value, INT64_MAX, &number, &ignored);
	return number;
}

/* "20:15:03  deny   tcp      evil.example.net:443  no rule allows it" */
static void add_line(const struct log *g, const char *text, size_t len, struct buf *b)
{
	struct json line;
	struct err ignored;
	const char *event;

	if (g->is_json) {
		buf_add(b, text, len);
		buf_puts(b, "\n");
		return;
	}
	if (json_parse(text, len, &line, &ignored) < 0) {
		buf_visible(b, arena_strndup(g->arena, text, len));
		buf_puts(b, "\n");
		return;
	}
	event = text_of(g, line, "event");
	buf_addf(b, "%.19s  %-6s %-8s ", text_of(g, line, "time"), event, text_of(g, line, "via"));
	buf_visible(b, text_of(g, line, "host"));
	buf_addf(b, ":%" PRId64 "  ", number_of(line, "port"));
	if (strcmp(event, "end") == 0)
		buf_addf(b, "%" PRId64 " bytes out, %" PRId64 " in, %" PRId64 " ms",
			 number_of(line, "bytes_out"), number_of(line, "bytes_in"),
			 number_of(line, "ms"));
	else if (text_of(g, line, "reason")[0])
		buf_visible(b, text_of(g, line, "reason"));
	else
		buf_visible(b, text_of(g, line, "rule"));
	buf_puts(b, "\n");
}

/* Whole lines from @offset; *offset moves behind them. */
static int show_from(const struct log *g, const char *name, off_t *offset, struct err *e)
{
	auto_buf struct buf b = BUF_INIT(2 * LOG_MAX);
	auto_arena struct arena a = ARENA_INIT;
	const char *path = path_join(g->arena, g->dir, name);
	struct log own = *g;
	char *text = NULL;
	size_t len = 0;
	int r = io_read_file(AT_FDCWD, path, LOG_MAX, true, &a, &text, &len, e);

	own.arena = &a;
	if (r == -ENOENT)
		return 0;
	if (r < 0)
		return r;
	if (*offset > (off_t)len)
		*offset = 0; /* it was turned over */
	for (const char *at = text + *offset, *end;
	     (end = memchr(at, '\n', len - (size_t)(at - text))); at = end + 1) {
		add_line(&own, at, (size_t)(end - at), &b);
		*offset = end + 1 - text;
	}
	return print(&b) == 0 ? 0 : -EPIPE;
}

/* Until the reader has enough (SIGPIPE, ^C). */
static int follow(const struct log *g, off_t *offset, struct err *e)
{
	auto_fd int fd = inotify_init1(IN_CLOEXEC);
	char events[4096];
	int r = 0;

	if (fd < 0 || inotify_add_watch(fd, g->dir, IN_MODIFY | IN_MOVED_TO | IN_CREATE) < 0)
		return err_sys(e, "cannot watch %s", g->dir);
	while (r == 0) {
		r = show_from(g, NET_LOG_NAME, offset, e);
		(void)fflush(stdout);
		if (r == 0 && read(fd, events, sizeof(events)) <= 0)
			return err_sys(e, "cannot watch %s", g->dir);
	}
	return r == -EPIPE ? 0 : r;
}

int net_log(struct launch *l, int n, char *const words[], struct err *e)
{
	struct log g = { .arena = l->arena };
	off_t old = 0;
	off_t offset = 0;
	int at = 0;
	int r;

	for (; at < n && words[at][0] == '-'; at++) {
		g.is_json |= strcmp(words[at], "--json") == 0;
		g.follows |= strcmp(words[at], "--follow") == 0;
		if (strcmp(words[at], "--json") != 0 && strcmp(words[at], "--follow") != 0)
			return err_set(
				e, EINVAL,
				"the form is: claude-sandbox net log [--json] [--follow] [DIR]");
	}
	if (n > at + 1)
		return err_set(e, EINVAL,
			       "'%s' is too much: claude-sandbox net log [--json] [--follow] [DIR]",
			       words[at + 1]);
	r = load_config(l, n > at ? words[at] : ".", e);
	if (r < 0)
		return r;
	g.dir = arena_printf(l->arena, "%s/network", identity_state_dir(&l->facts, l->arena));
	r = io_mkdir_all(g.dir, 0700, e);
	if (r == 0)
		r = show_from(&g, NET_LOG_OLD_NAME, &old, e);
	if (r == 0)
		r = g.follows ? follow(&g, &offset, e) : show_from(&g, NET_LOG_NAME, &offset, e);
	return r == -EPIPE ? 0 : r;
}
