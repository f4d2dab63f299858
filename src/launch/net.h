/* SPDX-License-Identifier: Apache-2.0 */
/* What the files of the word "net" share. */
#pragma once

#include "launch/launch.h"

/* A connection to the egress of the project's running sandbox. -ENOENT: none runs; -ENOTCONN: its network is not filtered. */
int net_connect(struct launch *l, int *ret_fd, struct err *e);

/* Keeps @rule in @list for the project, and tells a sandbox that runs. */
int net_add(struct launch *l, enum net_list list, const char *rule, struct err *e);

/* The verbs of one file each: 0, or < 0 with *e filled. */
int net_why(struct launch *l, int n, char *const words[], struct err *e);
int net_log(struct launch *l, int n, char *const words[], struct err *e);
int net_ask(struct launch *l, int n, char *const words[], struct err *e);
