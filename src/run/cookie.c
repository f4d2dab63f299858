/* SPDX-License-Identifier: Apache-2.0 */
#include "run/cookie.h"

#include <errno.h>
#include <fcntl.h>
#include <sys/random.h>

#include "base/auto.h"
#include "base/buf.h"
#include "base/io.h"
#include "base/xauthority.h"

#define KEY_SIZE 16
#define FILE_MAX ((size_t)64 << 10)

/* Without a number an entry is for every display. */
static int copy(const char *path, const char *number, struct buf *b, struct err *e)
{
	auto_arena struct arena a = ARENA_INIT;
	struct xauthority entry;
	char *text = NULL;
	size_t len = 0;
	size_t at = 0;
	int r = io_read_file(AT_FDCWD, path, FILE_MAX, false, &a, &text, &len, e);

	if (r < 0)
		return r;
	while (at < len) {
		if (xauthority_take(text, len, &at, &entry) < 0)
			return err_set(e, EBADMSG,
				       "%s is no file of X cookies; make it again with xauth(1), "
				       "or choose another --display",
				       path);
		if ((entry.number.len == 0 || xauthority_is(entry.number, number)) &&
		    xauthority_is(entry.name, XAUTHORITY_MAGIC_COOKIE))
			xauthority_add(b, number, entry.key);
	}
	return 0;
}

static int make(const char *number, struct buf *b, struct err *e)
{
	char key[KEY_SIZE];

	if (getrandom(key, sizeof(key), 0) != sizeof(key))
		return err_sys(e, "getrandom");
	xauthority_add(b, number, (struct xauthority_part){ key, sizeof(key) });
	return 0;
}

int cookie_open(const char *path, const char *number, int *ret_fd, struct err *e)
{
	auto_buf struct buf b = BUF_INIT(FILE_MAX);
	int r = path ? copy(path, number, &b, e) : make(number, &b, e);

	return r < 0 ? r : io_memfd("Xauthority", buf_text(&b), b.len, ret_fd, e);
}
