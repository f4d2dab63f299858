/* SPDX-License-Identifier: Apache-2.0 */
/* What was asked for: one struct, filled in layers from the rows in config.c. */
#pragma once

#include <stdbool.h>
#include <stdint.h>

#include "base/arena.h"
#include "base/err.h"
#include "base/field.h"
#include "base/strv.h"

/* Enumerations stand strictest first: a project's own file may only move towards 0. */
enum backend { BACKEND_VM, BACKEND_CONTAINER, BACKEND_BUBBLEWRAP };
enum level { LEVEL_STRICT, LEVEL_DEFAULT, LEVEL_COMPAT, N_LEVELS };
enum profile { PROFILE_MINIMAL, PROFILE_DEFAULT, PROFILE_FULL };
enum network { NETWORK_NONE, NETWORK_FILTERED, NETWORK_NAT, NETWORK_HOST };
enum display {
	DISPLAY_NONE,
	DISPLAY_VIRTUAL,
	DISPLAY_WAYLAND,
	DISPLAY_NESTED,
	DISPLAY_AUTO,
	DISPLAY_HOST
};
enum clipboard { CLIPBOARD_NONE, CLIPBOARD_IN, CLIPBOARD_OUT, CLIPBOARD_BOTH };
enum claude_config { CLAUDE_READONLY, CLAUDE_LAYERED, CLAUDE_SHARED };
enum git_config { GIT_NONE, GIT_CLEANED, GIT_RAW };
enum ssh_files { SSH_NONE, SSH_KNOWN_HOSTS, SSH_CLEANED, SSH_ALL };
enum tracing { TRACING_NONE, TRACING_OWN };
enum terminal { TERMINAL_FILTERED, TERMINAL_RAW };
enum risk_files { RISK_STRICT, RISK_GUARDED, RISK_WRITABLE };
enum ssh_agent { AGENT_NONE, AGENT_GUARDED, AGENT_RAW };

struct config {
	/* policy: config keys and options */
	unsigned level, backend, profile, network, display, clipboard;
	unsigned risk_files;
	unsigned terminal, claude_config, git_config, ssh_files, ssh_agent, ptrace;
	const char *agent;
	struct strv ssh_agent_keys;
	uint64_t ssh_agent_max_signatures; /* 0: no limit */
	bool ssh_agent_confirm, ssh_agent_sign_anything;
	bool gh_config, gh_token, nix_daemon, yolo, verbose;
	bool audio, audio_capture, browser, dbus, gpu, keyring, open_urls;
	const char *display_size;
	bool allow_degraded, allow_unsafe_project, review;
	uint64_t memory_mib, cpus, pids, disk_mib, open_files, tmp_mib, shm_mib; /* 0: not asked */
	struct strv risk_files_allow;
	struct strv extra_bind, extra_ro_binds, extra_path, env;
	struct strv blocked_commands, blocked_syscalls;
	struct strv allow_hosts, deny_hosts, allow_local, publish;
	bool ask_hosts;
	uint64_t ask_seconds, upload_mib, upload_host_mib; /* 0: not asked */
	struct strv packages, secrets, untrusted_projects;

	/* this run only: options */
	bool help, version, dry_run, explain, json, test, security_test, list_syscalls;
	bool shell, exec, args, no_config, no_ssh_agent, no_egress_filter, no_network_isolation;
	bool tmux, enter, attach, new_sandbox, stop, list, detach, freeze, thaw;
	const char *config_file;
};

extern const struct field config_fields[];

/* One source of settings and where it came from, for messages and --explain. */
struct config_layer {
	const char *origin; /* "/etc/claude-sandbox/config.json", "environment", "option" */
	struct config values;
	struct field_mask set; /* here */
	bool tighten_only;     /* the project's own file */
	bool adds; /* its hosts join those of the level, instead of standing for @public */
	struct field_mask accepted; /* rows of that in which a person let it have its way */
	const char *hash;           /* of that file's bytes */
};

struct config_result {
	struct config config;
	const char *origin[FIELD_MAX]; /* per row: the layer that decided, NULL: built-in default */
	struct field_mask tightened;   /* decided by a tighten-only layer */
	struct field_mask
		loosened; /* decided by a tighten-only layer because a person accepted it */
	struct strv
		refused; /* what a tighten-only layer asked for in vain, as "network: none -> host" */
	struct field_mask refused_rows; /* the same */
};

/* Whether somebody asked for the setting @name, and not the level alone. */
bool config_is_asked(const struct config_result *r, const char *name);

/* A config whose lists live in @a. */
void config_init(struct config *c, struct arena *a);

/*
 * defaults < level < layers in order. The level is taken from the last layer that names one.
 * -EINVAL for contradictions (two actions, --exec with --args, ...), with one sentence.
 */
int config_merge(const struct config_layer *layers, size_t n, struct arena *a,
		 struct config_result *ret, struct err *e);

/* -EINVAL for two actions (--list and --stop) that exclude each other. */
int config_check_actions(const struct config *c, struct arena *a, struct err *e);

/* The preset of @level alone over the built-in defaults: for the generated tables. */
void config_of_level(unsigned level, struct arena *a, struct config *ret);

extern const char *const level_names[], *const network_names[], *const backend_names[];
extern const char *const display_names[], *const clipboard_names[];
