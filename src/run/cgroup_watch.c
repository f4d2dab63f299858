/* SPDX-License-Identifier: Apache-2.0 */
/*
 * What a group tells: strikes of limits, and usage.
 *
 * Version 2 and the pids controller of version 1 have files of counters that poll(2) reports with
 * POLLPRI when they change. The memory controller of version 1 has an eventfd that is told when memory
 * runs out, a moment before its counter of killed processes changes. (Since Linux 6.11 the pids
 * controller of version 1 counts without telling; then it is told at the end only.)
 */
#include <errno.h>
#include <fcntl.h>
#include <inttypes.h>
#include <poll.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/eventfd.h>
#include <unistd.h>

#include "base/auto.h"
#include "base/cgroup_text.h"
#include "run/cgroup_parts.h"

enum { STRIKE_MEMORY, STRIKE_PIDS };
_Static_assert(STRIKE_PIDS + 1 == CGROUP_POLLS, "one for each");

static const char *const counters[CGROUP_POLLS] = {
	[STRIKE_MEMORY] = "oom_kill", [STRIKE_PIDS] = "max"
};

static uint64_t counter_of(const struct cgroup *g, size_t i)
{
	char text[CGROUP_TEXT_MAX];
	uint64_t value = 0;

	if (g->strikes[i].counts < 0)
		return 0;
	(void)cgroup_text_value(text, cgroup_reread(g->strikes[i].counts, text), counters[i],
				&value);
	return value;
}

static void watch_file(struct cgroup *g, size_t i, enum limit_controller c, const char *file)
{
	int dir = cgroup_dir(g, c);
	int fd = dir < 0 ? -1 : openat(dir, file, O_RDONLY | O_CLOEXEC);

	g->strikes[i] = (struct cgroup_strike){ .fd = fd, .counts = fd, .events = POLLPRI };
	/* Read once: poll(2) tells of changes since the last read. */
	g->strikes[i].told = counter_of(g, i);
}

/* cgroup-v1/memory.rst, section 10: "<eventfd> <fd of memory.oom_control>" */
static void watch_oom1(struct cgroup *g)
{
	int dir = cgroup_dir(g, LIMIT_MEMORY);
	auto_fd int counts = dir < 0 ? -1 : openat(dir, "memory.oom_control", O_RDONLY | O_CLOEXEC);
	auto_fd int fd = counts < 0 ? -1 : eventfd(0, EFD_CLOEXEC | EFD_NONBLOCK);
	char text[64];

	if (fd < 0)
		return;
	(void)snprintf(text, sizeof(text), "%d %d", fd, counts);
	/* Refused: the counter is still read at the end. */
	if (cgroup_write(dir, "cgroup.event_control", text) < 0)
		auto_fd_done(&fd);
	g->strikes[STRIKE_MEMORY] =
		(struct cgroup_strike){ .fd = fd, .counts = take_fd(&counts), .events = POLLIN };
	(void)take_fd(&fd);
}

void cgroup_watch(struct cgroup *g)
{
	if (g->limits.memory_mib && g->way == LIMIT_WAY_CGROUP1)
		watch_oom1(g);
	else if (g->limits.memory_mib)
		watch_file(g, STRIKE_MEMORY, LIMIT_MEMORY, "memory.events");
	if (g->limits.pids)
		watch_file(g, STRIKE_PIDS, LIMIT_PIDS, "pids.events");
}

/*
 * After its first strike a limit is not polled again: a fork bomb strikes thousands of times a
 * second, and we are not to spend a processor on being told.
 */
size_t cgroup_polls(const struct cgroup *g, struct pollfd polls[static CGROUP_POLLS])
{
	size_t n = 0;

	for (size_t i = 0; g->way != LIMIT_WAY_NONE && i < CGROUP_POLLS; i++)
		if (g->strikes[i].fd >= 0 && g->strikes[i].told == 0)
			polls[n++] = (struct pollfd){ .fd = g->strikes[i].fd,
						      .events = g->strikes[i].events };
	return n;
}

static void tell(const struct cgroup *g, size_t i, uint64_t n, struct buf *text)
{
	if (i == STRIKE_MEMORY)
		buf_addf(text,
			 "the memory limit of %" PRIu64
			 " MiB was reached, and the kernel ended %" PRIu64
			 " process%s of the sandbox (--memory SIZE raises it)\n",
			 g->limits.memory_mib, n, n == 1 ? "" : "es");
	else
		buf_addf(text,
			 "the limit of %" PRIu64 " processes and threads was reached: %" PRIu64
			 " could not be started (--pids N raises it)\n",
			 g->limits.pids, n);
}

unsigned cgroup_struck(struct cgroup *g, struct buf *text)
{
	unsigned n = 0;

	if (g->excuse.msg[0]) {
		buf_addf(text, "degraded: no limits of memory, processes and processors: %s\n",
			 g->excuse.msg);
		g->excuse.msg[0] = '\0';
		n++;
	}
	for (size_t i = 0; g->way != LIMIT_WAY_NONE && i < CGROUP_POLLS; i++) {
		struct cgroup_strike *s = &g->strikes[i];
		uint64_t value = counter_of(g, i);
		uint64_t events;

		if (s->fd >= 0 && s->fd != s->counts) /* empties the eventfd */
			(void)!read(s->fd, &events, sizeof(events));
		if (value <= s->told)
			continue;
		s->told = value;
		tell(g, i, value, text);
		n++;
	}
	return n;
}

static uint64_t number(int dir, const char *file)
{
	char text[CGROUP_TEXT_MAX] = "n ";
	uint64_t value = 0;
	char content[CGROUP_TEXT_MAX];
	size_t len = cgroup_read(dir, file, content);

	if (len > sizeof(text) - 2)
		return 0;
	memcpy(text + 2, content, len);
	(void)cgroup_text_value(text, len + 2, "n", &value);
	return value;
}

bool cgroup_usage(const struct cgroup *g, struct cgroup_usage *ret)
{
	int memory = cgroup_dir(g, LIMIT_MEMORY);
	bool v1 = g->way == LIMIT_WAY_CGROUP1;
	char text[CGROUP_TEXT_MAX];

	if (g->way == LIMIT_WAY_NONE)
		return false;
	*ret = (struct cgroup_usage){
		.memory_bytes = number(memory, v1 ? "memory.usage_in_bytes" : "memory.current"),
		.memory_peak_bytes =
			number(memory, v1 ? "memory.max_usage_in_bytes" : "memory.peak"),
		.pids = number(cgroup_dir(g, LIMIT_PIDS), "pids.current"),
	};
	if (v1)
		ret->cpu_usec = number(cgroup_dir(g, LIMIT_CPUACCT), "cpuacct.usage") / 1000;
	else
		(void)cgroup_text_value(text, cgroup_read(g->parts[0].dir, "cpu.stat", text),
					"usage_usec", &ret->cpu_usec);
	return true;
}
