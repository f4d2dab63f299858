/* SPDX-License-Identifier: Apache-2.0 */
/*
 * systemd-nspawn insists on moving itself and its payload into two new control groups, "supervisor" and "payload", below its
 * own (create_subcgroup() of systemd 252). It has no right to that here, and need not: the container is in the group that the
 * keeper has chosen, with all limits. So the two exist, made by root and always empty, and in the container's
 * mount namespace a tmpfs covers each, with a file that takes what is written to cgroup.procs.
 */
#include <errno.h>
#include <fcntl.h>
#include <linux/magic.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mount.h>
#include <sys/stat.h>
#include <sys/vfs.h>
#include <unistd.h>

#include "base/auto.h"
#include "container/container.h"

#define CGROUPS "/sys/fs/cgroup"
#define LEGACY CGROUPS "/systemd"

static const char *const names[] = { "payload", "supervisor" };

static bool is_cgroup2(const char *path)
{
	struct statfs st;

	return statfs(path, &st) == 0 && st.f_type == CGROUP2_SUPER_MAGIC;
}

/* Where version 2 is mounted: alone, or beside version 1. */
static const char *mount_point(void)
{
	return is_cgroup2(CGROUPS) ? CGROUPS : CGROUPS "/unified";
}

/* Our own group in version 2, "" if it is the root; NULL if there is none. */
static char *own_group(char text[static 4096])
{
	auto_fd int fd = open("/proc/self/cgroup", O_RDONLY | O_CLOEXEC);
	ssize_t n = fd < 0 ? -1 : read(fd, text, 4095);
	char *line;

	if (n <= 0)
		return NULL;
	text[n] = '\0';
	line = strncmp(text, "0::", 3) == 0 ? text : strstr(text, "\n0::");
	if (!line)
		return NULL;
	line = strchr(line, '/');
	if (!line)
		return NULL;
	line[strcspn(line, "\n")] = '\0';
	return strcmp(line, "/") == 0 ? line + 1 : line;
}

static int group_path(char ret[static 4400], const char *above, const char *group, const char *name)
{
	return snprintf(ret, 4400, "%s%s/%s", above, group, name) < 4400 ? 0 : -ENAMETOOLONG;
}

/* What does not work here systemd-nspawn explains. */
void decoy_make(void)
{
	char text[4096], path[4400];
	const char *group = own_group(text);

	for (size_t i = 0; group && i < N_ELEMENTS(names); i++)
		if (group_path(path, mount_point(), group, names[i]) == 0)
			(void)mkdir(path, 0755);
}

/* @dir is a directory; what is written to cgroup.procs in it goes nowhere. */
static int put_procs(const char *dir)
{
	auto_fd int fd = -1;
	char path[4500];

	(void)snprintf(path, sizeof(path), "%s/cgroup.procs", dir);
	fd = open(path, O_WRONLY | O_CREAT | O_CLOEXEC, 0644);
	return fd < 0 ? -errno : 0;
}

static int cover(const char *dir)
{
	struct stat st;

	if (stat(dir, &st) < 0)
		return 0; /* systemd-nspawn explains it */
	if (mount("decoy", dir, "tmpfs", MS_NOSUID | MS_NODEV | MS_NOEXEC, "mode=0755,size=64k") <
	    0)
		return -errno;
	return put_procs(dir);
}

/* Beside version 1 the same path is looked for in the hierarchy of systemd's own. */
static int cover_legacy(const char *group)
{
	char path[4400];
	int r;

	if (is_cgroup2(CGROUPS) || access(LEGACY, F_OK) < 0)
		return 0;
	if (mount("decoy", LEGACY, "tmpfs", MS_NOSUID | MS_NODEV | MS_NOEXEC,
		  "mode=0755,size=256k") < 0)
		return -errno;
	for (size_t i = 0; i < N_ELEMENTS(names); i++) {
		r = group_path(path, LEGACY, group, names[i]);
		if (r < 0)
			return r;
		for (char *slash = path + strlen(LEGACY) + 1; (slash = strchr(slash, '/'));
		     slash++) {
			*slash = '\0';
			(void)mkdir(path, 0755);
			*slash = '/';
		}
		if (mkdir(path, 0755) < 0)
			return -errno;
		r = put_procs(path);
		if (r < 0)
			return r;
	}
	return 0;
}

int decoy_cover(struct err *e)
{
	char text[4096], path[4400];
	const char *group = own_group(text);
	int r = group ? 0 : -ENOENT;

	for (size_t i = 0; i < N_ELEMENTS(names) && r == 0; i++) {
		r = group_path(path, mount_point(), group, names[i]);
		if (r == 0)
			r = cover(path);
	}
	if (r == 0)
		r = cover_legacy(group);
	return r < 0 ? err_set(e, -r,
			       "systemd-nspawn needs control groups of version 2 on " CGROUPS
			       ": %s",
			       strerrordesc_np(-r))
		     : 0;
}
