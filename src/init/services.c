/* SPDX-License-Identifier: Apache-2.0 */
/*
 * What the services outside listen on is made here, inside, and passed out: so nothing of it lies on
 * the host, where it would have to be found, guarded and cleaned up.
 */
#include <errno.h>
#include <string.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <sys/un.h>
#include <unistd.h>

#include "base/auto.h"
#include "init/init.h"

#define BACKLOG 64

static int listen_at(const struct wire_listen *want, int *ret)
{
	struct sockaddr_un addr = { .sun_family = AF_UNIX };
	auto_fd int fd = socket(AF_UNIX, want->type | SOCK_CLOEXEC | SOCK_NONBLOCK, 0);
	size_t len = strlen(want->path);

	if (len >= sizeof(addr.sun_path))
		return -ENAMETOOLONG;
	memcpy(addr.sun_path, want->path, len);
	if (fd < 0 || bind(fd, (const struct sockaddr *)&addr, sizeof(addr)) < 0 ||
	    chmod(want->path, 0600) < 0 || listen(fd, BACKLOG) < 0)
		return -errno;
	*ret = take_fd(&fd);
	return 0;
}

static int service_open(const struct wire_listen *want, int channel)
{
	const struct wire_msg msg = { .kind = WIRE_SERVICE, .value = (int)want->service };
	auto_fd int fd = -1;
	int r = 0;

	if (want->type)
		r = listen_at(want, &fd);
	else if (want->service == SERVICE_GUARD || want->service == SERVICE_NETLINK)
		r = notify_open(want->service == SERVICE_GUARD, &fd);

	return r < 0 ? r : wire_send(channel, &msg, &fd, fd >= 0 ? 1 : 0);
}

int services_open(const struct wire_walls *w, int channel)
{
	int r = 0;

	for (size_t i = 0; i < w->n_services && r == 0; i++)
		r = service_open(&w->services[i], channel);
	return r;
}
