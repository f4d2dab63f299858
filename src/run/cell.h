/* SPDX-License-Identifier: Apache-2.0 */
#pragma once

#include "base/arena.h"
#include "base/err.h"
#include "border/service.h"
#include "plan/plan.h"

/*
 * What the programs of the service @kind, which has a cell, are started with (plan/cell.h), into the fields of @ret that are theirs.
 * ret->fd and @cookie stay the caller's; what is opened here lives as long as the process.
 */
int cell_open(const struct plan *plan, int kind, int cookie, struct arena *a, struct service *ret,
	      struct err *e);

/* The three programs of a bus (cell_bus.c). */
int cell_open_bus(const struct plan *plan, struct arena *a, struct service *ret, struct err *e);

/* The seccomp program of a cell. */
int cell_filter(struct arena *a, int *ret_fd, struct err *e);
