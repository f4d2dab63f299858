/* SPDX-License-Identifier: Apache-2.0 */
/* What the guard's files share; nobody else includes it. */
#pragma once

#include <limits.h>
#include <linux/seccomp.h>
#include <stdbool.h>
#include <stdint.h>
#include <sys/types.h>

#include "border/service.h"
#include "spec/planted.h"

/* Files of ours that exist for a moment, in directories that the sandbox can write. */
#define GUARD_TEMP ".csb-guard-"

/* What tells a directory or a namespace from all others. */
struct guard_file {
	dev_t dev;
	ino_t ino;
};

/* A place of the sandbox's own, or one that the guard looks after. */
struct guard_root {
	const char *path; /* the same inside and outside */
	size_t len;
	enum guard_care {
		CARE_NONE, /* the kernel goes on with the call, and Landlock knows what may be done here */
		CARE_DO, /* a guarded place lies below: Landlock grants nothing, and nothing is judged */
		CARE_JUDGE,
	} care;
};

struct guard {
	const struct service *service;
	const struct strv *allowed;
	bool strict;  /* build files are refused too */
	int proc;     /* the host's /proc: entries by the numbers that the listener tells */
	int self_fds; /* our own /proc/self/fd, likewise */
	struct guard_file root,
		network; /* of the sandbox: its root directory, its network namespace */
	struct guard_root *roots;
	size_t n_roots;
};

enum guard_op {
	OP_OPEN,
	OP_MKDIR,
	OP_MKNOD,
	OP_RENAME,
	OP_LINK,
	OP_SYMLINK,
	OP_TRUNCATE,
};

/* One call of a process inside, its arguments by their role. A path is an address in its memory. */
struct guard_call {
	uint64_t id; /* of the notification */
	pid_t tid;
	enum guard_op op;
	int dir_a, dir_b;
	uint64_t path_a,
		path_b; /* of a symlink: the text, and where; of others path_b is the new name */
	int flags;
	mode_t mode;
	uint64_t number; /* device or length */
};

/* Where a call would land: a name in a directory that is held open. */
struct guard_place {
	int parent; /* -1: none */
	char name[NAME_MAX + 1];
	char path[PATH_MAX + NAME_MAX + 2]; /* as it is seen inside, links resolved */
	const struct guard_root *root;
	const char *rel; /* of path, below the root */
};

#define GUARD_PLACE_NONE ((struct guard_place){ .parent = -1 })
#define auto_place __attribute__((cleanup(guard_place_done)))

/* Goes where the payload is, with its view of the files and no more rights. Before any thread. */
int guard_enter(struct guard *g, struct err *e);

/* Whether @what ("root", "ns/net") of a thread is the sandbox's own; not if it cannot be told. */
bool guard_shares(const struct guard *g, pid_t tid, const char *what, const struct guard_file *own);

/* socket(AF_NETLINK): goes on in the sandbox's network, and is refused in any that was made inside. */
void guard_netlink(const struct guard *g, int listener, const struct seccomp_notif *n);

/* False for a call that is none of ours: the kernel goes on with it. */
bool guard_decode(const struct seccomp_notif *n, struct guard_call *ret);

/* The text at @address of a thread; -ENAMETOOLONG, -EFAULT. */
int guard_read_path(pid_t tid, uint64_t address, char ret[static PATH_MAX]);

/*
 * Resolves as the kernel would for that thread, up to the last component, and that too with @follow.
 * 1: inside a root; 0: elsewhere, or it cannot be resolved: the kernel has the answer, and
 * Landlock keeps it out of the roots; -ENOENT: a directory on the way is missing in a root.
 */
int guard_find(const struct guard *g, pid_t tid, int dirfd, const char *text, bool follow,
	       struct guard_place *ret);
void guard_place_done(struct guard_place *p);

/* What the new thing at a place is. */
enum guard_role {
	ROLE_WRITE,   /* a file, opened for writing, made or not */
	ROLE_DIR,     /* a directory, made empty */
	ROLE_NODE,    /* a fifo or socket */
	ROLE_SYMLINK, /* made there */
	ROLE_MOVED,   /* something that has a name already gets this one too: rename, link */
	ROLE_SOURCE,  /* and this was its name */
};

enum guard_verdict {
	VERDICT_ALLOW,
	VERDICT_REFUSE,
	VERDICT_MEDIATE, /* a git configuration, replaced by rename */
};

struct guard_judgement {
	enum guard_verdict verdict;
	const struct planted_name *row; /* NULL: git's own, or nothing */
	bool is_reported;               /* told at the end if it is done */
	bool is_held; /* in a repository below the project: allowed, and put away at the end */
};

/* @moved_dir: with ROLE_MOVED, a directory. */
struct guard_judgement guard_judge(const struct guard *g, const struct guard_place *p,
				   enum guard_role role, bool moved_dir);

/* A name that can make or be git's: judged and done with nobody else at it. */
bool guard_is_delicate(const struct guard_place *p);

/* Whether git's files in the directory say nothing that runs a program. */
bool guard_git_dir_is_clean(int dir);

/* What a mediated rename puts at @to; 0 or a negated errno. */
int guard_put_config(const struct guard_place *from, const struct guard_place *to);

/* Does the call, or refuses it, or lets it go on: the one answer to it. */
void guard_act(struct guard *g, int listener, const struct guard_call *c);

/* The mode bits that the thread's umask takes away. */
mode_t guard_umask(const struct guard *g, pid_t tid);

/* notes: what is told at the end. Opened before guard_enter(). */
int guard_notes_open(const struct spec *s, struct err *e);
void guard_note_refused(const struct guard_place *p, const char *why);
void guard_note_changed(const struct guard_place *p, const char *what);
/* Before a thing is done; < 0: it could not be noted that it must be put away, so it must not be done. */
int guard_note_done(const struct guard_place *p, const struct guard_judgement *j);
/* A directory is to get another name, and with it whatever was noted below. < 0: as above. */
int guard_note_moved(const struct guard_place *from, const struct guard_place *to);
