/* SPDX-License-Identifier: Apache-2.0 */
/* What rules_attack.c and rules_trace.c, one program, share. */
#pragma once

#include <sys/types.h>

/* The program's arguments; COMMAND is an absolute path. */
extern const char *command, *allowed, *forbidden;

/* Becomes COMMAND with that argument; comes back only if that fails. */
void run(const char *word);

/* Exit status, or 128 + signal. */
int wait_end(pid_t pid);

int way_ptrace(void);
int way_nested(void);
