/* SPDX-License-Identifier: Apache-2.0 */
#include "egress/journal.h"

#include <fcntl.h>
#include <inttypes.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "base/auto.h"
#include "base/buf.h"
#include "base/clock.h"
#include "spec/net.h"

#define LINE_BYTES ((size_t)8192)

static void open_file(struct journal *j)
{
	struct stat st;

	j->fd = openat(j->dir, NET_LOG_NAME, O_WRONLY | O_APPEND | O_CREAT | O_NOFOLLOW | O_CLOEXEC,
		       0600);
	j->size = j->fd >= 0 && fstat(j->fd, &st) == 0 ? st.st_size : 0;
}

void journal_open(struct journal *j, const char *dir)
{
	*j = (struct journal){ .fd = -1 };
	j->dir = open(dir, O_PATH | O_DIRECTORY | O_NOFOLLOW | O_CLOEXEC);
	if (j->dir >= 0)
		open_file(j);
}

static void add_text(struct buf *b, const char *key, const char *value)
{
	if (!value)
		return;
	buf_addf(b, ",\"%s\":", key);
	buf_json(b, value);
}

static void add_addr(struct buf *b, const char *key, const struct net_addr *addr)
{
	char text[NET_ADDR_SIZE];

	net_addr_print(addr, text);
	add_text(b, key, text);
}

static void turn_over(struct journal *j)
{
	if (j->size < JOURNAL_MAX)
		return;
	close_fd(&j->fd);
	(void)renameat(j->dir, NET_LOG_NAME, j->dir, NET_LOG_OLD_NAME);
	open_file(j);
}

void journal_add(struct journal *j, const struct journal_line *line)
{
	auto_buf struct buf b = BUF_INIT(LINE_BYTES);
	char time[CLOCK_TEXT_SIZE];
	ssize_t n;

	if (j->fd < 0)
		return;
	turn_over(j);
	clock_print(clock_epoch_ms(), time);
	buf_addf(&b, "{\"time\":\"%s\"", time);
	add_text(&b, "event", line->event);
	add_text(&b, "via", line->via);
	if (line->target->name)
		add_text(&b, "host", line->target->name);
	else
		add_addr(&b, "host", &line->target->addr);
	buf_addf(&b, ",\"port\":%u", line->target->port);
	add_text(&b, "method", line->target->method);
	add_text(&b, "rule", line->rule);
	add_text(&b, "reason", line->reason);
	if (line->addr)
		add_addr(&b, "address", line->addr);
	if (strcmp(line->event, "end") == 0)
		buf_addf(&b, ",\"bytes_out\":%" PRIu64 ",\"bytes_in\":%" PRIu64 ",\"ms\":%" PRIu64,
			 line->bytes_out, line->bytes_in, line->ms);
	buf_puts(&b, "}\n");
	n = write(j->fd, buf_text(&b), b.len); /* a full disk loses lines, and nothing else */
	j->size += n > 0 ? n : 0;
}

void journal_close(struct journal *j)
{
	close_fd(&j->fd);
	close_fd(&j->dir);
}
