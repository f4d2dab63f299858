/* SPDX-License-Identifier: Apache-2.0 */
/* Two watches by inotify(7), on the login file of the host and on the one inside. */
#pragma once

#include <stdbool.h>

#include "base/err.h"
#include "border/login_inside.h"

/* *ret_fd, readable when there is news, belongs to the caller. Closing it takes the kernel 10 ms and more. */
int login_watch_host(const char *dir, int *ret_fd, struct err *e);
int login_watch_inside(const struct login_inside *in, int *ret_fd, struct err *e);

/* What happened to the file and to the agent's lock. Many events say the same: each matter is looked at once. */
struct login_news {
	bool opened, changed, unlocked;
};

/* Nothing at all if nothing happened. */
struct login_news login_news_read(int fd);
