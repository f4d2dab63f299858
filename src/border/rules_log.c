/* SPDX-License-Identifier: Apache-2.0 */
#include "border/rules_log.h"

#include <fcntl.h>
#include <stdio.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "base/auto.h"
#include "base/buf.h"
#include "base/clock.h"

#define ARGUMENTS_MAX 64
#define ARGUMENT_MAX ((size_t)256)
#define LINE_MAX_BYTES ((size_t)128 << 10)
#define LOG_PATH "rules/blocked.jsonl"

/* The directory is ours, on the host, and never mounted. */
static int open_log(const struct spec *s)
{
	auto_fd int dir = open(s->state, O_PATH | O_DIRECTORY | O_CLOEXEC);
	struct stat st;

	if (dir < 0)
		return -1;
	if (fstatat(dir, LOG_PATH, &st, AT_SYMLINK_NOFOLLOW) == 0 && st.st_size >= RULES_LOG_MAX)
		(void)renameat(dir, LOG_PATH, dir, "rules/blocked.1.jsonl");
	return openat(dir, LOG_PATH, O_WRONLY | O_APPEND | O_CREAT | O_NOFOLLOW | O_CLOEXEC, 0600);
}

/* As JSON, cut where it is long: bytes that are no text are lost, which a reader can live with. */
static void add_argument(struct buf *b, const char *text)
{
	char cut[ARGUMENT_MAX + 4];
	size_t len = strnlen(text, ARGUMENT_MAX);

	memcpy(cut, text, len);
	(void)snprintf(cut + len, sizeof(cut) - len, "%s", text[len] ? "..." : "");
	buf_json(b, cut);
}

static void add_arguments(struct buf *b, const struct rule_call *call)
{
	size_t n = 0;

	for (size_t at = 0; at < call->len && n < ARGUMENTS_MAX; n++) {
		buf_puts(b, n ? "," : "");
		add_argument(b, call->block + at);
		at += strlen(call->block + at) + 1;
	}
}

void rules_log_add(const struct spec *s, const struct guarded *command, const struct rule *rule,
		   const struct rule_call *call)
{
	auto_buf struct buf line = BUF_INIT(LINE_MAX_BYTES);
	auto_fd int fd = open_log(s);
	char time[CLOCK_TEXT_SIZE];

	if (fd < 0)
		return;
	clock_print(clock_epoch_ms(), time);
	buf_addf(&line, "{\"time\":\"%s\",\"command\":", time);
	buf_json(&line, command->path);
	buf_puts(&line, ",\"rule\":");
	buf_json(&line, rule->text);
	buf_puts(&line, ",\"argv\":[");
	add_arguments(&line, call);
	buf_puts(&line, "]}\n");
	if (!buf_full(&line))
		(void)!write(fd, buf_text(&line), line.len);
}
