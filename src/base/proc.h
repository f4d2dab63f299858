/* SPDX-License-Identifier: Apache-2.0 */
/*
 * The one door to fork, exec, wait and kill outside the sandbox. A child gets stdio and the
 * descriptors it was promised, at the numbers it was promised, and nothing else. A child that
 * fails before exec tells its parent which step failed.
 */
#pragma once

#include <signal.h>
#include <stdbool.h>
#include <stddef.h>
#include <sys/types.h>

#include "base/err.h"

/* Descriptor @from of the parent appears in the child as @to (0 to 2 for stdio). */
struct proc_fd {
	int from;
	int to;
};

/*
 * A directory with a layer over it, which only the child and its own children see: what they change in
 * @merged goes to @upper, and @lower stays as it is (overlayfs). @work is on the file system of @upper.
 */
struct proc_overlay {
	const char *lower, *upper, *work, *merged;
};

/* The user @uid of a user namespace that we own; a @userns of -1: as we are. */
struct proc_as {
	int userns;
	uid_t uid;
	gid_t gid;
};

/*
 * Becomes that user, with all capabilities in the namespace. By system calls, since with memory that is shared
 * the C library would change its owner as well. 0, or a negated errno.
 */
int proc_become(const struct proc_as *as);

struct cmd {
	const char *const *argv; /* argv[0] is an absolute path */
	const char *const *envp;
	const struct proc_fd *fds; /* what is not listed is closed; 0 to 2 unlisted: /dev/null */
	size_t n_fds;
	bool die_with_parent; /* PR_SET_PDEATHSIG(SIGKILL), checked against a parent already gone */
	bool own_session;  /* setsid(2): signals for the caller's process group do not reach it */
	int oom_score_adj; /* added to ours, proc(5); a wish, which the child may take back */
	int into_cgroup; /* directory of a control group (version 2) to be born in; 0 or -1: ours */
	const struct proc_as *as;           /* NULL: as we are */
	const struct proc_overlay *overlay; /* NULL: it sees the files as we do */
	/* Called when the child exists and before it does anything; < 0: it never executes. */
	int (*admit)(void *arg, pid_t child, struct err *e);
	void *admit_arg;
};

struct child {
	pid_t pid; /* 0: none */
	int pidfd; /* readable when the child has ended; -1: none */
};

#define CHILD_NONE ((struct child){ .pidfd = -1 })
#define auto_child __attribute__((cleanup(proc_end)))

int proc_spawn(const struct cmd *cmd, struct child *ret_child, struct err *e);

/*
 * A process that goes on with our own memory instead of a program: a session of its own, signals as
 * after exec, stdio on /dev/null, of all other descriptors only @keep (above 2). Its exit status
 * is what @main returns. Also for what cannot be undone (setns).
 */
int proc_fork(int (*main)(void *data), void *data, const int *keep, size_t n_keep,
	      struct child *ret_child, struct err *e);

/*
 * Calls @main in a process of its own that shares our memory and descriptors while we stand still: credentials and namespaces
 * that it changes are its own. It makes system calls for that, not the C library's, which would change ours. What @main
 * returns, or -errno.
 */
int proc_aside(int (*main)(void *data), void *data);

/* Reaps. *ret_status as a shell has it: the exit code, or 128 + signal. */
int proc_wait(struct child *child, int *ret_status, struct err *e);

/* Kills (SIGKILL) and reaps what still runs; for auto_child. */
void proc_end(struct child *child);

/*
 * Runs @cmd with stdin from /dev/null, collects stdout and stderr together (at most @max bytes, the
 * rest is dropped) into @ret_text, which the caller frees, and waits at most @timeout_ms.
 */
int proc_output(const struct cmd *cmd, size_t max, int timeout_ms, char **ret_text, int *ret_status,
		struct err *e);

/*
 * What descends from us and loses its parent becomes our child. bubblewrap's child waits for it without end, and
 * before it has asked to die with it, for a moment in which bubblewrap may be killed.
 */
int proc_adopt(struct err *e);

/* Kills (SIGKILL) and reaps all children that are called @name (comm of proc(5)), adopted ones included; NULL: all. */
void proc_end_children(const char *name);
