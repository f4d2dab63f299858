/* SPDX-License-Identifier: Apache-2.0 */
#include "border/login_inside.h"

#include <errno.h>
#include <fcntl.h>
#include <linux/openat2.h>
#include <stdio.h>
#include <string.h>
#include <sys/inotify.h>
#include <sys/syscall.h>
#include <time.h>
#include <unistd.h>

#include "base/auto.h"
#include "base/io.h"
#include "border/login_lock.h"
#include "border/login_text.h"

#define TEMP LOGIN_FILE ".claude-sandbox"
#define FAR_SECONDS ((time_t)10 * 365 * 24 * 3600)

struct call {
	const struct login_inside *in;
	const char *path, *text;
	struct stat *ret_st;
	pid_t init_pid;
	uint32_t mask;
	bool hold;
	int fd;
	struct arena *a;
	char *got; /* what was read */
	size_t len;
	struct err *e;
};

static int open_act(void *data)
{
	struct call *c = data;
	struct open_how how = {
		.flags = O_RDONLY | O_DIRECTORY | O_CLOEXEC,
		.resolve = RESOLVE_BENEATH | RESOLVE_NO_SYMLINKS | RESOLVE_NO_MAGICLINKS,
	};
	auto_fd int root = -1;
	char name[32];

	(void)snprintf(name, sizeof(name), "/proc/%d/root", (int)c->init_pid);
	root = open(name, O_PATH | O_DIRECTORY | O_CLOEXEC);
	if (root < 0)
		return err_sys(c->e, "cannot open the sandbox's root");
	c->fd = (int)syscall(SYS_openat2, root, c->path + strspn(c->path, "/"), &how, sizeof(how));
	return c->fd < 0 ? err_sys(c->e, "cannot open %s inside", c->path) : 0;
}

/* What goes wrong before an act has begun has no sentence yet. */
static int act(const struct login_inside *in, int (*what)(void *data), struct call *c)
{
	struct err ignored;
	int r;

	c->in = in;
	c->e = c->e ? c->e : &ignored;
	c->e->code = 0;
	r = inside_do(&in->who, what, c);
	return r < 0 && c->e->code == 0 ? err_set(c->e, -r, "cannot become the sandbox's user: %s",
						  strerrordesc_np(-r))
					: r;
}

int login_inside_open(pid_t init_pid, uid_t uid, gid_t gid, const char *path,
		      struct login_inside *ret, struct err *e)
{
	struct login_inside in = LOGIN_INSIDE_NONE;
	struct call c = { .path = path, .init_pid = init_pid, .fd = -1, .e = e };
	int r = inside_open(init_pid, uid, gid, &in.who);

	if (r < 0)
		return err_set(e, -r, "cannot tell whose the sandbox's files are: %s",
			       strerrordesc_np(-r));
	r = act(&in, open_act, &c);
	in.dir = c.fd;
	if (r < 0)
		login_inside_done(&in);
	else
		*ret = in;
	return r;
}

void login_inside_done(struct login_inside *in)
{
	inside_done(&in->who);
	close_fd(&in->dir);
}

static int stat_act(void *data)
{
	const struct call *c = data;

	return fstatat(c->in->dir, LOGIN_FILE, c->ret_st, AT_SYMLINK_NOFOLLOW) < 0
		       ? err_sys(c->e, "cannot stat the login file inside")
		       : 0;
}

int login_inside_stat(const struct login_inside *in, struct stat *ret)
{
	struct call c = { .ret_st = ret };

	return act(in, stat_act, &c);
}

static int watch_act(void *data)
{
	struct call *c = data;
	auto_fd int fd = inotify_init1(IN_CLOEXEC | IN_NONBLOCK);
	char name[32];

	(void)snprintf(name, sizeof(name), "/proc/self/fd/%d", c->in->dir);
	if (fd < 0 || inotify_add_watch(fd, name, c->mask | IN_ONLYDIR) < 0)
		return err_sys(c->e, "cannot watch the agent's directory inside");
	c->fd = take_fd(&fd);
	return 0;
}

int login_inside_watch(const struct login_inside *in, uint32_t mask, int *ret_fd, struct err *e)
{
	struct call c = { .mask = mask, .e = e };
	int r = act(in, watch_act, &c);

	if (r == 0)
		*ret_fd = c.fd;
	return r;
}

static int read_act(void *data)
{
	struct call *c = data;

	return io_read_file(c->in->dir, LOGIN_FILE, LOGIN_FILE_MAX, true, c->a, &c->got, &c->len,
			    c->e);
}

int login_inside_read(const struct login_inside *in, struct arena *a, char **ret_text,
		      size_t *ret_len, struct err *e)
{
	struct call c = { .a = a, .e = e };
	int r = act(in, read_act, &c);

	if (r == 0) {
		*ret_text = c.got;
		*ret_len = c.len;
	}
	return r;
}

static int write_act(void *data)
{
	const struct call *c = data;
	int dir = c->in->dir;
	auto_fd int fd = -1;
	int r;

	/* Whatever was planted there is not opened: the name is made anew. */
	(void)unlinkat(dir, TEMP, 0);
	fd = openat(dir, TEMP, O_WRONLY | O_CREAT | O_EXCL | O_NOFOLLOW | O_CLOEXEC, 0600);
	if (fd < 0)
		return err_sys(c->e, "cannot make the login file inside");
	r = io_write_all(fd, c->text, strlen(c->text), c->e);
	if (r == 0 && fstat(fd, c->ret_st) < 0)
		r = err_sys(c->e, "cannot stat the login file inside");
	if (r == 0 && renameat(dir, TEMP, dir, LOGIN_FILE) < 0)
		r = err_sys(c->e, "cannot replace the login file inside");
	if (r < 0)
		(void)unlinkat(dir, TEMP, 0);
	return r;
}

int login_inside_write(const struct login_inside *in, const char *text, struct stat *ret_st,
		       struct err *e)
{
	struct call c = { .text = text, .ret_st = ret_st, .e = e };

	return act(in, write_act, &c);
}

static int hold_act(void *data)
{
	const struct call *c = data;
	struct timespec times[2] = { { 0 } };

	if (!c->hold) {
		(void)unlinkat(c->in->dir, LOGIN_AGENT_LOCK, AT_REMOVEDIR);
		return 0;
	}
	(void)clock_gettime(CLOCK_REALTIME, &times[0]);
	times[0].tv_sec += FAR_SECONDS;
	times[1] = times[0];
	/* Without it the agent asks the server with a stand-in, is refused, and reads the file again. */
	(void)mkdirat(c->in->dir, LOGIN_AGENT_LOCK, 0700);
	(void)utimensat(c->in->dir, LOGIN_AGENT_LOCK, times, AT_SYMLINK_NOFOLLOW);
	return 0;
}

void login_inside_hold(const struct login_inside *in, bool hold)
{
	struct call c = { .hold = hold };

	(void)act(in, hold_act, &c);
}
