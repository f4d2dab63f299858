/* SPDX-License-Identifier: Apache-2.0 */
#include "spec/bus.h"

#include <errno.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>

#include <cmocka.h>

#include "base/auto.h"
#include "plan/cell.h"
#include "spec/facts.h"
#include "spec/spec.h"

static void reads_addresses(void **state)
{
	static const struct {
		const char *text, *path, *address; /* NULL: refused; path NULL: abstract */
	} rows[] = {
		{ "unix:path=/run/user/1000/bus", "/run/user/1000/bus",
		  "unix:path=/run/user/1000/bus" },
		{ "unix:path=/a%20b/bus,guid=00", "/a b/bus", "unix:path=/a%20b/bus" },
		{ "unix:guid=00,path=/a/./bus", "/a/bus", "unix:path=/a/./bus" },
		{ "tcp:host=x,port=1;unix:path=/b", "/b", "unix:path=/b" },
		{ "unix:abstract=/tmp/dbus-x,guid=00", NULL, "unix:abstract=/tmp/dbus-x" },
		{ "unix:tmpdir=/tmp;unix:abstract=y", NULL, "unix:abstract=y" },
		{ "", NULL, NULL },
		{ "unix:", NULL, NULL },
		{ "unix:path=", NULL, NULL },
		{ "unix:path=relative", NULL, NULL },
		{ "unix:path=/a%2", NULL, NULL },
		{ "unix:path=/a%00b", NULL, NULL },
		{ "unix:path=/a%zzb", NULL, NULL },
		{ "unix:abstract=", NULL, NULL },
		{ "unix:paths=/a", NULL, NULL },
		{ "tcp:host=x,path=/a", NULL, NULL },
		{ "autolaunch:", NULL, NULL },
	};

	(void)state;
	for (size_t i = 0; i < N_ELEMENTS(rows); i++) {
		auto_arena struct arena a = ARENA_INIT;
		const char *path = "unset";
		const char *address = NULL;
		bool found = bus_address(rows[i].text, &a, &path, &address);

		if (found != (rows[i].address != NULL))
			fail_msg("'%s': %d", rows[i].text, found);
		if (!found)
			continue;
		assert_string_equal(address, rows[i].address);
		if (rows[i].path)
			assert_string_equal(path, rows[i].path);
		else
			assert_null(path);
	}
}

static void attributes(const char *text, struct arena *a, struct bus_attributes *ret)
{
	struct err e;

	assert_int_equal(bus_attributes_parse(text, a, ret, &e), 0);
}

static void matches_items(void **state)
{
	static const struct {
		const char *asked, *item;
		bool matches;
	} rows[] = {
		{ "app=csb", "app=csb", true },
		{ "app=csb", "xdg:schema=x,app=csb,user=me", true },
		{ "app=csb,user=me", "user=me,app=csb", true },
		{ "app=csb,user=me", "app=csb", false },
		{ "app=csb", "app=csb2", false },
		{ "app=csb", "App=csb", false },
		{ "app=", "app=csb", false },
		{ "app=", "app=", true },
		{ "app=a=b", "app=a=b", true },
		{ "app=csb", "user=csb", false },
	};

	(void)state;
	for (size_t i = 0; i < N_ELEMENTS(rows); i++) {
		auto_arena struct arena a = ARENA_INIT;
		struct bus_attributes asked;
		struct bus_attributes item;

		attributes(rows[i].asked, &a, &asked);
		attributes(rows[i].item, &a, &item);
		if (bus_attributes_match(&asked, &item) != rows[i].matches)
			fail_msg("%s against %s", rows[i].asked, rows[i].item);
	}
}

static void refuses_what_names_no_item(void **state)
{
	static const char *const texts[] = { "",         "app",      "=x",   "app=csb,",
					     ",app=csb", "a=b,,c=d", "a=b,c" };

	(void)state;
	for (size_t i = 0; i < N_ELEMENTS(texts); i++) {
		auto_arena struct arena a = ARENA_INIT;
		struct bus_attributes got;
		struct err e;

		assert_int_equal(bus_attributes_parse(texts[i], &a, &got, &e), -EINVAL);
		assert_non_null(strstr(e.msg, "secrets: '"));
	}
}

static void knows_paths_of_items(void **state)
{
	static const struct {
		const char *path;
		bool is_item;
	} rows[] = {
		{ "/org/freedesktop/secrets/collection/login/1", true },
		{ "/org/freedesktop/secrets/collection/Kee_7/ab09", true },
		{ "/org/freedesktop/secrets", false },
		{ "/org/freedesktop/secrets/", false },
		{ "/org/freedesktop/secrets/a/", false },
		{ "/org/freedesktop/secrets//a", false },
		{ "/org/freedesktop/secrets/a/*", false },
		{ "/org/freedesktop/secrets/a --talk=x", false },
		{ "/org/freedesktop/secretsX/a", false },
		{ "/org/freedesktop/Notifications", false },
	};

	(void)state;
	for (size_t i = 0; i < N_ELEMENTS(rows); i++)
		if (bus_is_item(rows[i].path) != rows[i].is_item)
			fail_msg("%s", rows[i].path);
}

static bool has_prefix(const struct strv *list, const char *prefix)
{
	for (size_t i = 0; i < list->n; i++)
		if (strncmp(list->items[i], prefix, strlen(prefix)) == 0)
			return true;
	return false;
}

/* A rule without a path or a method would let in more than the table says. */
static void rules_name_one_call_each(void **state)
{
	auto_arena struct arena a = ARENA_INIT;
	struct strv rules = STRV_INIT(&a);
	struct strv items = STRV_INIT(&a);
	struct config c;

	(void)state;
	config_init(&c, &a);
	strv_add(&items, "/org/freedesktop/secrets/collection/login/7");
	bus_rules(&c, &items, &rules);
	assert_true(strv_has(&rules,
			     "--call=org.freedesktop.Notifications=org.freedesktop.Notifications."
			     "Notify@/org/freedesktop/Notifications"));
	assert_true(has_prefix(&rules, "--broadcast=org.freedesktop.Notifications="));
	assert_false(has_prefix(&rules, "--call=org.freedesktop.secrets"));
	assert_false(has_prefix(&rules, "--call=org.freedesktop.portal"));
	strv_add(&c.secrets, "app=csb");
	c.open_urls = true;
	rules.n = 0;
	bus_rules(&c, &items, &rules);
	assert_true(strv_has(&rules,
			     "--call=org.freedesktop.secrets=org.freedesktop.Secret.Item.GetSecret@"
			     "/org/freedesktop/secrets/collection/login/7"));
	assert_true(has_prefix(&rules, "--call=org.freedesktop.portal.Desktop=org.freedesktop."
				       "portal.OpenURI.OpenURI@"));
	for (size_t i = 0; i < rules.n; i++) {
		assert_null(strchr(rules.items[i], '*'));
		assert_non_null(strstr(rules.items[i], "@/org/freedesktop/"));
		assert_null(strstr(rules.items[i], "systemd1"));
		assert_null(strstr(rules.items[i], "SearchItems"));
		assert_null(strstr(rules.items[i], "Unlock"));
	}
}

struct host {
	struct facts f;
	struct config_result config;
	struct spec s;
};

static void make_host(struct host *h, struct arena *a, const char *address)
{
	*h = (struct host){ .f = { .uid = 1000, .gid = 1000, .bwrap = "/usr/bin/bwrap" } };
	h->f.env = STRV_INIT(a);
	h->f.desktop = (struct desktop_facts){ .dbus_daemon = "/usr/bin/dbus-daemon",
					       .dbus_proxy = "/usr/bin/xdg-dbus-proxy",
					       .bus = "/libexec/bus" };
	if (address)
		strv_add(&h->f.env, arena_printf(a, "DBUS_SESSION_BUS_ADDRESS=%s", address));
	facts_add_path(
		&h->f, a,
		(struct path_fact){ .path = "/run/bus", .kind = PATH_SOCKET, .real = "/run/bus" });
	config_init(&h->config.config, a);
	h->config.config.dbus = true;
	h->s = (struct spec){ .config = &h->config.config, .uid = 1000, .name = "app-1" };
	h->s.notes = STRV_INIT(a);
	h->s.details = STRV_INIT(a);
}

static bool has_bus(const struct spec *s)
{
	return s->n_env == 1 && s->n_services == 1 && s->env && s->services &&
	       strcmp(s->env->name, "DBUS_SESSION_BUS_ADDRESS") == 0 &&
	       strcmp(s->env->value, "unix:path=/run/user/1000/bus") == 0 &&
	       s->services->service == SERVICE_BUS;
}

static void gives_a_bus_with_and_without_the_hosts(void **state)
{
	static const struct {
		const char *address, *host;
		bool proxy;
	} rows[] = {
		{ "unix:path=/run/bus", "/run/bus", true },
		{ "unix:abstract=x", NULL, true },
		{ "unix:path=/gone", NULL, false },
		{ "tcp:host=x", NULL, false },
		{ NULL, NULL, false },
	};

	(void)state;
	for (size_t i = 0; i < N_ELEMENTS(rows); i++) {
		auto_arena struct arena a = ARENA_INIT;
		struct host h;
		struct bus_cells cells;
		struct err e;

		make_host(&h, &a, rows[i].address);
		assert_int_equal(spec_add_bus(&h.config, &h.f, &a, &h.s, &e), 0);
		assert_string_equal(h.s.bus.socket, "/run/user/1000/bus");
		assert_true(has_bus(&h.s));
		assert_int_equal(h.s.bus.proxy != NULL, rows[i].proxy);
		assert_int_equal(h.s.details.n, rows[i].proxy ? 0 : 1);
		cell_bus(&h.s, &h.f, &a, &cells);
		/* Nobody but a proxy to an abstract socket has a network. */
		assert_true(strv_has(&cells.daemon.argv, "--unshare-net"));
		assert_int_equal(strv_has(&cells.daemon.argv, "--systemd-activation"),
				 rows[i].proxy);
		assert_int_equal(cells.broker.argv.n > 0, rows[i].proxy);
		if (!rows[i].proxy)
			continue;
		assert_true(strv_has(&cells.broker.argv, "--unshare-net"));
		assert_int_equal(strv_has(&cells.proxy.argv, "--unshare-net"),
				 rows[i].host != NULL);
		assert_false(rows[i].host && strv_has(&cells.broker.argv, rows[i].host));
		assert_false(rows[i].host && strv_has(&cells.daemon.argv, rows[i].host));
	}
}

static void tells_what_is_missing(void **state)
{
	auto_arena struct arena a = ARENA_INIT;
	size_t row = field_index(config_fields, field_find(config_fields, "dbus"));
	struct host h;
	struct err e;

	(void)state;
	make_host(&h, &a, "unix:path=/run/bus");
	h.f.desktop.dbus_daemon = NULL;
	h.config.origin[row] = "level default";
	assert_int_equal(spec_add_bus(&h.config, &h.f, &a, &h.s, &e), 0);
	assert_null(h.s.bus.socket);
	assert_int_equal(h.s.n_services + h.s.n_env, 0);
	assert_non_null(strstr(h.s.details.items[0], "dbus-daemon is not installed"));
	h.config.origin[row] = "option";
	assert_int_equal(spec_add_bus(&h.config, &h.f, &a, &h.s, &e), -ENOENT);
	assert_non_null(strstr(e.msg, "sudo apt install dbus-daemon"));

	make_host(&h, &a, "unix:path=/run/bus");
	h.f.desktop.dbus_proxy = NULL;
	assert_int_equal(spec_add_bus(&h.config, &h.f, &a, &h.s, &e), 0);
	assert_null(h.s.bus.socket);
	assert_non_null(strstr(h.s.details.items[0], "xdg-dbus-proxy is not installed"));
	h.config.origin[row] = "/etc/claude-sandbox/config.json";
	assert_int_equal(spec_add_bus(&h.config, &h.f, &a, &h.s, &e), -ENOENT);
	assert_non_null(strstr(e.msg, "sudo apt install xdg-dbus-proxy"));
}

static void tells_that_an_abstract_bus_is_reached(void **state)
{
	static const struct {
		const char *address;
		unsigned network;
		int abi;
		bool told;
	} rows[] = {
		{ "unix:abstract=x", NETWORK_HOST, 5, true },
		{ "unix:abstract=x", NETWORK_HOST, 6, false },
		{ "unix:abstract=x", NETWORK_FILTERED, 5, false },
		{ "unix:path=/run/bus", NETWORK_HOST, 5, false },
	};

	(void)state;
	for (size_t i = 0; i < N_ELEMENTS(rows); i++) {
		auto_arena struct arena a = ARENA_INIT;
		struct host h;
		struct err e;

		make_host(&h, &a, rows[i].address);
		h.config.config.network = rows[i].network;
		h.f.landlock_abi = rows[i].abi;
		assert_int_equal(spec_add_bus(&h.config, &h.f, &a, &h.s, &e), 0);
		assert_int_equal(h.s.notes.n, rows[i].told);
	}
}

static void without_a_bus_there_are_no_secrets(void **state)
{
	auto_arena struct arena a = ARENA_INIT;
	struct host h;
	struct err e;

	(void)state;
	make_host(&h, &a, "unix:path=/run/bus");
	h.config.config.dbus = false;
	strv_add(&h.config.config.secrets, "app=csb");
	assert_int_equal(spec_add_bus(&h.config, &h.f, &a, &h.s, &e), 0);
	assert_null(h.s.bus.socket);
	assert_non_null(strstr(h.s.notes.items[0], "secrets: "));
	strv_add(&h.config.config.secrets, "nonsense");
	assert_int_equal(spec_add_bus(&h.config, &h.f, &a, &h.s, &e), -EINVAL);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(reads_addresses),
		cmocka_unit_test(matches_items),
		cmocka_unit_test(refuses_what_names_no_item),
		cmocka_unit_test(knows_paths_of_items),
		cmocka_unit_test(rules_name_one_call_each),
		cmocka_unit_test(gives_a_bus_with_and_without_the_hosts),
		cmocka_unit_test(tells_what_is_missing),
		cmocka_unit_test(tells_that_an_abstract_bus_is_reached),
		cmocka_unit_test(without_a_bus_there_are_no_secrets),
	};

	return cmocka_run_group_tests_name("bus", tests, NULL, NULL);
}
