/* SPDX-License-Identifier: Apache-2.0 */
#include "run/cell.h"

#include <fcntl.h>
#include <stdio.h>
#include <sys/stat.h>

#include "base/io.h"
#include "plan/cell.h"
#include "run/walls.h"

#define CLIPBOARD_LOG "clipboard.jsonl"
#define CLIPBOARD_LOG_OLD "clipboard.1.jsonl"
#define CLIPBOARD_LOG_MAX ((off_t)1 << 20)

/* The filter of every payload that makes no namespaces: a server of a sandbox needs no more. */
int cell_filter(struct arena *a, int *ret_fd, struct err *e)
{
	const struct seccomp_policy policy = { .rules = seccomp_base };
	const void *filter;
	size_t size;
	int r = walls_filter(&policy, a, &filter, &size, e);

	return r < 0 ? r : io_memfd("filter", filter, size, ret_fd, e);
}

/* -EIO: nothing may pass that is not written down. */
static int open_clipboard_log(const struct spec *s, struct arena *a, int *ret_fd, struct err *e)
{
	const char *path = arena_printf(a, "%s/" CLIPBOARD_LOG, s->desktop.dir);
	struct stat st;

	if (lstat(path, &st) == 0 && st.st_size >= CLIPBOARD_LOG_MAX)
		(void)rename(path, arena_printf(a, "%s/" CLIPBOARD_LOG_OLD, s->desktop.dir));
	*ret_fd = open(path, O_WRONLY | O_APPEND | O_CREAT | O_NOFOLLOW | O_CLOEXEC, 0600);
	return *ret_fd < 0 ? err_sys(e, "open %s", path) : 0;
}

static int open_display(const struct plan *plan, int cookie, struct arena *a, struct service *ret,
			struct err *e)
{
	int filter;
	int r = cell_filter(a, &filter, e);

	if (r == 0)
		r = private_listener_open(plan->spec->desktop.dir, &ret->way, e);
	if (r < 0)
		return r;
	ret->program = (struct service_program){
		.what = arena_printf(a, "the screen of the sandbox (%s)",
				     plan->spec->desktop.program),
		.argv = plan->cells[SERVICE_DISPLAY],
		.fds = { { ret->fd, CELL_LISTEN_FD },
			 { ret->way.fd, CELL_WAY_FD },
			 { cookie, CELL_COOKIE_FD },
			 { filter, CELL_FILTER_FD } },
		.n_fds = 4,
	};
	return 0;
}

static int open_clipboard(const struct plan *plan, int cookie, struct arena *a,
			  struct service_program *ret, struct err *e)
{
	int filter;
	int log = -1;
	int r = cell_filter(a, &filter, e);

	if (r == 0)
		r = open_clipboard_log(plan->spec, a, &log, e);
	if (r < 0)
		return r;
	*ret = (struct service_program){
		.what = "the clipboard between your screen and the sandbox's",
		.argv = plan->clipboard,
		.fds = { { -1, CELL_SCREEN_FD },
			 { log, CELL_LOG_FD },
			 { cookie, CELL_COOKIE_FD },
			 { filter, CELL_FILTER_FD } },
		.n_fds = 4,
	};
	return 0;
}

static const char *what(int kind)
{
	return kind == SERVICE_SOUND ? "the sound of the sandbox (our program sound)"
				     : "the sandbox's way to your compositor";
}

/* One that needs nothing but its socket. */
static int open_plain(const struct plan *plan, int kind, struct arena *a, struct service *ret,
		      struct err *e)
{
	int filter;
	int r = cell_filter(a, &filter, e);

	if (r < 0)
		return r;
	ret->program = (struct service_program){
		.what = what(kind),
		.argv = plan->cells[kind],
		.fds = { { ret->fd, CELL_LISTEN_FD }, { filter, CELL_FILTER_FD } },
		.n_fds = 2,
	};
	return 0;
}

int cell_open(const struct plan *plan, int kind, int cookie, struct arena *a, struct service *ret,
	      struct err *e)
{
	int r;

	if (kind == SERVICE_BUS)
		return cell_open_bus(plan, a, ret, e);
	if (kind != SERVICE_DISPLAY)
		return open_plain(plan, kind, a, ret, e);
	r = open_display(plan, cookie, a, ret, e);
	return r < 0 || plan->clipboard.n == 0
		       ? r
		       : open_clipboard(plan, cookie, a, &ret->companion, e);
}
