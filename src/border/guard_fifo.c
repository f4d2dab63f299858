/* SPDX-License-Identifier: Apache-2.0 */
#include <errno.h>
#include <fcntl.h>
#include <pthread.h>
#include <stdatomic.h>
#include <stdlib.h>
#include <string.h>
#include <sys/ioctl.h>
#include <time.h>
#include <unistd.h>

#include "base/auto.h"
#include "border/guard_act.h"

#define WAITING_MAX 32
#define RETRY_NS 5000000L

static _Atomic unsigned n_waiting;

struct waiting {
	struct guard_answer answer;
	struct guard_call call;
	int parent;
	char name[NAME_MAX + 1];
};

static int try_open(const struct guard_answer *w, int parent, const char *name)
{
	int flags = w->c->flags;
	auto_fd int fd = openat(parent, name,
				(flags & ~(O_CREAT | O_EXCL | O_TRUNC)) | O_NONBLOCK | O_NOFOLLOW |
					O_NOCTTY | O_CLOEXEC);

	if (fd < 0)
		return -errno;
	if (!(flags & O_NONBLOCK))
		(void)fcntl(fd, F_SETFL, flags & ~O_NONBLOCK);
	return guard_give(w, fd);
}

static void *wait_for_reader(void *data)
{
	struct waiting *w = data;
	int r;

	do {
		(void)nanosleep(&(struct timespec){ .tv_nsec = RETRY_NS }, NULL);
		r = try_open(&w->answer, w->parent, w->name);
	} while (r == -ENXIO &&
		 ioctl(w->answer.listener, SECCOMP_IOCTL_NOTIF_ID_VALID, &w->call.id) == 0);
	guard_reply(&w->answer, r);
	(void)close(w->parent);
	free(w);
	n_waiting--;
	return NULL;
}

int guard_open_fifo(const struct guard_answer *w, const struct guard_place *p)
{
	int r = try_open(w, p->parent, p->name);
	struct waiting *later;
	pthread_t thread;

	if (r != -ENXIO || (w->c->flags & O_NONBLOCK))
		return r;
	later = ++n_waiting <= WAITING_MAX ? calloc(1, sizeof(*later)) : NULL;
	if (!later) {
		n_waiting--;
		return r;
	}
	later->call = *w->c;
	later->answer = (struct guard_answer){ w->g, w->listener, &later->call, false };
	later->parent = fcntl(p->parent, F_DUPFD_CLOEXEC, 3);
	(void)stpcpy(later->name, p->name);
	if (pthread_create(&thread, NULL, wait_for_reader, later) != 0) {
		(void)close(later->parent);
		free(later);
		n_waiting--;
		return r;
	}
	(void)pthread_detach(thread);
	return DONE;
}
