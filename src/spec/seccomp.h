/* SPDX-License-Identifier: Apache-2.0 */
/*
 * System calls that a payload may not make: a table of names with the reason, and nothing
 * else. run/seccomp.c turns it into a filter; init loads that as its last step before exec.
 */
#pragma once

#include <stdint.h>

#include "base/err.h"
#include "base/strv.h"

enum seccomp_answer { SECCOMP_EPERM, SECCOMP_ENOSYS };

/*
 * One argument test: refuse only if it holds. All but ABOVE look at the low 32 bits alone, as the
 * kernel does (CVE-2019-7303 compared 64).
 */
enum seccomp_compare {
	COMPARE_NONE,
	COMPARE_EQUAL32,
	COMPARE_ANY_BIT, /* a bit of value is set */
	COMPARE_ABOVE,   /* greater than value */
	COMPARE_ASKS32,  /* neither 0, the default, nor all ones, which only asks */
	COMPARE_CREATES, /* open flags that create a file, and the next argument has a bit of value */
};

/* A call that is refused: always, or if the test of one argument holds. */
struct seccomp_rule {
	const char *name;
	enum seccomp_answer answer;
	enum seccomp_compare compare;
	unsigned arg;
	uint64_t value;
	const char *why;
};

struct seccomp_policy {
	const struct seccomp_rule *rules; /* base table, ends with a NULL name */
	struct strv extra;                /* names from blocked_syscalls */
};

extern const struct seccomp_rule seccomp_base[];
