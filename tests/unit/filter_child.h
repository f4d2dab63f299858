/* SPDX-License-Identifier: Apache-2.0 */
/* Compiled filters in children: one that loads a filter, if it is given one, and then runs a function. */
#pragma once

#include <errno.h>
#include <linux/filter.h>
#include <linux/seccomp.h>
#include <sys/prctl.h>
#include <sys/resource.h>
#include <sys/syscall.h>
#include <sys/wait.h>
#include <unistd.h>

#include "run/seccomp.h"

static struct arena arena;

static inline int result(long r)
{
	return r < 0 ? errno : 0;
}

static inline int load(const struct sock_fprog *prog)
{
	if (prctl(PR_SET_NO_NEW_PRIVS, 1, 0, 0, 0) < 0)
		return -1;
	return (int)syscall(SYS_seccomp, SECCOMP_SET_MODE_FILTER, 0, prog);
}

/* The function's result in a child, or -signal. */
static inline int fn_in_child(int (*fn)(void), const struct sock_fprog *prog)
{
	pid_t pid = fork();
	int status = 0;

	assert_true(pid >= 0);
	if (pid == 0) {
		struct rlimit no_core = { 0, 0 };

		(void)setrlimit(RLIMIT_CORE, &no_core);
		_exit(prog && load(prog) < 0 ? 255 : fn());
	}
	assert_int_equal(waitpid(pid, &status, 0), pid);
	assert_int_not_equal(status, 255 << 8);
	return WIFSIGNALED(status) ? -WTERMSIG(status) : WEXITSTATUS(status);
}

static inline int compile(unsigned relax, struct sock_fprog *ret)
{
	struct seccomp_policy policy = { .rules = seccomp_base,
					 .relax = relax,
					 .extra = STRV_INIT(&arena) };
	struct err e = { 0 };
	void *bpf = NULL;
	size_t size = 0;
	int r = seccomp_compile(&policy, &arena, &bpf, &size, &e);

	*ret = (struct sock_fprog){ .len = (unsigned short)(size / sizeof(struct sock_filter)),
				    .filter = bpf };
	return r;
}
