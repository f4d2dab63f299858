/* SPDX-License-Identifier: Apache-2.0 */
#include "border/login_watch.h"

#include <stdio.h>
#include <string.h>
#include <sys/inotify.h>
#include <unistd.h>

#include "base/auto.h"
#include "border/login_lock.h"
#include "border/login_text.h"

int login_watch_host(const char *dir, int *ret_fd, struct err *e)
{
	auto_fd int fd = inotify_init1(IN_CLOEXEC | IN_NONBLOCK);

	if (fd < 0 || inotify_add_watch(fd, dir, IN_MOVED_TO | IN_CLOSE_WRITE | IN_ONLYDIR) < 0)
		return err_sys(e, "cannot watch %s", dir);
	*ret_fd = take_fd(&fd);
	return 0;
}

int login_watch_inside(const struct login_inside *in, int *ret_fd, struct err *e)
{
	return login_inside_watch(
		in, IN_OPEN | IN_MOVED_TO | IN_CLOSE_WRITE | IN_DELETE | IN_MOVED_FROM, ret_fd, e);
}

struct login_news login_news_read(int fd)
{
	char buf[16384] __attribute__((aligned(__alignof__(struct inotify_event))));
	struct login_news news = { 0 };
	ssize_t n = read(fd, buf, sizeof(buf));

	for (ssize_t at = 0; at < n;) {
		const struct inotify_event *ev = (const void *)(buf + at);
		bool is_file = ev->len > 0 && strcmp(ev->name, LOGIN_FILE) == 0;
		bool is_lost = ev->mask & IN_Q_OVERFLOW;

		news.opened |= is_lost || (is_file && ev->mask & IN_OPEN);
		news.changed |= is_lost || (is_file && ev->mask & (IN_MOVED_TO | IN_CLOSE_WRITE));
		news.unlocked |=
			is_lost || (ev->len > 0 && ev->mask & (IN_DELETE | IN_MOVED_FROM) &&
				    strcmp(ev->name, LOGIN_AGENT_LOCK) == 0);
		at += (ssize_t)sizeof(*ev) + ev->len;
	}
	return news;
}
