/* SPDX-License-Identifier: Apache-2.0 */
/*
 * System calls that a payload may not make: a table of names with the reason, and nothing
 * else. run/seccomp.c turns it into a filter; init loads that as its last step before exec.
 */
#pragma once

#include <stdbool.h>
#include <stdint.h>

#include "base/err.h"
#include "base/strv.h"

enum seccomp_answer { SECCOMP_EPERM, SECCOMP_ENOSYS };

/*
 * One test of arguments: refuse only if it holds. All look at the low 32 bits alone, as the kernel
 * does (CVE-2019-7303 compared 64), but for ABOVE, NOT and PROTOCOL, which take garbage above them for
 * a reason to refuse: whatever stands there, no refusal becomes a permission.
 */
enum seccomp_compare {
	COMPARE_NONE,
	COMPARE_EQUAL32,
	COMPARE_ANY_BIT, /* a bit of value is set */
	COMPARE_ABOVE,   /* greater than value */
	COMPARE_NOT,     /* anything but value */
	COMPARE_ASKS32,  /* neither 0, the default, nor all ones, which only asks */
	COMPARE_CREATES, /* open flags that create a file, and the next argument has a bit of value */
	COMPARE_TYPE, /* of socket: the family is value, and the type, without its flags, value2 */
	COMPARE_MASKED, /* equal to value in the bits of mask */
	COMPARE_OPTION, /* of setsockopt: the level is value2, and the option, in the bits of mask, value */
	COMPARE_PROTOCOL, /* of socket: the family is value, and its protocol is not 0 */
};

/* What a policy may let go: rows name these to say when they hold. */
enum seccomp_relax {
	SECCOMP_TRACE = 1 << 0,   /* debuggers on processes of the sandbox */
	SECCOMP_BROWSER = 1 << 1, /* the namespaces of which Chromium builds its own sandbox */
	N_SECCOMP_POLICIES = 1 << 2,
};

/* A call that is refused: always, or if the test of its arguments holds. */
struct seccomp_rule {
	const char *name;
	enum seccomp_answer answer;
	enum seccomp_compare compare;
	unsigned arg;
	uint64_t value;
	uint32_t value2, mask;
	unsigned unless; /* left out if the policy relaxes one of these */
	unsigned only;   /* left out unless the policy relaxes one of these; 0: always in */
	const char *why;
};

struct seccomp_policy {
	const struct seccomp_rule *rules; /* base table, ends with a NULL name */
	unsigned relax;                   /* enum seccomp_relax */
	struct strv extra;                /* names from blocked_syscalls */
};

extern const struct seccomp_rule seccomp_base[];

/*
 * The newest number that this table was made for; the kernel's list is one for all architectures
 * from 424 on. What is newer answers ENOSYS, as an older kernel would, until somebody has looked at
 * it: names in run/seccomp.c, rows here. 471: rseq_slice_yield, Linux 7.0.
 */
#define SECCOMP_NEWEST 471

/* Whether the row is part of a policy that relaxes @relax. */
bool seccomp_applies(const struct seccomp_rule *rule, unsigned relax);

/* Whether such a policy refuses the call whatever its arguments are. */
bool seccomp_refuses(unsigned relax, const char *name);

/* -EINVAL, naming the word, for one without which no program can even be started. */
int seccomp_check_extra(const struct strv *extra, struct err *e);
