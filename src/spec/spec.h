/* SPDX-License-Identifier: Apache-2.0 */
/*
 * The sandbox, independent of any backend: mounts, environment, network, identity, filter and
 * command, each with the reason it is there. spec_build() is a pure function.
 */
#pragma once

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <sys/types.h>

#include "base/arena.h"
#include "base/buf.h"
#include "base/err.h"
#include "base/strv.h"
#include "base/wire.h"
#include "spec/bus.h"
#include "spec/config.h"
#include "spec/desktop.h"
#include "spec/facts.h"
#include "spec/guarded.h"
#include "spec/landlock.h"
#include "spec/layer.h"
#include "spec/limits.h"
#include "spec/net.h"
#include "spec/seccomp.h"
#include "spec/sound.h"
#include "spec/ssh.h"

enum mount_kind {
	MOUNT_RO,      /* host src, read-only */
	MOUNT_RW,      /* host src, writable */
	MOUNT_DEVICE,  /* device src, which can be opened */
	MOUNT_TMPFS,   /* empty, private; mode */
	MOUNT_DIR,     /* a directory in what is already there; mode */
	MOUNT_SYMLINK, /* dst -> src */
	MOUNT_PROC,
	MOUNT_DEV,    /* a minimal /dev with its own devpts */
	MOUNT_TEXT,   /* read-only file with .text */
	MOUNT_COPY,   /* private writable copy of host file src; mode */
	MOUNT_LOGIN,  /* MOUNT_COPY of a login file, without what renews it */
	MOUNT_MASK,   /* /dev/null over a file */
	MOUNT_SCRIPT, /* read-only program with .text over a file */
	MOUNT_STUB,   /* copy of host file src over a file, to be executed and not read */
	MOUNT_COOKIE, /* Xauthority file for the screen whose number is text: from host file src, or new (NULL) */
};

struct mount {
	enum mount_kind kind;
	const char *src; /* host path; MOUNT_SYMLINK: the target */
	const char *dst;
	const char *text;
	mode_t mode;     /* 0: the backend's default */
	bool is_guarded; /* MOUNT_RW: written through the guard alone */
	bool is_above; /* of a guarded mount: the guard does what is done here as well, and judges nothing */
	uint64_t size_mib; /* MOUNT_TMPFS; 0: the kernel's default, half of all memory */
	const char *share; /* the row it came from: "project", "git-config" */
	const char *why;
};

struct env_var {
	const char *name, *value;
	bool secret; /* masked wherever it is printed */
	const char *why;
};

/* A directory on the host that must exist before the start; made 0700. */
struct host_dir {
	const char *path;
	const char *why;
};

/* A file of ours on the host, written if it is not there yet. */
struct host_file {
	const char *path;
	const char *text;
};

/* What stands between the sandbox and the host: served outside, reached through what init opens inside. */
struct service_want {
	enum wire_service service;
	int type;         /* of the socket at path; 0: none */
	const char *path; /* "": none */
	const char *why;
};

/* The agent's login, kept up to date on both sides by SERVICE_LOGIN. */
struct spec_login {
	const char *inside; /* the agent's directory as the sandbox has it; NULL: not kept */
	const char *dir;    /* of the login file on the host */
	const char *file;   /* in there */
	const char *
		account; /* the host's file that says whose it is; NULL: the login is this project's own */
	const char *ca; /* authorities that the caller trusts besides the system's; NULL: none */
};

/* The layer over the project that takes what the sandbox writes. All NULL: it writes to the project. */
struct review_dirs {
	const char *dir; /* all below is in there */
	const char *upper, *work, *merged;
};

struct spec {
	const struct config *config;
	struct review_dirs review;
	const char *project, *state, *home, *cwd, *hostname;
	const char *name;   /* of the sandbox in the registry */
	const char *policy; /* a digest of the settings: only equals may be joined */
	const char *shell;  /* for --enter */
	uid_t uid;
	gid_t gid;
	struct mount *mounts; /* parents before children */
	size_t n_mounts;
	struct env_var *env;
	size_t n_env;
	struct host_dir *dirs;
	size_t n_dirs;
	struct host_file *files;
	size_t n_files;
	struct seccomp_policy seccomp;
	struct landlock landlock;
	const struct layer *layer; /* NULL: nothing of ~/.claude is kept per project */
	struct limits limits;
	struct spec_net net;
	struct spec_desktop desktop;
	struct spec_sound sound;
	struct spec_bus bus;
	struct spec_login login;
	struct service_want *services;
	size_t n_services;
	struct rules rules;
	struct guarded *guarded; /* the files that the rules hold for */
	size_t n_guarded;
	struct ssh_guard ssh;
	struct strv command; /* argv of the payload */
	const char *command_why;
	struct strv git_dirs; /* repositories that lie beside the project and are writable */
	struct strv notes;    /* what the user should know, one sentence each: always printed */
	struct strv details;  /* printed with --verbose and --explain */
};

/* The words after the options, sorted by cmdline_split(). */
struct cmdline {
	const char *project; /* as typed; "." if absent */
	struct strv agent_args;
	struct strv command; /* replaces the agent if not empty */
};

/*
 * The words that follow the options: [DIR] [AGENT ARGS...] [-- COMMAND...]. @dashes: a "--"
 * stood before @words[0]. SPEC section 2 has the rules.
 */
int cmdline_split(const struct config *c, char *const words[], int n, bool dashes, struct arena *a,
		  struct cmdline *ret, struct err *e);

/* @e says what is refused and how to go on. Everything in *ret lives in @a. */
int spec_build(const struct config_result *result, const struct facts *f,
	       const struct cmdline *cmdline, struct arena *a, struct spec *ret, struct err *e);

/* Whether anybody outside has to know which process the first one inside is. */
bool spec_wants_init(const struct spec *s);

/* Invariants that every backend relies on (check.c); a violation is our own bug, told as such. */
int spec_check(const struct spec *s, const struct facts *f, struct err *e);

/* For --explain and --explain --json. */
void spec_print(const struct spec *s, const struct config_result *c, struct buf *b);
void spec_print_json(const struct spec *s, const struct config_result *c, struct buf *b);

/* Parts of spec_build(), one file each; they append to *s. */
int spec_add_mounts(const struct config *c, const struct facts *f, struct arena *a, struct spec *s,
		    struct err *e);
int spec_add_env(const struct config *c, const struct facts *f, struct arena *a, struct spec *s,
		 struct err *e);
int spec_add_command(const struct config *c, const struct facts *f, const struct cmdline *l,
		     struct arena *a, struct spec *s, struct err *e);

/* Whether and where the project gets a layer (review.c); before spec_add_mounts(). */
void spec_add_review(const struct config_result *c, const struct facts *f, struct arena *a,
		     struct spec *s);

/* Where the layer of a project with the state directory @state is, if it has one. */
void review_dirs_of(const char *state, struct arena *a, struct review_dirs *ret);

/* What is different in a container (contained.c). */
void spec_contain(const struct config *c, struct arena *a, struct spec *s);

/* Runs the command in tmux; after spec_add_command(). */
void spec_add_tmux(struct arena *a, struct spec *s);

/* The shell inside: /bin/bash, or /bin/sh where this host has no bash there. */
const char *spec_shell(const struct facts *f);

/* Appending; spec_build() sorts mounts parents first, and of two at one place the later one wins. */
void spec_mount(struct spec *s, struct arena *a, struct mount m);
void spec_env(struct spec *s, struct arena *a, struct env_var v);
void spec_dir(struct spec *s, struct arena *a, struct host_dir d);
void spec_file(struct spec *s, struct arena *a, struct host_file f);
void spec_service(struct spec *s, struct arena *a, struct service_want w);
