/* SPDX-License-Identifier: Apache-2.0 */
#include <errno.h>
#include <fcntl.h>
#include <stdlib.h>
#include <string.h>
#include <sys/syscall.h>
#include <sys/uio.h>
#include <unistd.h>

#include "base/auto.h"
#include "border/guard_parts.h"

#define NONE (-1)

/* Which argument has which role. */
struct row {
	int number;
	enum guard_op op;
	signed char dir_a, path_a, dir_b, path_b, flags, mode, other;
};

static const struct row rows[] = {
	{ SYS_openat, OP_OPEN, 0, 1, NONE, NONE, 2, 3, NONE },
	{ SYS_mkdirat, OP_MKDIR, 0, 1, NONE, NONE, NONE, 2, NONE },
	{ SYS_mknodat, OP_MKNOD, 0, 1, NONE, NONE, NONE, 2, 3 },
	{ SYS_renameat, OP_RENAME, 0, 1, 2, 3, NONE, NONE, NONE },
	{ SYS_renameat2, OP_RENAME, 0, 1, 2, 3, 4, NONE, NONE },
	{ SYS_linkat, OP_LINK, 0, 1, 2, 3, 4, NONE, NONE },
	{ SYS_symlinkat, OP_SYMLINK, NONE, 0, 1, 2, NONE, NONE, NONE },
	{ SYS_truncate, OP_TRUNCATE, NONE, 0, NONE, NONE, NONE, NONE, 1 },
#ifdef SYS_open
	{ SYS_open, OP_OPEN, NONE, 0, NONE, NONE, 1, 2, NONE },
	{ SYS_creat, OP_OPEN, NONE, 0, NONE, NONE, NONE, 1, NONE },
	{ SYS_mkdir, OP_MKDIR, NONE, 0, NONE, NONE, NONE, 1, NONE },
	{ SYS_mknod, OP_MKNOD, NONE, 0, NONE, NONE, NONE, 1, 2 },
	{ SYS_rename, OP_RENAME, NONE, 0, NONE, 1, NONE, NONE, NONE },
	{ SYS_link, OP_LINK, NONE, 0, NONE, 1, NONE, NONE, NONE },
	{ SYS_symlink, OP_SYMLINK, NONE, 0, NONE, 1, NONE, NONE, NONE },
#endif
};

static uint64_t arg(const struct seccomp_notif *n, signed char index, uint64_t absent)
{
	return index == NONE ? absent : n->data.args[(unsigned char)index];
}

bool guard_decode(const struct seccomp_notif *n, struct guard_call *ret)
{
	for (size_t i = 0; i < N_ELEMENTS(rows); i++) {
		const struct row *row = &rows[i];

		if (row->number != n->data.nr)
			continue;
		*ret = (struct guard_call){
			.id = n->id,
			.tid = (pid_t)n->pid,
			.op = row->op,
			.dir_a = (int)arg(n, row->dir_a, (uint64_t)AT_FDCWD),
			.path_a = arg(n, row->path_a, 0),
			.dir_b = (int)arg(n, row->dir_b, (uint64_t)AT_FDCWD),
			.path_b = arg(n, row->path_b, 0),
			.flags = (int)arg(n, row->flags, 0),
			.mode = (mode_t)arg(n, row->mode, 0),
			.number = arg(n, row->other, 0),
		};
#ifdef SYS_creat
		if (row->number == SYS_creat)
			ret->flags = O_CREAT | O_WRONLY | O_TRUNC;
#endif
		return true;
	}
	return false;
}

/* Page by page: a path may end right before memory that is not there. */
int guard_read_path(pid_t tid, uint64_t address, char ret[static PATH_MAX])
{
	size_t page = (size_t)sysconf(_SC_PAGESIZE);
	size_t have = 0;

	while (have < PATH_MAX) {
		size_t piece = page - (size_t)((address + have) % page);
		struct iovec local = { ret + have,
				       piece < PATH_MAX - have ? piece : PATH_MAX - have };
		struct iovec remote = { NULL, local.iov_len };
		uint64_t at = address + have;
		ssize_t n;

		memcpy(&remote.iov_base, &at, sizeof(remote.iov_base));
		n = process_vm_readv(tid, &local, 1, &remote, 1, 0);
		if (n <= 0)
			return n < 0 ? -errno : -EFAULT;
		if (memchr(ret + have, '\0', (size_t)n))
			return 0;
		have += (size_t)n;
	}
	return -ENAMETOOLONG;
}

mode_t guard_umask(const struct guard *g, pid_t tid)
{
	char text[1024] = "";
	char name[32];
	const char *at;
	auto_fd int fd = -1;

	(void)snprintf(name, sizeof(name), "%d/status", tid);
	fd = openat(g->proc, name, O_RDONLY | O_CLOEXEC);
	if (fd < 0 || read(fd, text, sizeof(text) - 1) <= 0)
		return 077;
	at = strstr(text, "\nUmask:");
	return at ? (mode_t)strtoul(at + strlen("\nUmask:"), NULL, 8) : 077;
}
