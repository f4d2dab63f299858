/* SPDX-License-Identifier: Apache-2.0 */
/* How a group ends: killed, waited for, removed; and the groups of owners that were killed. */
#include <dirent.h>
#include <errno.h>
#include <fcntl.h>
#include <poll.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/file.h>
#include <sys/pidfd.h>
#include <unistd.h>

#include "base/auto.h"
#include "base/cgroup_text.h"
#include "base/clock.h"
#include "run/cgroup_parts.h"

#define END_MS 1000

/* True once cgroup.events says that nobody is left. */
static bool await_empty(int dir, int64_t deadline)
{
	auto_fd int fd = openat(dir, "cgroup.events", O_RDONLY | O_CLOEXEC);
	struct pollfd p = { .fd = fd, .events = POLLPRI };
	char text[CGROUP_TEXT_MAX];
	uint64_t populated = 0;

	while (fd >= 0 &&
	       cgroup_text_value(text, cgroup_reread(fd, text), "populated", &populated)) {
		int64_t left = deadline - clock_ms();

		if (!populated)
			return true;
		if (left <= 0 || poll(&p, 1, (int)left) < 0)
			return false;
	}
	return false;
}

/* The first process of the group as a pidfd; -1: there is none. */
static int first_member(int dir)
{
	for (int i = 0; i < 16; i++) {
		char text[CGROUP_TEXT_MAX + 1];
		size_t len = cgroup_read(dir, "cgroup.procs", text);
		char number[16];
		auto_fd int fd = -1;

		text[len] = '\0';
		if (sscanf(text, "%15[0-9]", number) != 1)
			return -1;
		fd = pidfd_open((pid_t)strtol(number, NULL, 10), 0);
		/* Still a member, now that we hold it: the number had not been used again. */
		len = cgroup_read(dir, "cgroup.procs", text);
		if (fd >= 0 && cgroup_text_word(text, len, number))
			return take_fd(&fd);
	}
	return -1;
}

/* One by one; that no new ones come is seen to by pids.max where there is one. */
static void kill_members(int dir, int64_t deadline)
{
	(void)cgroup_write(dir, "pids.max", "0");
	while (clock_ms() < deadline) {
		auto_fd int fd = first_member(dir);
		struct pollfd p = { .fd = fd, .events = POLLIN };
		int64_t left = deadline - clock_ms();

		if (fd < 0)
			return;
		(void)pidfd_send_signal(fd, SIGKILL, NULL, 0);
		/* It may be no child of ours, and then its parent decides when it is gone. */
		(void)poll(&p, 1, left > 0 ? (int)left : 0);
	}
}

void cgroup_kill(int dir)
{
	int64_t deadline = clock_ms() + END_MS;

	/* Since Linux 5.14, version 2 only. */
	if (cgroup_write(dir, "cgroup.kill", "1") == 0 && await_empty(dir, deadline))
		return;
	kill_members(dir, deadline);
}

/* Nobody inside can make groups, but one of them may have been given some by hand. */
static void remove_children(const char *path)
{
	DIR *list = opendir(path);
	const struct dirent *entry;

	while (list && (entry = readdir(list)))
		if (entry->d_type == DT_DIR && entry->d_name[0] != '.')
			(void)unlinkat(dirfd(list), entry->d_name, AT_REMOVEDIR);
	if (list)
		(void)closedir(list);
}

/* A process that has just been reaped may keep its group busy for a moment longer. */
void cgroup_remove(const char *path)
{
	int64_t deadline = clock_ms() + END_MS;

	while (rmdir(path) < 0 && errno == EBUSY && clock_ms() < deadline) {
		remove_children(path);
		(void)poll(NULL, 0, 1);
	}
}

static void sweep_one(const char *parent, const char *name)
{
	auto_free char *path = NULL;
	auto_fd int fd = -1;

	if (asprintf(&path, "%s/%s", parent, name) < 0)
		abort();
	fd = open(path, O_RDONLY | O_DIRECTORY | O_CLOEXEC);
	if (fd < 0 || flock(fd, LOCK_EX | LOCK_NB) < 0)
		return;
	cgroup_kill(fd);
	cgroup_remove(path);
}

void cgroup_sweep(const char *parent)
{
	DIR *list = opendir(parent);
	const struct dirent *entry;

	while (list && (entry = readdir(list)))
		if (strncmp(entry->d_name, CGROUP_PREFIX, strlen(CGROUP_PREFIX)) == 0)
			sweep_one(parent, entry->d_name);
	if (list)
		(void)closedir(list);
}
