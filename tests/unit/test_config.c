/* SPDX-License-Identifier: Apache-2.0 */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>

#include <cmocka.h>

#include "base/auto.h"

#include "spec/config.h"

/* A layer from JSON text. */
static struct config_layer layer_of(const char *origin, const char *json, bool tighten,
				    struct arena *a)
{
	struct config_layer layer = { .origin = origin, .tighten_only = tighten };
	struct err e = { 0 };

	config_init(&layer.values, a);
	if (field_parse_json(config_fields, &layer.values, &layer.set, origin, json, strlen(json),
			     a, &e) < 0)
		fail_msg("%s", e.msg);
	return layer;
}

static const char *origin_of(const struct config_result *r, const char *name)
{
	return r->origin[field_index(config_fields, field_find(config_fields, name))];
}

static void later_layers_win_and_lists_add_up(void **state)
{
	struct arena a = ARENA_INIT;
	struct config_layer layers[] = {
		layer_of("system", "{\"network\": \"none\", \"env\": [\"A\"]}", false, &a),
		layer_of("user", "{\"network\": \"host\", \"env\": [\"B\"]}", false, &a),
	};
	struct config_result r;
	struct err e = { 0 };

	(void)state;
	assert_int_equal(config_merge(layers, 2, &a, &r, &e), 0);
	assert_int_equal(r.config.network, NETWORK_HOST);
	assert_string_equal(origin_of(&r, "network"), "user");
	assert_int_equal(r.config.env.n, 2);
	assert_string_equal(r.config.env.items[1], "B");
	arena_done(&a);
}

static void a_level_is_below_all_files(void **state)
{
	struct arena a = ARENA_INIT;
	struct config_layer layers[] = {
		layer_of("system", "{\"git_config\": \"raw\"}", false, &a),
		layer_of("user", "{\"level\": \"strict\"}", false, &a),
	};
	struct config_result r;
	struct err e = { 0 };

	(void)state;
	assert_int_equal(config_merge(layers, 2, &a, &r, &e), 0);
	assert_int_equal(r.config.git_config, GIT_RAW);
	assert_int_equal(r.config.network, NETWORK_NONE);
	arena_done(&a);
}

static void a_project_may_only_tighten(void **state)
{
	struct arena a = ARENA_INIT;
	struct config_layer layers[] = {
		layer_of("user", "{\"network\": \"none\", \"gh_token\": true}", false, &a),
		layer_of("project",
			 "{\"network\": \"host\", \"gh_token\": false, \"extra_bind\": [\"/x\"], "
			 "\"level\": \"compat\"}",
			 true, &a),
	};
	struct config_result r;
	struct err e = { 0 };

	(void)state;
	assert_int_equal(config_merge(layers, 2, &a, &r, &e), 0);
	assert_int_equal(r.config.level, LEVEL_DEFAULT);
	assert_int_equal(r.config.network, NETWORK_NONE);
	assert_false(r.config.gh_token);
	assert_int_equal(r.config.extra_bind.n, 0);
	assert_int_equal(r.refused.n, 3);
	assert_string_equal(r.refused.items[0], "level: default -> compat");
	arena_done(&a);
}

static void what_a_person_accepted_is_no_longer_refused_but_for_some_rows(void **state)
{
	struct arena a = ARENA_INIT;
	struct config_layer layers[] = {
		layer_of("user", "{\"network\": \"none\", \"review\": true}", false, &a),
		layer_of("project",
			 "{\"network\": \"host\", \"env\": [\"X\"], \"level\": \"compat\", "
			 "\"review\": false, \"gh_token\": true}",
			 true, &a),
	};
	static const char *const granted[] = { "network", "env", "level", "review" };
	struct config_result r;
	struct err e = { 0 };

	(void)state;
	for (size_t i = 0; i < N_ELEMENTS(granted); i++)
		field_mask_put(&layers[1].accepted,
			       field_index(config_fields, field_find(config_fields, granted[i])),
			       true);
	assert_int_equal(config_merge(layers, 2, &a, &r, &e), 0);
	assert_int_equal(r.config.network, NETWORK_HOST);
	assert_int_equal(r.config.env.n, 1);
	assert_int_equal(r.config.level, LEVEL_DEFAULT);
	assert_true(r.config.review);
	assert_false(r.config.gh_token);
	assert_int_equal(r.refused.n, 3);
	arena_done(&a);
}

static void a_stricter_level_of_the_project_tightens_what_the_user_set(void **state)
{
	struct arena a = ARENA_INIT;
	struct config_layer layers[] = {
		layer_of("user", "{\"level\": \"compat\", \"network\": \"host\"}", false, &a),
		layer_of("project", "{\"level\": \"strict\"}", true, &a),
	};
	struct config_result r;
	struct err e = { 0 };

	(void)state;
	assert_int_equal(config_merge(layers, 2, &a, &r, &e), 0);
	assert_int_equal(r.config.level, LEVEL_STRICT);
	assert_int_equal(r.config.network, NETWORK_NONE);
	assert_int_equal(r.config.claude_config, CLAUDE_LAYERED);
	assert_string_equal(origin_of(&r, "network"), "project");
	arena_done(&a);
}

static void what_is_not_there_yet_is_refused_by_name(void **state)
{
	struct arena a = ARENA_INIT;
	struct config_layer layer = layer_of("user", "{\"egress_whitelist\": [\"x\"]}", false, &a);
	struct config_result r;
	struct err e = { 0 };

	(void)state;
	assert_int_not_equal(config_merge(&layer, 1, &a, &r, &e), 0);
	assert_string_equal(
		e.msg,
		"'egress_whitelist' (from user) is not part of this version yet, so it would not "
		"be enforced; remove it, or accept that with --allow-degraded");
	layer.values.allow_degraded = true;
	field_mask_put(&layer.set,
		       field_index(config_fields, field_find(config_fields, "allow_degraded")),
		       true);
	assert_int_equal(config_merge(&layer, 1, &a, &r, &e), 0);
	arena_done(&a);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(later_layers_win_and_lists_add_up),
		cmocka_unit_test(a_level_is_below_all_files),
		cmocka_unit_test(a_project_may_only_tighten),
		cmocka_unit_test(what_a_person_accepted_is_no_longer_refused_but_for_some_rows),
		cmocka_unit_test(a_stricter_level_of_the_project_tightens_what_the_user_set),
		cmocka_unit_test(what_is_not_there_yet_is_refused_by_name),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
