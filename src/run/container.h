/* SPDX-License-Identifier: Apache-2.0 */
/* The keeper's side of the hand-over to src/container, which base/handover.h describes. */
#pragma once

#include "base/err.h"
#include "base/proc.h"
#include "plan/plan.h"
#include "run/files.h"

/*
 * Starts @cmd (plan->starter; of its descriptors stderr is set, and alone) and hands over. *ret_child is the starter:
 * when that has ended, *ret_socket tells who goes on.
 */
int container_start(const struct plan *plan, const struct plan_files *files, struct cmd *cmd,
		    struct child *ret_child, int *ret_socket, struct err *e);

/* A mount of the host's @src, read-only, its owner the container's. Whatever goes wrong there is told on stderr. */
int container_lend(const struct strv *starter, const char *src, int *ret_fd, struct err *e);

/* Reaps the starter. The supervisor takes its place in *child; CHILD_NONE if it left none. */
void container_succeed(int socket, struct child *child);

/* Who greets on a socket with SO_PASSCRED; 0: nobody. */
pid_t container_greeted(int socket);
