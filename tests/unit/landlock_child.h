/* SPDX-License-Identifier: Apache-2.0 */
/*
 * A place for tests of Landlock: a directory in/ that the rules let a child write and a directory
 * out/ that they do not, and children that run one probe each. After <cmocka.h>.
 */
#pragma once

#include <errno.h>
#include <fcntl.h>
#include <stdbool.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>
#include <sys/prctl.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <sys/syscall.h>
#include <sys/un.h>
#include <sys/wait.h>
#include <unistd.h>

#include "base/auto.h"
#include "base/landlock.h"
#include "init/init.h"
#include "spec/landlock.h"
#include "spec/spec.h"

/* in/ may be written, out/ not; both are read. Working directory of every child. */
static char dir[] = "/tmp/test_landlock_XXXXXX";
static char inside[sizeof(dir) + 4];
static int abi;
static int listener = -1; /* an abstract socket of this process */

static inline int result(long r)
{
	return r < 0 ? errno : 0;
}

/* What a spec with one writable directory would say. */
static inline int raise_all(void)
{
	auto_arena struct arena a = ARENA_INIT;
	const struct facts f = { .landlock_abi = abi };
	const struct mount mounts[] = { { .kind = MOUNT_DEV, .dst = "/dev" },
					{ .kind = MOUNT_PROC, .dst = "/proc" },
					{ .kind = MOUNT_RW, .dst = inside } };
	struct wire_landlock w = { 0 };
	struct landlock l;
	int r;

	landlock_build(&f, mounts, N_ELEMENTS(mounts), &a, &l);
	w.fs = l.fs;
	w.scoped = l.scoped;
	w.flags = l.flags;
	w.rules = arena_alloc(&a, l.n_rules * sizeof(*w.rules));
	for (; w.n_rules < l.n_rules; w.n_rules++)
		w.rules[w.n_rules] =
			(struct wire_rule){ .access = landlock_rights(&l, l.rules[w.n_rules].grant),
					    .path = l.rules[w.n_rules].path,
					    .fd = -1 };
	r = prctl(PR_SET_NO_NEW_PRIVS, 1, 0, 0, 0) < 0 ? -errno : landlock_prepare(&w);
	return r < 0 ? r : landlock_raise(&w);
}

struct probe {
	const char *what;
	int (*fn)(void);
	int want; /* with Landlock */
	int abi;  /* the first that holds it */
};

static inline int open_for(const char *path, int flags)
{
	auto_fd int fd = open(path, flags | O_CLOEXEC, 0600);

	return result(fd);
}

static inline void tidy(void)
{
	static const char *const made[] = { "out/new",   "out/dir",    "in/link",
					    "out/moved", "out/socket", "in/deep/moved" };

	for (size_t i = 0; i < N_ELEMENTS(made); i++)
		(void)remove(made[i]);
	(void)close(open("in/file", O_WRONLY | O_CREAT | O_CLOEXEC, 0600));
	(void)close(open("out/file", O_WRONLY | O_CREAT | O_CLOEXEC, 0600));
}

/* Its standard input and output are files outside, opened for reading and for writing. */
static inline int in_child(int (*fn)(void), bool walled)
{
	pid_t pid;
	int status = 0;

	tidy();
	pid = fork();
	assert_true(pid >= 0);
	if (pid == 0) {
		if (dup2(open("out/file", O_RDONLY), 0) < 0 ||
		    dup2(open("out/log", O_WRONLY | O_CREAT, 0600), 1) < 0 ||
		    dup2(open("out", O_RDONLY | O_DIRECTORY), 100) < 0)
			_exit(253);
		_exit(walled && raise_all() < 0 ? 255 : fn());
	}
	assert_int_equal(waitpid(pid, &status, 0), pid);
	assert_true(WIFEXITED(status));
	assert_int_not_equal(WEXITSTATUS(status), 255);
	return WEXITSTATUS(status);
}

static inline int landlock_setup(void **state)
{
	const struct sockaddr_un any = { .sun_family = AF_UNIX };

	(void)state;
	abi = (int)syscall(SYS_landlock_create_ruleset, NULL, 0, LANDLOCK_CREATE_RULESET_VERSION);
	print_message("Landlock ABI here: %d\n", abi);
	listener = socket(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0);
	if (bind(listener, (const struct sockaddr *)&any, sizeof(any.sun_family)) < 0 ||
	    listen(listener, 8) < 0)
		return -1;
	if (!mkdtemp(dir) || chdir(dir) < 0)
		return -1;
	(void)stpcpy(stpcpy(inside, dir), "/in");
	return mkdir("in", 0700) < 0 || mkdir("in/deep", 0700) < 0 || mkdir("out", 0700) < 0 ? -1
											     : 0;
}

static inline int landlock_teardown(void **state)
{
	static const char *const made[] = {
		"in/file", "in/deep", "in", "out/file", "out/log", "out"
	};

	(void)state;
	tidy();
	for (size_t i = 0; i < N_ELEMENTS(made); i++)
		(void)remove(made[i]);
	return chdir("/") < 0 ? -1 : rmdir(dir);
}

static inline void needs_landlock(void **state)
{
	(void)state;
	print_message("not tried: this kernel has no Landlock to use\n");
	skip();
}

/* Runs @tests in that place; where there is no Landlock, one that says so. */
#define landlock_run(tests)                                                              \
	({                                                                               \
		const struct CMUnitTest none_[] = { cmocka_unit_test(needs_landlock) };  \
		bool have_ = syscall(SYS_landlock_create_ruleset, NULL, 0,               \
				     LANDLOCK_CREATE_RULESET_VERSION) >= 2;              \
                                                                                         \
		have_ ? cmocka_run_group_tests(tests, landlock_setup, landlock_teardown) \
		      : cmocka_run_group_tests(none_, NULL, NULL);                       \
	})
