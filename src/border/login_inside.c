/* SPDX-License-Identifier: Apache-2.0 */
#include "border/login_inside.h"

#include <errno.h>
#include <fcntl.h>
#include <linux/openat2.h>
#include <stdio.h>
#include <string.h>
#include <sys/syscall.h>
#include <time.h>
#include <unistd.h>

#include "base/auto.h"
#include "base/io.h"
#include "border/login_lock.h"
#include "border/login_text.h"

#define TEMP LOGIN_FILE ".claude-sandbox"
#define FAR_SECONDS ((time_t)10 * 365 * 24 * 3600)

int login_inside_open(pid_t init_pid, const char *path, int *ret_dir, struct err *e)
{
	struct open_how how = {
		.flags = O_RDONLY | O_DIRECTORY | O_CLOEXEC,
		.resolve = RESOLVE_BENEATH | RESOLVE_NO_SYMLINKS | RESOLVE_NO_MAGICLINKS,
	};
	auto_fd int root = -1;
	char name[32];
	int fd;

	(void)snprintf(name, sizeof(name), "/proc/%d/root", (int)init_pid);
	root = open(name, O_PATH | O_DIRECTORY | O_CLOEXEC);
	if (root < 0)
		return err_sys(e, "cannot open the sandbox's root");
	fd = (int)syscall(SYS_openat2, root, path + strspn(path, "/"), &how, sizeof(how));
	if (fd < 0)
		return err_sys(e, "cannot open %s inside", path);
	*ret_dir = fd;
	return 0;
}

int login_inside_read(int dir, struct arena *a, char **ret_text, size_t *ret_len, struct err *e)
{
	return io_read_file(dir, LOGIN_FILE, LOGIN_FILE_MAX, true, a, ret_text, ret_len, e);
}

int login_inside_write(int dir, const char *text, struct stat *ret_st, struct err *e)
{
	auto_fd int fd = -1;
	int r;

	/* Whatever was planted there is not opened: the name is made anew. */
	(void)unlinkat(dir, TEMP, 0);
	fd = openat(dir, TEMP, O_WRONLY | O_CREAT | O_EXCL | O_NOFOLLOW | O_CLOEXEC, 0600);
	if (fd < 0)
		return err_sys(e, "cannot make the login file inside");
	r = io_write_all(fd, text, strlen(text), e);
	if (r == 0 && fstat(fd, ret_st) < 0)
		r = err_sys(e, "cannot stat the login file inside");
	if (r == 0 && renameat(dir, TEMP, dir, LOGIN_FILE) < 0)
		r = err_sys(e, "cannot replace the login file inside");
	if (r < 0)
		(void)unlinkat(dir, TEMP, 0);
	return r;
}

void login_inside_hold(int dir, bool hold)
{
	struct timespec times[2] = { { 0 } };

	if (!hold) {
		(void)unlinkat(dir, LOGIN_AGENT_LOCK, AT_REMOVEDIR);
		return;
	}
	(void)clock_gettime(CLOCK_REALTIME, &times[0]);
	times[0].tv_sec += FAR_SECONDS;
	times[1] = times[0];
	/* Without it the agent asks the server with a stand-in, is refused, and reads the file again. */
	(void)mkdirat(dir, LOGIN_AGENT_LOCK, 0700);
	(void)utimensat(dir, LOGIN_AGENT_LOCK, times, AT_SYMLINK_NOFOLLOW);
}
