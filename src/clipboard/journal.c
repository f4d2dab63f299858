/* SPDX-License-Identifier: Apache-2.0 */
#include "clipboard/journal.h"

#include <errno.h>
#include <sys/stat.h>
#include <unistd.h>

#include "base/auto.h"
#include "base/buf.h"
#include "base/clock.h"

#define LINE_BYTES ((size_t)512)
#define REFUSED_MAX 200
/* Whoever opened it began a new one at much less; no honest run fills this. */
#define FILE_MAX ((off_t)8 << 20)

static void begin(struct buf *b, const char *event, enum direction direction)
{
	static const char *const names[] = { [DIRECTION_IN] = "in", [DIRECTION_OUT] = "out" };
	char time[CLOCK_TEXT_SIZE];

	clock_print(clock_epoch_ms(), time);
	buf_addf(b, "{\"time\":\"%s\",\"event\":\"%s\",\"direction\":\"%s\"", time, event,
		 names[direction]);
}

/* One write: lines of two sandboxes of a project do not mix (O_APPEND). */
static int put(const struct journal *j, struct buf *b)
{
	struct stat st;

	buf_puts(b, "}\n");
	if (fstat(j->fd, &st) < 0 || st.st_size >= FILE_MAX)
		return -EIO;
	return write(j->fd, buf_text(b), b->len) == (ssize_t)b->len ? 0 : -EIO;
}

int journal_passed(struct journal *j, enum direction direction, size_t bytes)
{
	auto_buf struct buf b = BUF_INIT(LINE_BYTES);

	begin(&b, "passed", direction);
	buf_addf(&b, ",\"bytes\":%zu", bytes);
	return put(j, &b);
}

void journal_refused(struct journal *j, enum direction direction, const char *reason)
{
	auto_buf struct buf b = BUF_INIT(LINE_BYTES);

	if (j->n_refused++ >= REFUSED_MAX)
		return;
	begin(&b, "refused", direction);
	buf_puts(&b, ",\"reason\":");
	buf_json(&b, reason);
	(void)put(j, &b); /* refused it is, written down or not */
}
