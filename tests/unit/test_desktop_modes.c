/* SPDX-License-Identifier: Apache-2.0 */
/* spec_add_desktop(): which screen a sandbox gets on which host, and what is refused. */
#include "spec/desktop.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include "base/auto.h"
#include "spec/spec.h"

/* A host: what its environment leads to, and which programs it has. */
enum has {
	X11 = 1 << 0,     /* DISPLAY and its socket */
	WAYLAND = 1 << 1, /* WAYLAND_DISPLAY and its socket */
	CONTEXTS = 1 << 2,
	XVFB = 1 << 3,
	XEPHYR = 1 << 4,
	XWAYLAND = 1 << 5,
};

#define NO_CONTEXT "your compositor does not keep sandboxes apart"

struct row {
	const char *name;
	unsigned asked, has;
	unsigned display;
	enum display_server server;
	const char *refusal; /* NULL: none */
};

/* Not const, since cmocka hands them on. */
/* clang-format off */
static struct row rows[] = {
	{ "auto: Wayland comes first, with a nested server for X", DISPLAY_AUTO, X11 | WAYLAND | CONTEXTS | XVFB | XEPHYR | XWAYLAND,
	  DISPLAY_WAYLAND, DISPLAY_XWAYLAND, NULL },
	{ "auto: for X in a window of X, where Xwayland is missing", DISPLAY_AUTO, X11 | WAYLAND | CONTEXTS | XEPHYR,
	  DISPLAY_WAYLAND, DISPLAY_XEPHYR, NULL },
	{ "auto: Wayland alone", DISPLAY_AUTO, WAYLAND | CONTEXTS, DISPLAY_WAYLAND, DISPLAY_SERVER_NONE, NULL },
	{ "auto: nested, without contexts", DISPLAY_AUTO, X11 | WAYLAND | XVFB | XEPHYR | XWAYLAND, DISPLAY_NESTED, DISPLAY_XWAYLAND, NULL },
	{ "auto: nested in X, without Xwayland", DISPLAY_AUTO, X11 | WAYLAND | XVFB | XEPHYR, DISPLAY_NESTED, DISPLAY_XEPHYR, NULL },
	{ "auto: nested in X", DISPLAY_AUTO, X11 | XVFB | XEPHYR | XWAYLAND, DISPLAY_NESTED, DISPLAY_XEPHYR, NULL },
	{ "auto: virtual", DISPLAY_AUTO, XVFB | XEPHYR | XWAYLAND, DISPLAY_VIRTUAL, DISPLAY_XVFB, NULL },
	{ "auto: none", DISPLAY_AUTO, X11, DISPLAY_NONE, DISPLAY_SERVER_NONE, NULL },
	{ "nested stays nested", DISPLAY_NESTED, X11 | WAYLAND | CONTEXTS | XEPHYR | XWAYLAND, DISPLAY_NESTED, DISPLAY_XWAYLAND, NULL },
	{ "nested: no Xwayland", DISPLAY_NESTED, WAYLAND, 0, 0, "needs Xwayland" },
	{ "wayland", DISPLAY_WAYLAND, WAYLAND | CONTEXTS | XWAYLAND, DISPLAY_WAYLAND, DISPLAY_XWAYLAND, NULL },
	{ "wayland: no contexts", DISPLAY_WAYLAND, X11 | WAYLAND | XEPHYR | XWAYLAND, 0, 0, NO_CONTEXT "; use --display nested" },
	{ "wayland: no compositor", DISPLAY_WAYLAND, X11 | XEPHYR, 0, 0, "WAYLAND_DISPLAY leads to no socket; use --display nested" },
};
/* clang-format on */

static void add_socket(struct facts *f, struct arena *a, const char *path)
{
	facts_add_path(f, a, (struct path_fact){ .path = path, .kind = PATH_SOCKET, .real = path });
}

static void host(const struct row *row, struct arena *a, struct facts *f)
{
	*f = (struct facts){ .uid = 1000, .home = "/home/ann", .env = STRV_INIT(a) };
	strv_add(&f->env, "XDG_RUNTIME_DIR=/run/user/1000");
	if (row->has & X11) {
		strv_add(&f->env, "DISPLAY=:1");
		add_socket(f, a, "/tmp/.X11-unix/X1");
	}
	if (row->has & WAYLAND) {
		strv_add(&f->env, "WAYLAND_DISPLAY=wayland-3");
		add_socket(f, a, "/run/user/1000/wayland-3");
		f->desktop.wayland = "/libexec/wayland";
		f->desktop.no_context = row->has & CONTEXTS ? NULL : NO_CONTEXT;
	}
	f->desktop.xvfb = row->has & XVFB ? "/usr/bin/Xvfb" : NULL;
	f->desktop.xephyr = row->has & XEPHYR ? "/usr/bin/Xephyr" : NULL;
	f->desktop.xwayland = row->has & XWAYLAND ? "/usr/bin/Xwayland" : NULL;
}

static const struct service_want *service(const struct spec *s, enum wire_service kind)
{
	for (size_t i = 0; i < s->n_services; i++)
		if (s->services[i].service == kind)
			return &s->services[i];
	return NULL;
}

static const char *variable(const struct spec *s, const char *name)
{
	for (size_t i = 0; i < s->n_env; i++)
		if (strcmp(s->env[i].name, name) == 0)
			return s->env[i].value;
	return "";
}

/* What is promised inside is what is served, and no more. */
static void check_inside(const struct spec *s)
{
	const struct service_want *wayland = service(s, SERVICE_WAYLAND);

	if (s->desktop.display == DISPLAY_WAYLAND) {
		assert_non_null(wayland);
		assert_string_equal(wayland->path, "/run/user/1000/wayland-0");
		assert_string_equal(variable(s, "WAYLAND_DISPLAY"), "wayland-0");
	} else {
		assert_null(wayland);
		assert_string_equal(variable(s, "WAYLAND_DISPLAY"), "");
	}
	assert_int_equal(service(s, SERVICE_DISPLAY) != NULL, s->desktop.program != NULL);
	assert_string_equal(variable(s, "DISPLAY"), s->desktop.program ? ":0" : "");
}

static void try_row(void **state)
{
	const struct row *row = *state;
	auto_arena struct arena a = ARENA_INIT;
	struct config c;
	struct facts f;
	struct spec s = { .config = &c,
			  .notes = STRV_INIT(&a),
			  .details = STRV_INIT(&a),
			  .net = { .mode = NETWORK_FILTERED } };
	struct err e = { 0 };
	int r;

	config_of_level(LEVEL_DEFAULT, &a, &c);
	c.display = row->asked;
	host(row, &a, &f);
	r = spec_add_desktop(&c, &f, &a, &s, &e);
	if (row->refusal) {
		assert_true(r < 0);
		if (!strstr(e.msg, row->refusal))
			fail_msg("got: %s\nwant: %s", e.msg, row->refusal);
		return;
	}
	if (r < 0)
		fail_msg("%s", e.msg);
	assert_int_equal(s.desktop.display, row->display);
	assert_int_equal(s.desktop.server, row->server);
	check_inside(&s);
}

int main(void)
{
	struct CMUnitTest tests[N_ELEMENTS(rows)];

	for (size_t i = 0; i < N_ELEMENTS(rows); i++)
		tests[i] = (struct CMUnitTest){ .name = rows[i].name,
						.test_func = try_row,
						.initial_state = &rows[i] };
	return cmocka_run_group_tests_name("desktop", tests, NULL, NULL);
}
