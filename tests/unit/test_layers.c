/* SPDX-License-Identifier: Apache-2.0 */
/* The layers of the config. The host's own /etc/claude-sandbox may add one, so layers are found by origin. */
#include <errno.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include "host/probe.h"
#include "host/probe_parts.h"
#include "tree.h"

#define USUAL "home/.config/claude-sandbox/config.json"

struct result {
	struct config_layer layers[5];
	size_t n;
	int r;
};

static struct facts facts_of(struct tree *t)
{
	struct facts f = { .env = STRV_INIT(&t->arena) };

	f.home = put_dir(t, "home");
	f.project = put_dir(t, "project");
	return f;
}

static struct result layers_of(struct tree *t, const struct facts *f, const struct config *options)
{
	struct result result = { .n = 99 };
	struct config none;

	config_init(&none, &t->arena);
	t->e = (struct err){ 0 };
	result.r = probe_config_layers(f, options ? options : &none, &t->arena, result.layers, 5,
				       &result.n, &t->e);
	return result;
}

static const struct config_layer *layer_from(const struct result *result, const char *origin)
{
	for (size_t i = 0; result->r == 0 && i < result->n; i++)
		if (strcmp(result->layers[i].origin, origin) == 0)
			return &result->layers[i];
	return NULL;
}

static bool sets(const struct config_layer *layer, const char *row)
{
	return field_mask_has(&layer->set,
			      field_index(config_fields, field_find(config_fields, row)));
}

static void fails(struct tree *t, const struct facts *f, const struct config *options, int code,
		  const char *says)
{
	struct result result = layers_of(t, f, options);

	assert_int_equal(result.r, code);
	if (!strstr(t->e.msg, says))
		fail_msg("got \"%s\", want \"%s\" in it", t->e.msg, says);
	assert_int_equal(result.n, 99); /* written on success only */
}

static void absent_files(void **state)
{
	struct tree *t = *state;
	struct facts f = facts_of(t);
	struct result result = layers_of(t, &f, NULL);
	const struct config_layer *env = layer_from(&result, "environment");
	const struct field_mask none = { 0 };

	assert_int_equal(result.r, 0);
	assert_non_null(env);
	assert_memory_equal(&env->set, &none, sizeof(none));
	assert_null(layer_from(&result, at(t, USUAL)));
	put_file(t, "home/.config", "a file where a directory is expected", 0644);
	result = layers_of(t, &f, NULL);
	assert_int_equal(result.r, 0);
}

static void in_order(void **state)
{
	struct tree *t = *state;
	struct facts f = facts_of(t);
	const char *user = put_file(t, USUAL, "{\"network\": \"none\"}", 0644);
	const char *project =
		put_file(t, "project/.claude-sandbox.json", "{\"network\": \"host\"}", 0644);
	const struct config_layer *layer;
	struct result result;

	env_set(&f.env, "CLAUDE_SANDBOX_NETWORK", "nat");
	result = layers_of(t, &f, NULL);
	assert_int_equal(result.r, 0);
	layer = layer_from(&result, user);
	assert_non_null(layer);
	assert_false(layer->tighten_only);
	assert_int_equal(layer->values.network, NETWORK_NONE);
	assert_ptr_equal(layer_from(&result, project), layer + 1);
	assert_true(layer[1].tighten_only);
	assert_int_equal(layer[1].values.network, NETWORK_HOST);
	assert_ptr_equal(layer_from(&result, "environment"), layer + 2);
	assert_int_equal(layer[2].values.network, NETWORK_NAT);
	assert_ptr_equal(layer + 3, result.layers + result.n);
}

static void user_file_elsewhere(void **state)
{
	struct tree *t = *state;
	struct facts f = facts_of(t);
	const char *xdg = put_file(t, "xdg/claude-sandbox/config.json", "{}", 0644);
	const char *named = put_file(t, "named.json", "{}", 0644);
	const char *other = put_file(t, "other.json", "{}", 0644);
	struct config options;
	struct result result;

	put_file(t, USUAL, "{\"yolo\": true}", 0644);
	env_set(&f.env, "XDG_CONFIG_HOME", at(t, "xdg"));
	result = layers_of(t, &f, NULL);
	assert_non_null(layer_from(&result, xdg));
	assert_null(layer_from(&result, at(t, USUAL)));
	env_set(&f.env, "CLAUDE_SANDBOX_CONFIG", named);
	result = layers_of(t, &f, NULL);
	assert_non_null(layer_from(&result, named));
	assert_null(layer_from(&result, xdg));
	config_init(&options, &t->arena);
	options.config_file = other;
	result = layers_of(t, &f, &options);
	assert_non_null(layer_from(&result, other));
	assert_null(layer_from(&result, named));
}

static void no_config(void **state)
{
	struct tree *t = *state;
	struct facts f = facts_of(t);
	struct config options;
	struct result result;

	config_init(&options, &t->arena);
	options.no_config = true;
	put_file(t, USUAL, "{broken", 0644);
	env_set(&f.env, "CLAUDE_SANDBOX_CONFIG", at(t, "absent.json"));
	result = layers_of(t, &f, &options);
	assert_int_equal(result.r, 0);
	assert_false(sets(layer_from(&result, "environment"), "config_file"));
}

static void a_named_file_must_exist(void **state)
{
	struct tree *t = *state;
	struct facts f = facts_of(t);
	struct config options;

	config_init(&options, &t->arena);
	options.config_file = at(t, "absent.json");
	fails(t, &f, &options, -EINVAL, "absent.json', which --config names");
	env_set(&f.env, "CLAUDE_SANDBOX_CONFIG", "/nowhere/x.json");
	fails(t, &f, NULL, -EINVAL,
	      "there is no config file '/nowhere/x.json', which CLAUDE_SANDBOX_CONFIG names; "
	      "correct the name");
}

static void nothing_fails_open(void **state)
{
	struct tree *t = *state;
	struct facts f = facts_of(t);

	put_file(t, USUAL, "{\n  \"network\": \"host\",\n}", 0644);
	fails(t, &f, NULL, -EINVAL, "config.json:3:1");
	put_file(t, USUAL, "{\"netwrok\": \"host\"}", 0644);
	fails(t, &f, NULL, -EINVAL, "netwrok");
	assert_int_equal(unlink(at(t, USUAL)), 0);
	assert_int_equal(mkfifo(at(t, USUAL), 0600), 0);
	fails(t, &f, NULL, -EINVAL, "not a regular file");
	assert_int_equal(unlink(at(t, USUAL)), 0);
	put_link(t, USUAL, at(t, USUAL));
	fails(t, &f, NULL, -ELOOP, "config.json");
}

/* A sandbox can write there: whatever it plants, the launcher neither follows nor hangs. */
static void planted_project_files(void **state)
{
	struct tree *t = *state;
	struct facts f = facts_of(t);
	const char *path = at(t, "project/.claude-sandbox.json");

	put_file(t, "secret.json", "{}", 0600);
	put_link(t, "project/.claude-sandbox.json", "../secret.json");
	fails(t, &f, NULL, -EINVAL,
	      "it is a symbolic link; replace it by a small file, or remove it");
	assert_int_equal(unlink(path), 0);
	assert_int_equal(mkfifo(path, 0600), 0);
	fails(t, &f, NULL, -EINVAL, "not a regular file");
	assert_int_equal(unlink(path), 0);
	put_dir(t, "project/.claude-sandbox.json");
	fails(t, &f, NULL, -EINVAL, "not a regular file");
	assert_int_equal(rmdir(path), 0);
	put_file(t, "project/.claude-sandbox.json", "{}", 0644);
	assert_int_equal(truncate(path, (off_t)1 << 40), 0);
	fails(t, &f, NULL, -EFBIG, "larger than 65536 bytes");
	put_file(t, "project/.claude-sandbox.json", "{\"network\": 7}", 0644);
	fails(t, &f, NULL, -EINVAL, ".claude-sandbox.json:1:");
}

static int system_layer(struct tree *t, struct config_layer *ret)
{
	t->e = (struct err){ 0 };
	return layer_system(t->root, getuid(), &t->arena, ret, &t->e);
}

static void system_file(void **state)
{
	struct tree *t = *state;
	const char *path = at(t, "claude-sandbox/config.json");
	struct config_layer layer;

	assert_int_equal(system_layer(t, &layer), -ENOENT);
	put_dir(t, "claude-sandbox");
	assert_int_equal(system_layer(t, &layer), -ENOENT);
	put_file(t, "claude-sandbox/config.json", "{\"network\": \"none\"}", 0644);
	assert_int_equal(system_layer(t, &layer), 0);
	assert_string_equal(layer.origin, path);
	assert_false(layer.tighten_only);
	assert_int_equal(layer.values.network, NETWORK_NONE);

	assert_int_equal(chmod(path, 0664), 0);
	assert_int_equal(system_layer(t, &layer), -EPERM);
	assert_string_equal(
		t->e.msg,
		arena_printf(
			&t->arena,
			"%s can be written by others than root; take that away: sudo chmod go-w %s",
			path, path));
	assert_int_equal(chmod(path, 0644), 0);
	assert_int_equal(chmod(at(t, "claude-sandbox"), 0777), 0);
	assert_int_equal(system_layer(t, &layer), -EPERM);
}

static void system_file_of_somebody_else(void **state)
{
	struct tree *t = *state;
	const char *path = put_file(t, "claude-sandbox/config.json", "{}", 0644);
	struct config_layer layer;

	if (getuid() == 0 && chown(path, 12345, (gid_t)-1) < 0)
		skip(); /* root of a user namespace with no other user */
	assert_int_equal(layer_system(t->root, 0, &t->arena, &layer, &t->e), -EPERM);
	assert_non_null(strstr(t->e.msg, "it must belong to root: sudo chown root "));
}

static void switches(void **state)
{
	struct tree *t = *state;
	struct facts f = facts_of(t);
	const struct config_layer *env;
	struct result result;

	env_set(&f.env, "CLAUDE_SANDBOX_SSH_AGENT", "0");
	env_set(&f.env, "CLAUDE_SANDBOX_VERBOSE", "1");
	env_set(&f.env, "CLAUDE_SANDBOX_NO_EGRESS_FILTER", "1");
	env_set(&f.env, "CLAUDE_SANDBOX_NO_SECCOMP", "0");
	result = layers_of(t, &f, NULL);
	env = layer_from(&result, "environment");
	assert_non_null(env);
	assert_true(sets(env, "ssh_agent") && env->values.ssh_agent == AGENT_NONE);
	assert_true(sets(env, "verbose") && env->values.verbose);
	assert_true(sets(env, "no_egress_filter") && env->values.no_egress_filter);

	env_set(&f.env, "CLAUDE_SANDBOX_SSH_AGENT", "1");
	env_set(&f.env, "CLAUDE_SANDBOX_NO_EGRESS_FILTER", "");
	result = layers_of(t, &f, NULL);
	env = layer_from(&result, "environment");
	assert_non_null(env);
	assert_false(sets(env, "ssh_agent"));
	assert_false(sets(env, "no_egress_filter"));
}

static void switches_refused(void **state)
{
	struct tree *t = *state;
	struct facts f = facts_of(t);

	env_set(&f.env, "CLAUDE_SANDBOX_NO_SECCOMP", "1");
	fails(t, &f, NULL, -EPERM,
	      "there is no way to run without the system call filter; unset it");
	env_set(&f.env, "CLAUDE_SANDBOX_NO_SECCOMP", "");
	env_set(&f.env, "CLAUDE_SANDBOX_SSH_AGENT", "perhaps");
	fails(t, &f, NULL, -EINVAL, "CLAUDE_SANDBOX_SSH_AGENT");
	env_set(&f.env, "CLAUDE_SANDBOX_SSH_AGENT", "");
	env_set(&f.env, "CLAUDE_SANDBOX_PROFILE", "huge");
	fails(t, &f, NULL, -EINVAL, "CLAUDE_SANDBOX_PROFILE");
}

#define TEST(name) cmocka_unit_test_setup_teardown(name, tree_enter, tree_leave)

int main(void)
{
	const struct CMUnitTest tests[] = {
		TEST(absent_files),
		TEST(in_order),
		TEST(user_file_elsewhere),
		TEST(no_config),
		TEST(a_named_file_must_exist),
		TEST(nothing_fails_open),
		TEST(planted_project_files),
		TEST(system_file),
		TEST(system_file_of_somebody_else),
		TEST(switches),
		TEST(switches_refused),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
