/* SPDX-License-Identifier: Apache-2.0 */
/* What a bash script prints, for tests that look at a child from outside. */
#pragma once

#include <stdlib.h>

#include "base/auto.h"
#include "base/proc.h"

#define PATIENCE_MS 30000

static const char *const env[] = { "PATH=/usr/bin:/bin", "LC_ALL=C", "A=b c", NULL };

/* What a bash script prints, with @fds. */
static inline char *output_of(const char *script, const struct proc_fd *fds, size_t n_fds,
			      int *ret_status)
{
	const char *const argv[] = { "/bin/bash", "-c", script, NULL };
	const struct cmd cmd = { .argv = argv, .envp = env, .fds = fds, .n_fds = n_fds };
	char *text = NULL;
	struct err e = { 0 };
	int r = proc_output(&cmd, 10000, PATIENCE_MS, &text, ret_status, &e);

	if (r < 0)
		fail_msg("%s: %s", script, e.msg);
	return text;
}

static inline void check_output(const char *script, const char *want, int want_status)
{
	int status = -1;
	auto_free char *text = output_of(script, NULL, 0, &status);

	assert_string_equal(text, want);
	assert_int_equal(status, want_status);
}
