/* SPDX-License-Identifier: Apache-2.0 */
#include "border/login_promote.h"

#include <errno.h>
#include <fcntl.h>
#include <unistd.h>

#include "base/auto.h"
#include "base/io.h"
#include "base/path.h"
#include "border/login_lock.h"
#include "border/login_text.h"

#define TURN_MS 20000

static int write_new(const char *path, const char *text, size_t len, struct err *e)
{
	auto_fd int fd = open(path, O_WRONLY | O_CREAT | O_EXCL | O_NOFOLLOW | O_CLOEXEC, 0600);
	int r;

	if (fd < 0 && errno == EEXIST)
		return err_set(e, EEXIST,
			       "the host has a login already; 'promote discard login' lets go of "
			       "the project's");
	if (fd < 0)
		return err_sys(e, "cannot make %s", path);
	r = io_write_all(fd, text, len, e);
	if (r == 0 && fsync(fd) < 0)
		r = err_sys(e, "cannot write %s", path);
	if (r < 0)
		(void)unlink(path);
	return r;
}

static int move(const char *own, const char *claude, struct err *e)
{
	auto_arena struct arena a = ARENA_INIT;
	struct login login;
	char *text;
	size_t len;

	if (io_read_file(AT_FDCWD, own, LOGIN_FILE_MAX, true, &a, &text, &len, e) < 0 ||
	    login_parse(text, len, &a, &login, e) < 0)
		return err_wrap(e, "%s", own);
	if (io_mkdir_all(claude, 0700, e) < 0 ||
	    write_new(arena_printf(&a, "%s/" LOGIN_FILE, claude), text, len, e) < 0)
		return e->code;
	return unlink(own) < 0 ? err_sys(e, "cannot remove %s", own) : 0;
}

int login_promote(const char *own, const char *claude, struct err *e)
{
	auto_arena struct arena a = ARENA_INIT;
	struct login_lock lock = LOGIN_LOCK_NONE;
	int r = login_lock(&lock, path_parent(&a, own), TURN_MS, e);

	if (r > 0)
		return err_set(e, EBUSY, "it is being renewed; try again");
	if (r == 0)
		r = move(own, claude, e);
	login_unlock(&lock);
	return r;
}
