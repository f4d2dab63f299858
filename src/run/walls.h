/* SPDX-License-Identifier: Apache-2.0 */
/* The walls of a spec as the block that init reads (base/wire_walls.h). */
#pragma once

#include <stdbool.h>
#include <stddef.h>

#include "base/arena.h"
#include "base/err.h"
#include "spec/spec.h"

/* @alone: for a plan that is pasted, without services outside. The block lives in @a. Fails for a name in blocked_syscalls that does not exist: -EINVAL. */
int walls_pack(const struct spec *s, bool alone, struct arena *a, void **ret_block,
	       size_t *ret_size, struct err *e);

/*
 * The filter of a policy: one that was compiled when this program was built, or, with names of
 * the user's, one compiled now. As seccomp_compile() otherwise.
 */
int walls_filter(const struct seccomp_policy *policy, struct arena *a, const void **ret_bpf,
		 size_t *ret_size, struct err *e);

/* What tools/filters.c wrote, by what the policy relaxes. */
struct walls_prebuilt {
	const void *code; /* struct sock_filter[] */
	size_t size;      /* bytes */
};

extern const struct walls_prebuilt walls_prebuilt[N_SECCOMP_POLICIES];
