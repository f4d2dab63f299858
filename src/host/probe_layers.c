/* SPDX-License-Identifier: Apache-2.0 */
/*
 * The sources of settings, weakest first: the system's file, the user's, the project's own (a
 * sandbox can write that one, so it may only tighten and is opened with care), the environment.
 * A file that is not there is no layer; whatever else is wrong with one is an error.
 */
#include "host/probe.h"

#include <assert.h>
#include <errno.h>
#include <fcntl.h>
#include <string.h>
#include <sys/stat.h>

#include "base/auto.h"
#include "base/hash.h"
#include "base/io.h"
#include "base/path.h"
#include "host/probe_parts.h"
#include "spec/accepted.h"
#include "spec/net.h"

#ifndef CSB_SYSCONFDIR
#define CSB_SYSCONFDIR "/etc"
#endif

#define CONFIG_MAX ((size_t)1 << 20)

static bool is_absent(int r)
{
	return r == -ENOENT || r == -ENOTDIR;
}

static int parse_layer(const char *path, const char *text, size_t len, struct arena *a,
		       struct config_layer *ret, struct err *e)
{
	struct config_layer layer = { .origin = path };
	int r;

	config_init(&layer.values, a);
	r = field_parse_json(config_fields, &layer.values, &layer.set, path, text, len, a, e);
	if (r < 0)
		return r;
	*ret = layer;
	return 0;
}

/* -ENOENT or -ENOTDIR: no such file. */
static int read_layer(const char *path, bool nofollow, struct arena *a, struct config_layer *ret,
		      struct err *e)
{
	char *text = NULL;
	size_t len = 0;
	int r = io_read_file(AT_FDCWD, path, CONFIG_MAX, nofollow, a, &text, &len, e);

	return r < 0 ? r : parse_layer(path, text, len, a, ret, e);
}

/* The directory as well: whoever can write there can put another file into the place. */
static int check_owner(const char *path, uid_t owner, struct err *e)
{
	struct stat st;

	if (stat(path, &st) < 0)
		return err_sys(e, "cannot read %s", path);
	if (st.st_uid != 0 && st.st_uid != owner)
		return err_set(e, EPERM,
			       "%s belongs to user %u; it must belong to root: sudo chown root %s",
			       path, st.st_uid, path);
	if (st.st_mode & (S_IWGRP | S_IWOTH))
		return err_set(
			e, EPERM,
			"%s can be written by others than root; take that away: sudo chmod go-w %s",
			path, path);
	return 0;
}

int layer_system(const char *sysconfdir, uid_t owner, struct arena *a, struct config_layer *ret,
		 struct err *e)
{
	const char *dir = path_join(a, sysconfdir, "claude-sandbox");
	const char *path = path_join(a, dir, "config.json");
	int r = check_owner(dir, owner, e);

	if (r == 0)
		r = check_owner(path, owner, e);
	return r < 0 ? r : read_layer(path, false, a, ret, e);
}

/* The file that the caller names must exist; an option counts more than the environment. */
static int layer_user(const struct facts *f, const struct config *options, struct arena *a,
		      struct config_layer *ret, struct err *e)
{
	const char *named = options->config_file ? options->config_file
						 : env_get(&f->env, "CLAUDE_SANDBOX_CONFIG");
	const char *usual = path_join(a, probe_dir(f, a, "XDG_CONFIG_HOME", ".config"),
				      "claude-sandbox/config.json");
	int r;

	if (options->no_config && !options->config_file)
		return err_set(e, ENOENT, "%s is not asked for", usual);
	if (!options->config_file && (!named || !named[0]))
		return read_layer(usual, false, a, ret, e);
	r = read_layer(arena_strdup(a, named), false, a, ret, e);
	if (!is_absent(r))
		return r;
	return err_set(e, EINVAL, "there is no config file '%s', which %s names; correct the name",
		       named, options->config_file ? "--config" : "CLAUDE_SANDBOX_CONFIG");
}

/* A person's word for exactly these bytes at this place; a file of ours that is odd gives nothing. */
static void add_acceptance(const struct facts *f, const char *text, size_t len, struct arena *a,
			   struct config_layer *ret)
{
	char *hex = arena_alloc(a, HASH_HEX_SIZE);
	char *word = NULL;
	size_t word_len;
	struct err ignored;

	hash_hex(text, len, hex);
	ret->tighten_only = true;
	ret->hash = hex;
	if (io_read_file(AT_FDCWD, accepted_path(f, a), ACCEPTED_MAX, true, a, &word, &word_len,
			 &ignored) == 0)
		ret->accepted = accepted_parse(word, hex);
}

static int layer_project(const struct facts *f, struct arena *a, struct config_layer *ret,
			 struct err *e)
{
	const char *path = f->project ? path_join(a, f->project, PROJECT_CONFIG_NAME) : NULL;
	char *text = NULL;
	size_t len = 0;
	int r;

	if (!path)
		return err_set(e, ENOENT, "there is no project");
	r = io_read_file(AT_FDCWD, path, PROJECT_CONFIG_MAX, true, a, &text, &len, e);
	if (is_absent(r))
		return r;
	if (r < 0)
		return err_set(e, -r, "%.*s; replace it by a small file, or remove it",
			       ERR_MSG_MAX / 2, arena_strdup(a, e->msg));
	r = parse_layer(path, text, len, a, ret, e);
	if (r == 0)
		add_acceptance(f, text, len, a, ret);
	return r;
}

/* What the user has allowed or denied this project with "claude-sandbox net"; the file is ours. */
static int layer_net(const struct facts *f, struct arena *a, struct config_layer *ret,
		     struct err *e)
{
	const char *path = f->project ? net_rules_path(f, a) : NULL;
	int r;

	if (!path)
		return err_set(e, ENOENT, "there is no project");
	r = read_layer(path, true, a, ret, e);
	ret->adds = true;
	return r;
}

/* System B's variables that are no row of the config. */
struct switches {
	bool ssh_agent, no_seccomp;
};

static const struct field switch_rows[] = {
	F_BOOL(struct switches, ssh_agent, .env = "CLAUDE_SANDBOX_SSH_AGENT"),
	F_BOOL(struct switches, no_seccomp, .env = "CLAUDE_SANDBOX_NO_SECCOMP"),
	F_END,
};

static void mark(struct config_layer *layer, const char *name, bool is_set)
{
	field_mask_put(&layer->set, field_index(config_fields, field_find(config_fields, name)),
		       is_set);
}

static int apply_switches(const struct strv *env, struct arena *a, struct config_layer *layer,
			  struct err *e)
{
	struct switches s = { .ssh_agent = true };
	struct field_mask ignored = { 0 };
	int r = field_parse_env(switch_rows, &s, &ignored, env, a, e);

	if (r < 0)
		return r;
	if (s.no_seccomp)
		return err_set(e, EPERM,
			       "CLAUDE_SANDBOX_NO_SECCOMP is set, but there is no way to run "
			       "without the system "
			       "call filter; unset it");
	if (!s.ssh_agent) {
		layer->values.ssh_agent = AGENT_NONE;
		mark(layer, "ssh_agent", true);
	}
	return 0;
}

static int layer_environment(const struct facts *f, const struct config *options, struct arena *a,
			     struct config_layer *ret, struct err *e)
{
	struct config_layer layer = { .origin = "environment" };
	int r;

	config_init(&layer.values, a);
	r = field_parse_env(config_fields, &layer.values, &layer.set, &f->env, a, e);
	if (r < 0)
		return r;
	/* --no-config overrides the variable instead of contradicting it. */
	if (options->no_config)
		mark(&layer, "config_file", false);
	r = apply_switches(&f->env, a, &layer, e);
	if (r < 0)
		return r;
	*ret = layer;
	return 0;
}

/* As in program.c: in a user namespace without root, root's files seem to be nobody's, as "/" does. */
static uid_t system_owner(void)
{
	struct stat st;

	return stat("/", &st) == 0 ? st.st_uid : 0;
}

/* One parameter more than the guide allows: an array with its bounds is three of them. */
/* NOLINTNEXTLINE(readability-function-size) */
int probe_config_layers(const struct facts *f, const struct config *options, struct arena *a,
			struct config_layer *layers, size_t max, size_t *ret_n, struct err *e)
{
	size_t n = 0;
	int r;

	assert(max >= 5);
	r = layer_system(CSB_SYSCONFDIR, system_owner(), a, &layers[n], e);
	if (r < 0 && !is_absent(r))
		return r;
	n += r == 0;
	r = layer_user(f, options, a, &layers[n], e);
	if (r < 0 && !is_absent(r))
		return r;
	n += r == 0;
	r = layer_project(f, a, &layers[n], e);
	if (r < 0 && !is_absent(r))
		return r;
	n += r == 0;
	r = layer_net(f, a, &layers[n], e);
	if (r < 0 && !is_absent(r))
		return r;
	n += r == 0;
	r = layer_environment(f, options, a, &layers[n], e);
	if (r < 0)
		return r;
	*ret_n = n + 1;
	return 0;
}
