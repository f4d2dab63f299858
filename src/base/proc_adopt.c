/* SPDX-License-Identifier: Apache-2.0 */
#include <fcntl.h>
#include <signal.h>
#include <stdlib.h>
#include <sys/prctl.h>
#include <sys/wait.h>
#include <unistd.h>

#include "base/auto.h"
#include "base/proc.h"

#define CHILDREN_MAX 4096

int proc_adopt(struct err *e)
{
	return prctl(PR_SET_CHILD_SUBREAPER, 1, 0, 0, 0) < 0 ? err_sys(e, "adopt orphans") : 0;
}

/* A list of numbers, each followed by a space; false: there is none. */
static bool end_listed(void)
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
		/* It is ours until it is reaped, so the number is no other's. */
		if (kill(pid, SIGKILL) == 0 && waitpid(pid, NULL, 0) == pid)
			some = true;
	}
	return some;
}

/* Whose parent ends now may come only after the list was made. */
void proc_end_children(void)
{
	while (end_listed())
		;
}
