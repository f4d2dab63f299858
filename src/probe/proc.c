/* SPDX-License-Identifier: Apache-2.0 */
/* F-11, N-02, N-03, N-06: what /proc and /sys show and let be written. Nothing is ever written there. */
#include <dirent.h>
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/resource.h>
#include <sys/stat.h>
#include <sys/utsname.h>
#include <unistd.h>

#include "probe/probe.h"

#define TEXT_MAX ((size_t)1 << 20)

/* Names below /proc/PID, by .value. */
static const char *const leaves[] = { "root/", "cwd/", "exe",     "fd/0",
				      "mem",   "maps", "environ", "ns/mnt" };

static struct verdict of_process(const struct attempt *at)
{
	char path[128];

	(void)snprintf(path, sizeof(path), "/proc/%ld/%s", number_of(at->args[0]),
		       leaves[at->attack->value]);
	return by_result(open(path, O_RDONLY | O_CLOEXEC));
}

/* Calls @visit with each process's directory until it says true. */
static bool each_process(bool (*visit)(int dir, const void *arg), const void *arg)
{
	DIR *proc = opendir("/proc");
	struct dirent *entry;
	bool found = false;

	while (proc && !found && (entry = readdir(proc))) {
		int dir = number_of(entry->d_name) < 0 ? -1
						       : openat(dirfd(proc), entry->d_name,
								O_RDONLY | O_DIRECTORY | O_CLOEXEC);

		if (dir >= 0) {
			found = visit(dir, arg);
			(void)close(dir);
		}
	}
	if (proc)
		(void)closedir(proc);
	return found;
}

static bool reaches(int dir, const void *arg)
{
	static const char *const ways[] = { "root", "cwd" };

	for (size_t i = 0; i < 2; i++) {
		char path[4096];

		(void)snprintf(path, sizeof(path), "%s%s%s", ways[i],
			       i ? "/../../../../../../../.." : "", (const char *)arg);
		if (faccessat(dir, path, F_OK, 0) == 0)
			return true;
	}
	return false;
}

/* args: a file of the host, from the root. */
static struct verdict walk(const struct attempt *at)
{
	return each_process(reaches, at->args[0]) ? done() : refused(ENOENT);
}

/* Whether a descriptor of any process stands for @arg, a directory's device and inode. */
static bool holds(int dir, const void *arg)
{
	const struct stat *wanted = arg;
	int fds = openat(dir, "fd", O_RDONLY | O_DIRECTORY | O_CLOEXEC);
	DIR *list = fds < 0 ? NULL : fdopendir(fds);
	struct dirent *entry;
	bool found = false;

	while (list && !found && (entry = readdir(list))) {
		struct stat st;

		found = fstatat(dirfd(list), entry->d_name, &st, 0) == 0 &&
			st.st_dev == wanted->st_dev && st.st_ino == wanted->st_ino;
	}
	if (list)
		(void)closedir(list);
	return found;
}

/* args: device, inode of a directory that only a process outside has open. */
static struct verdict walk_fds(const struct attempt *at)
{
	const struct stat wanted = { .st_dev = (dev_t)number_of(at->args[0]),
				     .st_ino = (ino_t)number_of(at->args[1]) };

	return each_process(holds, &wanted) ? done() : refused(ENOENT);
}

static struct verdict dots(const struct attempt *at)
{
	char path[4096];

	(void)snprintf(path, sizeof(path), "/proc/self/cwd/../../../../../../../../..%s",
		       at->args[0]);
	return by_result(open(path, O_RDONLY | O_CLOEXEC));
}

static char *read_text(int dir, const char *path, size_t *ret_len)
{
	static char text[TEXT_MAX];
	int fd = openat(dir, path, O_RDONLY | O_CLOEXEC | O_NONBLOCK);
	size_t len = 0;
	ssize_t n;

	if (fd < 0)
		return NULL;
	while (len < sizeof(text) - 1 && (n = read(fd, text + len, sizeof(text) - 1 - len)) > 0)
		len += (size_t)n;
	(void)close(fd);
	text[len] = '\0';
	*ret_len = len;
	return text;
}

struct token {
	const char *file, *text;
};

static bool shows(int dir, const void *arg)
{
	const struct token *token = arg;
	size_t len = 0;
	const char *text = read_text(dir, token->file, &len);

	return text && memmem(text, len, token->text, strlen(token->text));
}

/* args: the token backwards, since our own argv is searched too. */
static struct verdict token(const struct attempt *at)
{
	char text[256] = "";
	const struct token wanted = { at->attack->value ? "environ" : "cmdline", text };
	size_t n = strlen(at->args[0]);

	for (size_t i = 0; i < n && i < sizeof(text) - 1; i++)
		text[i] = at->args[0][n - 1 - i];
	return each_process(shows, &wanted) ? done() : refused_why("not found");
}

static struct verdict open_write(const struct attempt *at)
{
	return by_result(open(at->args[0], O_WRONLY | O_CLOEXEC));
}

static struct verdict open_read(const struct attempt *at)
{
	char byte;
	int fd = open(at->args[0], O_RDONLY | O_CLOEXEC | O_NONBLOCK);

	return fd < 0 ? refused(errno) : reached(read(fd, &byte, 1));
}

/* What belongs to the sandbox's own ipc and pid namespaces is its own to set. */
static bool is_own(const char *path)
{
	static const char *const own[] = {
		"/proc/sys/fs/mqueue/",        "/proc/sys/kernel/auto_msgmni",
		"/proc/sys/kernel/msg",        "/proc/sys/kernel/sem",
		"/proc/sys/kernel/shm",        "/proc/sys/kernel/pid_max",
		"/proc/sys/kernel/ns_last_pid"
	};

	for (size_t i = 0; i < sizeof(own) / sizeof(own[0]); i++)
		if (strncmp(path, own[i], strlen(own[i])) == 0)
			return true;
	return false;
}

/* Opened for writing, never written. The first that opens is one too many. */
/* NOLINTNEXTLINE(misc-no-recursion): as deep as the directories, eight at most */
static bool sweep(const char *path, unsigned depth)
{
	DIR *list = opendir(path);
	struct dirent *entry;
	bool found = false;

	while (list && !found && (entry = readdir(list))) {
		char below[1024];
		int fd;

		if (entry->d_name[0] == '.')
			continue;
		(void)snprintf(below, sizeof(below), "%s/%s", path, entry->d_name);
		if (entry->d_type == DT_DIR) {
			found = depth < 8 && sweep(below, depth + 1);
			continue;
		}
		fd = is_own(below) ? -1 : open(below, O_WRONLY | O_CLOEXEC | O_NONBLOCK);
		found = fd >= 0;
		if (found)
			(void)close(fd);
	}
	if (list)
		(void)closedir(list);
	return found;
}

static struct verdict sweep_sys(const struct attempt *at)
{
	(void)at;
	return sweep("/proc/sys", 0) ? done() : refused_why("none");
}

static struct verdict core_limit(const struct attempt *at)
{
	struct rlimit limit = { 1 << 20, 1 << 20 };

	(void)at;
	return by_result(setrlimit(RLIMIT_CORE, &limit));
}

static struct verdict addresses(const struct attempt *at)
{
	size_t len;
	const char *text = read_text(AT_FDCWD, "/proc/kallsyms", &len);

	(void)at;
	if (!text)
		return refused(errno);
	return strncmp(text, "0000000000000000", 16) == 0 ? refused_why("zeros") : done();
}

/* args: what the host calls itself. */
static struct verdict host_name(const struct attempt *at)
{
	struct utsname name;

	if (uname(&name) < 0)
		return refused(errno);
	return strcmp(name.nodename, at->args[0]) == 0 ? done() : refused_why("another");
}

static struct verdict same_text(const struct attempt *at)
{
	size_t len;
	const char *text = read_text(AT_FDCWD, "/etc/machine-id", &len);

	if (!text)
		return refused(errno);
	return strncmp(text, at->args[0], strlen(at->args[0])) == 0 ? done()
								    : refused_why("another");
}

/* clang-format off */
#define LEAF(letter, leaf, number) { "F-11" letter, "init-" leaf, "opens /proc/1/" leaf, of_process, number, 1, true }
const struct attack proc_attacks[] = {
	LEAF("a", "root", 0), LEAF("b", "cwd", 1), LEAF("c", "exe", 2), { "F-11d", "init-fd", "opens a descriptor of init by /proc", of_process, 3, 1, true }, LEAF("e", "mem", 4),
	LEAF("f", "maps", 5), LEAF("g", "environ", 6), LEAF("h", "ns", 7),
	{ "F-11i", "walk-roots", "reaches a file of the host by any process's root or cwd", walk, 0, 1, true },
	{ "F-11j", "walk-fds", "finds a directory of the host among any process's descriptors", walk_fds, 0, 2, true },
	{ "F-11k", "dots", "goes up from its own directory to a file of the host", dots, 0, 1, true },
	{ "N-02a", "token-argv", "finds a secret in any process's argv", token, 0, 1, true },
	{ "N-02b", "token-environ", "finds a secret in any process's environment", token, 1, 1, true },
	{ "N-03a", "core-pattern", "opens core_pattern for writing", open_write, 0, 1, true },
	{ "N-03b", "sysrq", "opens sysrq-trigger for writing", open_write, 0, 1, true },
	{ "N-03c", "modprobe-path", "opens the path of the kernel's modprobe for writing", open_write, 0, 1, true },
	{ "N-03d", "uevent-helper", "opens the kernel's uevent helper for writing", open_write, 0, 1, true },
	{ "N-03e", "release-agent", "opens a cgroup's release agent for writing (CVE-2022-0492)", open_write, 0, 1, true },
	{ "N-03f", "oom-adj-host", "opens the oom score of a process of the host for writing", open_write, 0, 1, true },
	{ "N-03j", "open-write", "opens a file for writing, and leaves it at that", open_write, 0, 1, true },
	{ "N-03g", "sweep-sys", "opens any file below /proc/sys for writing", sweep_sys, 0, 0, true },
	{ "N-03h", "core-limit", "allows itself core dumps again", core_limit, 0, 0, true },
	{ "N-03i", "kcore", "reads the kernel's memory", open_read, 0, 1, true },
	{ "N-06a", "kallsyms", "reads addresses of the kernel", addresses, 0, 0, true },
	{ "N-06b", "proc-keys", "reads the names of the user's keys", open_read, 0, 1, true },
	{ "N-06c", "proc-key-users", "reads how many keys each user has", open_read, 0, 1, true },
	{ "N-06d", "timer-list", "reads the kernel's timers", open_read, 0, 1, true },
	{ "N-06e", "kmsg", "reads the kernel's log as a device", open_read, 0, 1, true },
	{ "N-06f", "host-name", "learns the host's name", host_name, 0, 1, true },
	{ "N-06g", "machine-id", "learns the host's machine id", same_text, 0, 1, true },
	{ "N-06h", "page-flags", "reads the flags of all pages", open_read, 0, 1, true },
	{ .name = NULL },
};
/* clang-format on */
