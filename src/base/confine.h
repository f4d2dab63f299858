/* SPDX-License-Identifier: Apache-2.0 */
/* A list of system calls for a program of ours that reads hostile bytes. It cannot be taken back. */
#pragma once

#include <stddef.h>

/*
 * From now on this process makes the calls of @calls (at most CONFINE_CALLS_MAX), and socket(2) of
 * @families; anything else answers EPERM. 0 or a negated errno. It sets no_new_privs.
 */
int confine_calls(const unsigned short *calls, size_t n_calls, const unsigned short *families,
		  size_t n_families);

#define CONFINE_CALLS_MAX 96
