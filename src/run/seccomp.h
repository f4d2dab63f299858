/* SPDX-License-Identifier: Apache-2.0 */
#pragma once

#include <stddef.h>

#include "base/arena.h"
#include "base/err.h"
#include "base/strv.h"
#include "spec/seccomp.h"

/*
 * The policy as classic BPF (an array of struct sock_filter), for the native architecture; x32 and
 * other ABIs kill the process, numbers above SECCOMP_NEWEST answer ENOSYS. Unknown names in policy->extra: -EINVAL, naming the word.
 */
int seccomp_compile(const struct seccomp_policy *policy, struct arena *a, void **ret_bpf,
		    size_t *ret_size, struct err *e);

/* The call's name on the native architecture; NULL if there is no such number. */
const char *seccomp_name(int number, struct arena *a);

/* All names this libseccomp knows on the native architecture, sorted; for --list-syscalls. */
void seccomp_names(struct arena *a, struct strv *ret);
