/* SPDX-License-Identifier: Apache-2.0 */
/*
 * A service stands between one sandbox and its host: it is a process outside, a child of the keeper
 * without a program of its own, that serves what init opened inside (a socket, a listener). It ends
 * with the sandbox: soon after .end is readable by itself, else by force.
 */
#pragma once

#include <stddef.h>
#include <sys/types.h>

#include "base/buf.h"
#include "base/err.h"
#include "base/proc.h"
#include "border/private_listener.h"
#include "spec/spec.h"

struct service_log;

#define SERVICE_FDS_MAX 10

/* The program of a service that has one (border/server.h). */
struct service_program {
	const char *what; /* "the screen of the sandbox (Xvfb)": how a sentence about it begins */
	struct strv argv;
	struct proc_fd fds[SERVICE_FDS_MAX];
	size_t n_fds;
};

struct service {
	const struct spec *spec;
	int fd;         /* the listening socket or listener; -1: none */
	int end;        /* end of file once the sandbox has ended */
	pid_t init_pid; /* the first process inside as seen here; all of its /proc/PID is hostile */
	struct service_log *log;
	struct service_program program;
	/*
	 * Another program that lives and ends with .program, and is connected with it by .way; it is given its end of
	 * the connection in the place of a first descriptor that is -1. argv is empty: none.
	 */
	struct service_program companion;
	struct private_listener way;                  /* .program listens on it as well */
	struct service_program bus_proxy, bus_broker; /* SERVICE_BUS: besides its daemon */
};

/* What the child of a kind runs; its exit status. NULL: this version has no such service. */
struct service_kind {
	const char *comm; /* at most 15 bytes */
	int (*main)(const struct service *s);
};

extern const struct service_kind service_kinds[N_SERVICES];

/* Memory that keeper and service share. NULL without memory. Lives as long as the process. */
struct service_log *service_log_new(void);

/* One sentence for the user, told when the sandbox ends; the same one is told once. Any thread. */
void service_say(struct service_log *log, const char *sentence);

/* Adds the sentences, one a line. */
void service_log_read(const struct service_log *log, struct buf *out);
