/* SPDX-License-Identifier: Apache-2.0 */
#include "border/private_listener.h"

#include <fcntl.h>
#include <stdio.h>
#include <sys/socket.h>
#include <sys/un.h>
#include <unistd.h>

#include "base/auto.h"

#define BACKLOG 8
#define NAME_SIZE 32

/* By the directory's descriptor: a path of a project's state may be longer than an address can be. */
static int bind_in(int fd, int dir, const char *name)
{
	struct sockaddr_un addr = { .sun_family = AF_UNIX };

	(void)snprintf(addr.sun_path, sizeof(addr.sun_path), "/proc/self/fd/%d/%s", dir, name);
	return bind(fd, (const struct sockaddr *)&addr, sizeof(addr));
}

int private_listener_open(const char *dir, struct private_listener *ret, struct err *e)
{
	auto_fd int dir_fd = open(dir, O_PATH | O_DIRECTORY | O_NOFOLLOW | O_CLOEXEC);
	auto_fd int fd = socket(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC | SOCK_NONBLOCK, 0);
	auto_fd int place = -1;
	char name[NAME_SIZE];

	if (dir_fd < 0 || fd < 0)
		return err_sys(e, "make a socket in %s", dir);
	/* The number is ours alone; what has it already was left by a process that was killed. */
	(void)snprintf(name, sizeof(name), ".listener.%d", getpid());
	(void)unlinkat(dir_fd, name, 0);
	if (bind_in(fd, dir_fd, name) < 0)
		return err_sys(e, "bind a socket in %s", dir);
	place = openat(dir_fd, name, O_PATH | O_NOFOLLOW | O_CLOEXEC);
	(void)unlinkat(dir_fd, name, 0);
	if (place < 0 || listen(fd, BACKLOG) < 0)
		return err_sys(e, "listen on a socket in %s", dir);
	*ret = (struct private_listener){ .fd = take_fd(&fd), .place = take_fd(&place) };
	return 0;
}

int private_listener_connect(const struct private_listener *p, int *ret_fd, struct err *e)
{
	struct sockaddr_un addr = { .sun_family = AF_UNIX };
	auto_fd int fd = socket(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC | SOCK_NONBLOCK, 0);

	(void)snprintf(addr.sun_path, sizeof(addr.sun_path), "/proc/self/fd/%d", p->place);
	if (fd < 0 || connect(fd, (const struct sockaddr *)&addr, sizeof(addr)) < 0)
		return err_sys(e, "connect to a socket of ours");
	*ret_fd = take_fd(&fd);
	return 0;
}
