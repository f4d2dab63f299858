/* SPDX-License-Identifier: Apache-2.0 */
/*
 * What one backend will do for a spec: directories, argv, descriptors by number. Pure data that
 * can be printed, compared and carried out; run/ opens the files and moves them to the numbers.
 */
#pragma once

#include <stddef.h>
#include <sys/types.h>

#include "base/arena.h"
#include "base/blueprint.h"
#include "base/buf.h"
#include "base/err.h"
#include "base/strv.h"
#include "plan/cell.h"
#include "spec/spec.h"

enum plan_fd_kind {
	PLAN_FD_TEXT,     /* sealed memfd with .text */
	PLAN_FD_FILE,     /* host file .path, regular and bounded; the program copies it */
	PLAN_FD_LOGIN,    /* the same of a login file, whose refresh token stays outside */
	PLAN_FD_CHANNEL,  /* init's end of the channel to the launcher */
	PLAN_FD_COOKIE,   /* Xauthority file for the screen .text: from .path, or new (NULL) */
	PLAN_FD_INFO,     /* pipe on which the wrapper tells the first process's number early */
	PLAN_FD_GREETING, /* socket on which init, by a byte, tells its own */
	PLAN_FD_SOURCE,   /* file or directory .path of the host, to be mounted */
};

struct plan_fd {
	int number;
	enum plan_fd_kind kind;
	const char *text;
	const char *path;
	const char *what; /* "/etc/passwd": for messages and the printed plan */
	bool is_writable; /* PLAN_FD_SOURCE */
};

/* What init is told to start, over the channel: never seen in any argv or environment of ours. */
struct job {
	struct strv argv;
	struct strv env; /* NAME=VALUE */
	const char *cwd;
};

struct plan {
	const char *backend;
	const struct spec *spec;
	const char *egress, *pasta; /* programs that serve a network from outside; NULL: not here */
	struct strv cells
		[N_SERVICES];  /* programs that serve it from outside (plan/cell.h); empty: none */
	struct strv clipboard; /* the one beside that of SERVICE_DISPLAY; empty: none */
	struct bus_cells bus;  /* of SERVICE_BUS */
	struct strv argv;      /* argv[0] absolute; ends with init's own argv */
	size_t n_wrapper; /* words of argv before init's path: the wrapper with its options and "--" */
	struct strv
		starter; /* who starts argv, by what is handed over to it (base/handover.h); empty: we do */
	const char *user;           /* with a starter: who calls it, for messages */
	struct blueprint blueprint; /* with a starter: the root, and argv again */
	struct plan_fd *fds;
	size_t n_fds;
	struct job job;
};

struct backend_ops {
	const char *name;
	/* NULL: not in this version; .later says so. */
	int (*render)(const struct spec *s, const struct facts *f, struct arena *a,
		      struct plan *ret, struct err *e);
	const char *later;
};

extern const struct backend_ops *const backends[]; /* indexed by enum backend */
extern const struct backend_ops backend_bubblewrap, backend_container;

/* -ENOTSUP if this version has no such backend: to be asked before anything else is looked for. */
int plan_check_backend(const struct config *c, struct err *e);

/* What starts the part of a container that needs root; -ENOENT, -EPERM: it is not there, or not root's. */
int plan_starter(const struct facts *f, struct arena *a, struct strv *ret, struct err *e);

bool plan_has_fd(const struct plan *p, enum plan_fd_kind kind);

int plan_render(const struct spec *s, const struct facts *f, struct arena *a, struct plan *ret,
		struct err *e);

/*
 * One command for bash that does the same without the launcher: data as here-strings, secrets as
 * references to the caller's own variables. @walls is the block that init reads (base/wire_walls.h),
 * @walls_size bytes; without one (NULL) init would refuse to start.
 */
void plan_print(const struct plan *p, const void *walls, size_t walls_size, struct buf *b);

/*
 * {"backend", "argv": [..], "wrapper_argv": [..], "fds": [{"number", "what", "content_base64" or
 * "path"}], "env": {NAME: value, null if secret}, "command": [..], "cwd"}
 */
void plan_print_json(const struct plan *p, struct buf *b);

#define PLAN_CHANNEL_FD 3
#define PLAN_INFO_FD 4 /* or what init greets on */
#define PLAN_FIRST_DATA_FD 10
#define PLAN_INIT_PATH "/run/claude-sandbox/init"
