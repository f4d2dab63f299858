/* SPDX-License-Identifier: Apache-2.0 */
#include "border/guard.h"

#include <errno.h>
#include <poll.h>
#include <pthread.h>
#include <stdlib.h>
#include <string.h>
#include <sys/ioctl.h>
#include <sys/syscall.h>
#include <unistd.h>

#include "base/auto.h"
#include "border/guard_parts.h"

#define WORKERS 3
#define END_MS 1000

/* What is mounted in a place that the guard looks after is a place of its own. */
static bool is_place(const struct mount *m)
{
	return m->kind == MOUNT_RW || m->kind == MOUNT_RO || m->kind == MOUNT_TMPFS ||
	       m->kind == MOUNT_PROC || m->kind == MOUNT_DEV || m->kind == MOUNT_MASK;
}

static void find_roots(struct guard *g, const struct spec *s)
{
	g->roots = calloc(s->n_mounts, sizeof(*g->roots));
	if (!g->roots)
		abort();
	for (size_t i = 0; i < s->n_mounts; i++) {
		const struct mount *m = &s->mounts[i];

		if (is_place(m))
			g->roots[g->n_roots++] = (struct guard_root){
				.path = m->dst,
				.len = strlen(m->dst),
				.care = m->is_guarded ? CARE_JUDGE
					: m->is_above ? CARE_DO
						      : CARE_NONE,
			};
	}
}

/* ENOENT means that the caller was killed, or that there are none any more: then it comes at once for ever. */
static bool is_used(int listener)
{
	struct pollfd p = { .fd = listener, .events = POLLIN };

	return poll(&p, 1, 0) < 0 || !(p.revents & POLLHUP);
}

static void *work(void *data)
{
	struct guard *g = data;
	int listener = g->service->fd;

	for (;;) {
		struct seccomp_notif n = { 0 };
		struct guard_call call;

		if (ioctl(listener, SECCOMP_IOCTL_NOTIF_RECV, &n) < 0) {
			if (errno == EINTR || (errno == ENOENT && is_used(listener)))
				continue;
			return NULL;
		}
		if (n.data.nr == SYS_socket) {
			guard_netlink(g, listener, &n);
		} else if (guard_decode(&n, &call)) {
			guard_act(g, listener, &call);
		} else {
			struct seccomp_notif_resp resp = { .id = n.id, .error = -ENOSYS };

			(void)ioctl(listener, SECCOMP_IOCTL_NOTIF_SEND, &resp);
		}
	}
}

int guard_service(const struct service *s)
{
	static struct guard g;
	struct pollfd end = { .fd = s->end, .events = POLLIN };
	struct err e;

	g.service = s;
	g.allowed = &s->spec->config->risk_files_allow;
	g.strict = s->spec->config->risk_files == RISK_STRICT;
	find_roots(&g, s->spec);
	if (guard_notes_open(s->spec, &e) < 0 || guard_enter(&g, &e) < 0) {
		/* A sandbox that has ended meanwhile needs no guard. */
		if (poll(&end, 1, END_MS) == 0)
			service_say(s->log, e.msg);
		return 1;
	}
	for (int i = 0; i < WORKERS; i++) {
		pthread_t thread;

		if (pthread_create(&thread, NULL, work, &g) != 0)
			return 1;
		(void)pthread_detach(thread);
	}
	while (poll(&end, 1, -1) < 0 && errno == EINTR)
		;
	return 0;
}
