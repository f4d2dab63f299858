/* SPDX-License-Identifier: Apache-2.0 */
/*
 * The decision log: JSON lines in the project's state on the host, never inside. One line when something is refused, allowed or
 * cannot be reached, and one with the bytes when a connection that was allowed has ended. Kept to two files of JOURNAL_MAX.
 */
#pragma once

#include <stdint.h>
#include <sys/types.h>

#include "spec/net_rules.h"

#define JOURNAL_MAX ((off_t)4 << 20)

struct journal {
	int dir; /* -1: none is kept */
	int fd;
	off_t size;
};

struct journal_line {
	const char *event; /* "allow", "deny", "fail", "end" */
	const char *via;   /* "http", "connect", "socks", "tcp", "local", "dns" */
	const struct net_target *target;
	const char *rule;                 /* NULL: none */
	const char *reason;               /* of "deny" and "fail"; NULL: none */
	const struct net_addr *addr;      /* that was dialled; NULL: none */
	uint64_t bytes_out, bytes_in, ms; /* of "end" */
};

void journal_open(struct journal *j, const char *dir);
void journal_add(struct journal *j, const struct journal_line *line);
void journal_close(struct journal *j);
