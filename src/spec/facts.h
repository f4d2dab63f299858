/* SPDX-License-Identifier: Apache-2.0 */
/*
 * What is true of this host now. Plain data: only host/ fills it, and the golden tests write
 * it down by hand. Everything the spec wants to know about the disk is asked through
 * facts_path(): the probe looks at exactly the paths that shares_paths() and the config name.
 */
#pragma once

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <sys/types.h>

#include "base/arena.h"
#include "base/strv.h"
#include "spec/gitconfig.h"
#include "spec/limits.h"
#include "spec/worktree.h"

enum path_kind { PATH_ABSENT, PATH_FILE, PATH_DIR, PATH_SOCKET, PATH_DEVICE, PATH_OTHER };

struct path_fact {
	const char *path;
	size_t len;          /* of path; facts_add_path() fills it */
	enum path_kind kind; /* of what a symlink finally points to */
	const char *link;    /* readlink(2) text if the last component is a symlink, else NULL */
	const char *real;    /* realpath(3); NULL if absent */
};

struct agent_fact {
	const char *name;    /* "claude" */
	const char *program; /* as found: ~/.local/bin/claude; NULL: not found */
	const char *real;    /* resolved */
};

/* A name for a program that a command rule is about, or that is the same file as one. */
struct command_fact {
	const char *name; /* "git", "git-upload-pack" */
	const char *real; /* realpath(3): a regular file that can be executed */
	uint64_t dev, ino;
	const char *script; /* the text of one that begins with "#!"; NULL: it is none */
	bool is_partial;    /* it has more hard links than were found */
};

/* A small file whose text decides something: ssh's configuration, a public key. */
struct text_fact {
	const char *path, *text;
	size_t len;
	bool is_config; /* of ssh */
};

/* Programs of the host that give a sandbox a screen or a bus; NULL: not found. Absolute and root-owned. */
struct desktop_facts {
	const char *xvfb, *xephyr, *xwayland;
	const char *wayland;    /* libexec/claude-sandbox/wayland; NULL if there is no compositor */
	const char *no_context; /* why that program gets no security context of it; NULL: it does */
	const char *dbus_daemon, *dbus_proxy;
	const char *bus; /* libexec/claude-sandbox/bus, our own */
};

/* Chromium or Google Chrome. */
struct browser_facts {
	const char *name;    /* of browser_names */
	const char *program; /* resolved, root-owned; NULL: none */
};

struct facts {
	uid_t uid;
	gid_t gid;
	const char *user, *group, *home, *shell;
	const char *arch;          /* "x86_64" */
	const char *project;       /* realpath of the project directory */
	const char *project_asked; /* as typed */
	const char *state_root;    /* ${XDG_STATE_HOME:-~/.local/state}/claude-sandbox */
	const char *runtime_root;  /* $XDG_RUNTIME_DIR/claude-sandbox, or <state_root>/run */
	const char *machine_id;    /* NULL if the host has none */
	const char *exe;  /* our own program, resolved: its prefix is protected inside a project */
	const char *init; /* libexec/claude-sandbox/init next to our own program */
	const char *stub; /* libexec/claude-sandbox/stub */
	const char *egress;           /* libexec/claude-sandbox/egress */
	const char *clipboard;        /* libexec/claude-sandbox/clipboard */
	const char *sound;            /* libexec/claude-sandbox/sound */
	const char *bwrap;            /* absolute, root-owned; NULL: not found */
	const char *pasta;            /* the same */
	const char *nspawn, *sudo;    /* the same; for the container backend alone */
	const char *container;        /* libexec/claude-sandbox/container */
	bool container_is_root;       /* nobody but root can change that */
	struct desktop_facts desktop; /* only those that the config may want */
	struct browser_facts browser; /* likewise */
	int landlock_abi;             /* 0: the kernel has no Landlock, or does not use it */
	struct agent_fact agent;
	struct limit_facts limits;
	const char *gitconfig;     /* text of ~/.gitconfig, NULL if absent */
	const char *gitconfig_xdg; /* text of ~/.config/git/config, NULL if absent */
	const char *git_key;       /* text of the public key's file that they name, or NULL */
	struct worktree_facts worktree;
	struct strv env;               /* the caller's environment */
	struct command_fact *commands; /* only if there are command rules */
	size_t n_commands;
	struct path_fact *paths;
	size_t n_paths;
	struct text_fact *texts;
	size_t n_texts;
};

/* Never NULL: a path that was not probed or does not exist is PATH_ABSENT. */
const struct path_fact *facts_path(const struct facts *f, const char *path);
void facts_add_path(struct facts *f, struct arena *a, struct path_fact fact);

/* git's settings as gitconfig_clean() takes them; what is reached inside is left open. */
struct gitconfig_user facts_gitconfig(const struct facts *f);

/* NULL: it was not read. */
const struct text_fact *facts_text(const struct facts *f, const char *path);
void facts_add_text(struct facts *f, struct arena *a, struct text_fact fact);
