/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Reading is granted beneath the root: what is not mounted cannot be named, and what is reached
 * past the root (a directory's descriptor, a file opened again through /proc) is not beneath it.
 * Writing is granted beneath each writable mount. Landlock only adds along a path, so a read-only
 * mount inside a writable one is held by its mount alone.
 *
 * TCP ports are not restricted: rules name ports and no addresses, and a network of one's own
 * ("none") promises a loopback for the tests that listen there.
 */
#include "spec/landlock.h"

#include <string.h>

#include "base/auto.h"
#include "base/landlock.h"
#include "base/path.h"
#include "spec/facts.h"
#include "spec/spec.h"

#define RIGHTS_READ \
	(LANDLOCK_ACCESS_FS_EXECUTE | LANDLOCK_ACCESS_FS_READ_FILE | LANDLOCK_ACCESS_FS_READ_DIR)
#define RIGHTS_DEVICE_NODES (LANDLOCK_ACCESS_FS_MAKE_CHAR | LANDLOCK_ACCESS_FS_MAKE_BLOCK)
#define RIGHTS_WRITE                                                                 \
	(RIGHTS_READ | LANDLOCK_ACCESS_FS_WRITE_FILE | LANDLOCK_ACCESS_FS_TRUNCATE | \
	 LANDLOCK_ACCESS_FS_REMOVE_DIR | LANDLOCK_ACCESS_FS_REMOVE_FILE |            \
	 LANDLOCK_ACCESS_FS_MAKE_DIR | LANDLOCK_ACCESS_FS_MAKE_REG |                 \
	 LANDLOCK_ACCESS_FS_MAKE_SOCK | LANDLOCK_ACCESS_FS_MAKE_FIFO |               \
	 LANDLOCK_ACCESS_FS_MAKE_SYM | LANDLOCK_ACCESS_FS_REFER)
/* Not LANDLOCK_SCOPE_SIGNAL: a shell that entered must be able to end what another session started,
 * and processes outside are out of sight anyway. */
#define RIGHTS_SCOPED LANDLOCK_SCOPE_ABSTRACT_UNIX_SOCKET

const char *const landlock_grant_names[N_LANDLOCK_GRANTS] = {
	[LANDLOCK_READ] = "read",       [LANDLOCK_WRITE] = "write",
	[LANDLOCK_GUARDED] = "guarded", [LANDLOCK_PROCESS] = "process",
	[LANDLOCK_EXECUTE] = "execute", [LANDLOCK_DEVICE] = "device",
};

static const uint64_t grants[N_LANDLOCK_GRANTS] = {
	[LANDLOCK_READ] = RIGHTS_READ,
	[LANDLOCK_WRITE] = RIGHTS_WRITE,
	[LANDLOCK_GUARDED] = RIGHTS_READ | LANDLOCK_ACCESS_FS_REMOVE_DIR |
			     LANDLOCK_ACCESS_FS_REMOVE_FILE | LANDLOCK_ACCESS_FS_MAKE_SOCK,
	[LANDLOCK_PROCESS] = LANDLOCK_ACCESS_FS_WRITE_FILE | LANDLOCK_ACCESS_FS_TRUNCATE,
	/* The kernel opens for reading what it executes. */
	[LANDLOCK_EXECUTE] = LANDLOCK_ACCESS_FS_EXECUTE | LANDLOCK_ACCESS_FS_READ_FILE,
	[LANDLOCK_DEVICE] = LANDLOCK_ACCESS_FS_WRITE_FILE | LANDLOCK_ACCESS_FS_IOCTL_DEV,
};

/*
 * What each ABI adds, landlock(7). The first, of Linux 5.13, is not used: it knows no right to move
 * a file into another directory, and refuses that everywhere.
 */
static const struct {
	int abi;
	uint64_t fs, scoped;
	uint32_t flags;
	const char *since;
	const char *holds;
} steps[] = {
	{ 2, (RIGHTS_WRITE & ~LANDLOCK_ACCESS_FS_TRUNCATE) | RIGHTS_DEVICE_NODES, 0, 0, "5.19",
	  "files are made, changed and removed beneath the places named alone, and no device is "
	  "made" },
	{ 3, LANDLOCK_ACCESS_FS_TRUNCATE, 0, 0, "6.2", "no file elsewhere is emptied" },
	{ 5, LANDLOCK_ACCESS_FS_IOCTL_DEV, 0, 0, "6.10",
	  "no device but those named takes commands (ioctl)" },
	{ 6, 0, RIGHTS_SCOPED, 0, "6.12", "no abstract unix socket of another is reached" },
	{ 7, 0, 0, LANDLOCK_RESTRICT_SELF_LOG_SUBDOMAINS_OFF, "6.15",
	  "rules that a payload makes for itself cannot fill the host's audit log" },
};

static void add(struct landlock *l, struct arena *a, const char *path, enum landlock_grant grant)
{
	l->rules = arena_grow(a, l->rules, l->n_rules, sizeof(*l->rules));
	l->rules[l->n_rules++] = (struct landlock_rule){ path, grant };
}

/* The nodes that a backend's minimal /dev has. Nothing is to be made in /dev itself. */
static void add_devices(struct landlock *l, struct arena *a, const char *dev)
{
	static const char *const nodes[] = { "null",    "zero", "full", "random",
					     "urandom", "tty",  "ptmx", "pts" };

	for (size_t i = 0; i < N_ELEMENTS(nodes); i++)
		add(l, a, path_join(a, dev, nodes[i]), LANDLOCK_DEVICE);
}

/* /run belongs to the sandbox, and the payload's part of it is its runtime directory. */
static void add_mount(struct landlock *l, struct arena *a, const struct mount *m)
{
	switch (m->kind) {
	case MOUNT_TMPFS:
	case MOUNT_RW:
		if (strcmp(m->dst, "/run") == 0)
			return;
		add(l, a, m->dst, m->is_guarded || m->is_above ? LANDLOCK_GUARDED : LANDLOCK_WRITE);
		return;
	case MOUNT_DIR:
		if (path_below(m->dst, "/run/user"))
			add(l, a, m->dst, LANDLOCK_WRITE);
		return;
	case MOUNT_PROC:
		add(l, a, m->dst, LANDLOCK_PROCESS);
		return;
	case MOUNT_DEVICE:
		add(l, a, m->dst, LANDLOCK_DEVICE);
		return;
	case MOUNT_DEV:
		add_devices(l, a, m->dst);
		return;
	case MOUNT_RO:
	case MOUNT_SYMLINK:
	case MOUNT_TEXT:
	case MOUNT_COPY:
	case MOUNT_LOGIN:
	case MOUNT_MASK:
	case MOUNT_SCRIPT:
	case MOUNT_STUB:
	case MOUNT_COOKIE:
		return;
	}
}

void landlock_build(const struct facts *f, const struct mount *mounts, size_t n, struct arena *a,
		    struct landlock *ret)
{
	*ret = (struct landlock){ 0 };
	for (size_t i = 0; i < N_ELEMENTS(steps) && steps[i].abi <= f->landlock_abi; i++) {
		ret->abi = steps[i].abi;
		ret->fs |= steps[i].fs;
		ret->scoped |= steps[i].scoped;
		ret->flags |= steps[i].flags;
	}
	if (ret->abi == 0)
		return;
	add(ret, a, "/", LANDLOCK_READ);
	for (size_t i = 0; i < n; i++)
		add_mount(ret, a, &mounts[i]);
}

void landlock_add(struct landlock *l, struct arena *a, const char *path, enum landlock_grant grant)
{
	for (size_t i = 0; i < l->n_rules; i++)
		if (l->rules[i].grant == grant && strcmp(l->rules[i].path, path) == 0)
			return;
	if (l->abi > 0)
		add(l, a, path, grant);
}

uint64_t landlock_rights(const struct landlock *l, enum landlock_grant grant)
{
	return grants[grant] & l->fs;
}

void landlock_describe(const struct landlock *l, struct strv *ret_holds, struct strv *ret_lacks)
{
	for (size_t i = 0; i < N_ELEMENTS(steps); i++) {
		if (steps[i].abi <= l->abi)
			strv_add(ret_holds, steps[i].holds);
		else
			strv_add(ret_lacks, arena_printf(ret_lacks->arena, "%s (Linux %s)",
							 steps[i].holds, steps[i].since));
	}
}
