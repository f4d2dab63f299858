/* SPDX-License-Identifier: Apache-2.0 */
#include "border/rules_peer.h"

#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "base/auto.h"

#define FORKED_NO_EXEC 0x40UL /* PF_FORKNOEXEC, include/linux/sched.h */
#define FLAGS_FIELD 9         /* of /proc/PID/stat */

/* proc_pid_stat(5): fields are counted behind the name in brackets, which may hold anything. */
static const char *find_flags(const char *text)
{
	const char *at = strrchr(text, ')');

	for (int field = 2; at && field < FLAGS_FIELD; field++) {
		at = strchr(at, ' ');
		at = at ? at + 1 : NULL;
	}
	return at;
}

bool peer_has_executed(pid_t pid)
{
	char name[64];
	char text[1024];
	auto_fd int fd = -1;
	const char *flags;
	ssize_t n;

	(void)snprintf(name, sizeof(name), "/proc/%d/stat", (int)pid);
	fd = open(name, O_RDONLY | O_CLOEXEC);
	n = fd >= 0 ? read(fd, text, sizeof(text) - 1) : -1;
	if (n <= 0)
		return true;
	text[n] = '\0';
	flags = find_flags(text);
	return !flags || !(strtoul(flags, NULL, 10) & FORKED_NO_EXEC);
}

static bool userns_of(pid_t pid, struct stat *ret)
{
	char name[64];

	(void)snprintf(name, sizeof(name), "/proc/%d/ns/user", (int)pid);
	return stat(name, ret) == 0;
}

bool peer_shares_userns(pid_t pid, pid_t init)
{
	struct stat one;
	struct stat other;

	return userns_of(pid, &one) && userns_of(init, &other) && one.st_dev == other.st_dev &&
	       one.st_ino == other.st_ino;
}
