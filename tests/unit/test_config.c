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
	assert_int_equal(r.config.network, NETWORK_FILTERED);
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
	assert_int_equal(r.config.network, NETWORK_FILTERED);
	assert_int_equal(r.config.claude_config, CLAUDE_LAYERED);
	assert_string_equal(origin_of(&r, "network"), "project");
	arena_done(&a);
}

/* The items, joined by spaces. */
static const char *hosts_of(const struct config_result *r, struct arena *a)
{
	const char *text = "";

	for (size_t i = 0; i < r->config.allow_hosts.n; i++)
		text = arena_printf(a, "%s%s%s", text, i ? " " : "",
				    r->config.allow_hosts.items[i]);
	return text;
}

/* Whoever lists hosts means these; what the agent needs stays, but for a list that is empty. */
static void a_list_of_hosts_stands_for_the_whole_internet(void **state)
{
	static const struct {
		const char *layers[3]; /* system, user, option */
		const char *want;
		unsigned network;
	} rows[] = {
		{ { NULL }, "@agent @public", NETWORK_FILTERED },
		{ { "{\"level\": \"strict\"}" }, "@agent", NETWORK_FILTERED },
		{ { NULL, NULL, "{\"allow_hosts\": [\"a.b\"]}" }, "@agent a.b", NETWORK_FILTERED },
		{ { "{\"allow_hosts\": [\"a.b\"]}", "{\"allow_hosts\": [\"c.d\"]}",
		    "{\"allow_hosts\": [\"@npm\"]}" },
		  "@agent a.b c.d @npm",
		  NETWORK_FILTERED },
		{ { "{\"allow_hosts\": []}" }, "", NETWORK_FILTERED },
		{ { "{\"allow_hosts\": []}", NULL, "{\"allow_hosts\": [\"a.b\"]}" },
		  "a.b",
		  NETWORK_FILTERED },
		{ { "{\"level\": \"compat\"}" }, "@agent @public", NETWORK_HOST },
		{ { "{\"level\": \"compat\", \"egress_whitelist\": [\"a.b\"]}" },
		  "@agent a.b",
		  NETWORK_FILTERED },
		{ { "{\"level\": \"compat\", \"egress_blacklist\": [\"a.b\"]}" },
		  "@agent @public",
		  NETWORK_FILTERED },
		{ { "{\"level\": \"compat\", \"network\": \"host\", \"egress_whitelist\": "
		    "[\"a.b\"]}" },
		  "@agent a.b",
		  NETWORK_HOST },
	};

	(void)state;
	for (size_t i = 0; i < N_ELEMENTS(rows); i++) {
		struct arena a = ARENA_INIT;
		struct config_layer layers[3];
		struct config_result r;
		struct err e = { 0 };
		size_t n = 0;

		for (size_t k = 0; k < 3; k++)
			if (rows[i].layers[k])
				layers[n++] = layer_of("file", rows[i].layers[k], false, &a);
		assert_int_equal(config_merge(layers, n, &a, &r, &e), 0);
		assert_string_equal(hosts_of(&r, &a), rows[i].want);
		assert_int_equal(r.config.network, rows[i].network);
		arena_done(&a);
	}
}

/* What was allowed for the project later joins what holds. */
static void rules_of_a_project_join_the_level(void **state)
{
	struct arena a = ARENA_INIT;
	struct config_layer layer = layer_of("net", "{\"allow_hosts\": [\"a.b\"]}", false, &a);
	struct config_result r;
	struct err e = { 0 };

	(void)state;
	layer.adds = true;
	assert_int_equal(config_merge(&layer, 1, &a, &r, &e), 0);
	assert_string_equal(hosts_of(&r, &a), "@agent @public a.b");
	arena_done(&a);
}

static void a_project_that_is_strict_loses_the_internet(void **state)
{
	struct arena a = ARENA_INIT;
	struct config_layer layer = layer_of("project", "{\"level\": \"strict\"}", true, &a);
	struct config_result r;
	struct err e = { 0 };

	(void)state;
	assert_int_equal(config_merge(&layer, 1, &a, &r, &e), 0);
	assert_string_equal(hosts_of(&r, &a), "@agent");
	arena_done(&a);
}

static void no_filter_means_the_hosts_network(void **state)
{
	static const char *const texts[] = { "no_egress_filter", "no_network_isolation" };

	(void)state;
	for (size_t i = 0; i < N_ELEMENTS(texts); i++) {
		struct arena a = ARENA_INIT;
		struct config_layer layer = { .origin = "option" };
		const struct field *row = field_find(config_fields, texts[i]);
		struct config_result r;
		struct err e = { 0 };

		config_init(&layer.values, &a);
		*(bool *)field_at(row, &layer.values) = true;
		field_mask_put(&layer.set, field_index(config_fields, row), true);
		assert_int_equal(config_merge(&layer, 1, &a, &r, &e), 0);
		assert_int_equal(r.config.network, NETWORK_HOST);
		arena_done(&a);
	}
}

static void what_is_not_there_yet_is_refused_by_name(void **state)
{
	struct arena a = ARENA_INIT;
	struct config_layer layer =
		layer_of("user", "{\"packages\": {\"default\": [\"x\"]}}", false, &a);
	struct config_result r;
	struct err e = { 0 };

	(void)state;
	assert_int_not_equal(config_merge(&layer, 1, &a, &r, &e), 0);
	assert_string_equal(
		e.msg, "'packages' (from user) is not part of this version yet, so it would not "
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
		cmocka_unit_test(a_list_of_hosts_stands_for_the_whole_internet),
		cmocka_unit_test(rules_of_a_project_join_the_level),
		cmocka_unit_test(a_project_that_is_strict_loses_the_internet),
		cmocka_unit_test(no_filter_means_the_hosts_network),
		cmocka_unit_test(what_is_not_there_yet_is_refused_by_name),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
