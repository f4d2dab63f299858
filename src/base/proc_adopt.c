/* SPDX-License-Identifier: Apache-2.0 */
#include <fcntl.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/prctl.h>
#include <sys/wait.h>
#include <unistd.h>

#include "base/auto.h"
#include "base/proc.h"

#define CHILDREN_MAX 4096
#define COMM_MAX 16

int proc_adopt(struct err *e)
{
	return prctl(PR_SET_CHILD_SUBREAPER, 1, 0, 0, 0) < 0 ? err_sys(e, "adopt orphans") : 0;
}

/* comm of proc(5); of a child, whose number is no other's until it is reaped. */
static bool is_called(pid_t pid, const char *name)
{
	char path[sizeof("/proc//comm") + 11];
	char text[COMM_MAX + 1] = "";
	auto_fd int fd = -1;

	(void)snprintf(path, sizeof(path), "/proc/%d/comm", pid);
	fd = open(path, O_RDONLY | O_CLOEXEC);
	if (fd < 0 || read(fd, text, COMM_MAX) <= 0)
		return false;
	text[strcspn(text, "\n")] = '\0';
	return strcmp(text, name) == 0;
}

/* A list of numbers, each followed by a space; false: there is none to end. */
static bool end_listed(const char *name)
{
	char text[CHILDREN_MAX];
	auto_fd int fd = open("/proc/thread-self/children", O_RDONLY | O_CLOEXEC);
	ssize_t n = fd < 0 ? -1 : read(fd, text, sizeof(text) - 1);
	bool some = false;

	if (n <= 0)
		return false;
	text[n] = '\0';
	for (char *at = text, *end; *at; at = end) {
		pid_t pid = (pid_t)strtol(at, &end, 10);

		if (end == at || *end != ' ')
			break; /* the list goes on, and is read again */
		end++;
		if (name && !is_called(pid, name))
			continue;
		if (kill(pid, SIGKILL) == 0 && waitpid(pid, NULL, 0) == pid)
			some = true;
	}
	return some;
}

/* Whose parent ends now may come only after the list was made. */
void proc_end_children(const char *name)
{
	while (end_listed(name))
		;
}
