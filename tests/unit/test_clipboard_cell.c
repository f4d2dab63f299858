/* SPDX-License-Identifier: Apache-2.0 */
/* Which clipboard there is between which screens, and what the cell of its program has. */
#include "spec/desktop.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>

#include <cmocka.h>

#include "base/auto.h"
#include "plan/cell.h"
#include "spec/facts.h"
#include "spec/spec.h"

static const struct mount mounts[] = {
	{ .kind = MOUNT_RO, .src = "/usr", .dst = "/usr", .share = "/usr" },
	{ .kind = MOUNT_RW, .src = "/home/u/p", .dst = "/home/u/p", .share = "project" },
};

struct fixture {
	struct arena arena;
	struct config config;
	struct facts facts;
	struct spec spec;
};

static void setup(struct fixture *x, unsigned display, unsigned clipboard)
{
	*x = (struct fixture){ .config = { .display = display, .clipboard = clipboard } };
	x->facts = (struct facts){ .home = "/home/u",
				   .bwrap = "/usr/bin/bwrap",
				   .clipboard = "/opt/libexec/clipboard",
				   .desktop = { .xvfb = "/usr/bin/Xvfb",
						.xephyr = "/usr/bin/Xephyr",
						.xwayland = "/usr/bin/Xwayland" },
				   .env = STRV_INIT(&x->arena) };
	x->spec = (struct spec){ .config = &x->config,
				 .name = "p-0123",
				 .state = "/home/u/state",
				 .notes = STRV_INIT(&x->arena),
				 .details = STRV_INIT(&x->arena) };
}

static void add_path(struct fixture *x, const char *path, enum path_kind kind)
{
	facts_add_path(&x->facts, &x->arena,
		       (struct path_fact){ .path = path, .kind = kind, .real = path });
}

static void add_x11(struct fixture *x)
{
	strv_add(&x->facts.env, "DISPLAY=:7.0", "XAUTHORITY=/run/u/key");
	add_path(x, "/tmp/.X11-unix/X7", PATH_SOCKET);
	add_path(x, "/run/u/key", PATH_FILE);
}

static void add_wayland(struct fixture *x)
{
	strv_add(&x->facts.env, "WAYLAND_DISPLAY=/run/u/wayland-0");
	add_path(x, "/run/u/wayland-0", PATH_SOCKET);
}

static void build(struct fixture *x)
{
	struct err e;

	for (size_t i = 0; i < N_ELEMENTS(mounts); i++)
		spec_mount(&x->spec, &x->arena, mounts[i]);
	assert_int_equal(spec_add_desktop(&x->config, &x->facts, &x->arena, &x->spec, &e), 0);
}

static bool notes_say(const struct fixture *x, const char *what)
{
	for (size_t i = 0; i < x->spec.notes.n; i++)
		if (strstr(x->spec.notes.items[i], what))
			return true;
	return false;
}

static void which_server(void **state)
{
	static const struct {
		unsigned clipboard;
		bool has_x11, has_wayland;
		enum display_server server;
		unsigned passes;
	} rows[] = {
		{ CLIPBOARD_NONE, true, false, DISPLAY_XEPHYR, CLIPBOARD_NONE },
		{ CLIPBOARD_NONE, true, true, DISPLAY_XWAYLAND, CLIPBOARD_NONE },
		{ CLIPBOARD_IN, true, false, DISPLAY_XEPHYR, CLIPBOARD_IN },
		{ CLIPBOARD_OUT, true, true, DISPLAY_XEPHYR, CLIPBOARD_OUT },
		{ CLIPBOARD_BOTH, false, true, DISPLAY_XWAYLAND, CLIPBOARD_NONE },
	};

	(void)state;
	for (size_t i = 0; i < N_ELEMENTS(rows); i++) {
		struct fixture x;

		setup(&x, DISPLAY_NESTED, rows[i].clipboard);
		if (rows[i].has_x11)
			add_x11(&x);
		if (rows[i].has_wayland)
			add_wayland(&x);
		build(&x);
		assert_int_equal(x.spec.desktop.server, rows[i].server);
		assert_int_equal(x.spec.desktop.clipboard, rows[i].passes);
		assert_int_equal(notes_say(&x, "nothing is passed"),
				 rows[i].clipboard != rows[i].passes);
		arena_done(&x.arena);
	}
}

static void other_displays_have_none(void **state)
{
	static const struct {
		unsigned display;
		const char *note;
	} rows[] = {
		{ DISPLAY_NONE, "only a nested screen has a clipboard" },
		{ DISPLAY_VIRTUAL, "only a nested screen has a clipboard" },
		{ DISPLAY_HOST, "all that is copied passes both ways" },
	};

	(void)state;
	for (size_t i = 0; i < N_ELEMENTS(rows); i++) {
		struct fixture x;
		struct strv argv;

		setup(&x, rows[i].display, CLIPBOARD_BOTH);
		add_x11(&x);
		build(&x);
		assert_true(notes_say(&x, rows[i].note));
		cell_clipboard(&x.spec, &x.facts, &x.arena, &argv);
		assert_int_equal(argv.n, 0);
		arena_done(&x.arena);
	}
}

/* The host's screen, the key to it, and system directories; nothing of the project's or of the state's. */
static void what_the_cell_has(void **state)
{
	static const char *const tail[] = {
		"--seccomp",
		"6",
		"--ro-bind",
		"/usr",
		"/usr",
		"--dev",
		"/dev",
		"--perms",
		"1777",
		"--tmpfs",
		"/tmp",
		"--setenv",
		"PATH",
		"/usr/bin:/bin",
		"--ro-bind",
		"/tmp/.X11-unix/X7",
		"/tmp/.X11-unix/X7",
		"--setenv",
		"DISPLAY",
		":7",
		"--ro-bind",
		"/run/u/key",
		"/host-cookie",
		"--setenv",
		"XAUTHORITY",
		"/host-cookie",
		"--ro-bind",
		"/opt/libexec/clipboard",
		"/program",
		"--",
		"/program",
		"in",
		"claude-sandbox.p-0123",
	};
	struct fixture x;
	struct strv argv;
	size_t from;

	(void)state;
	setup(&x, DISPLAY_NESTED, CLIPBOARD_IN);
	add_x11(&x);
	build(&x);
	cell_clipboard(&x.spec, &x.facts, &x.arena, &argv);
	assert_true(argv.n > N_ELEMENTS(tail));
	from = argv.n - N_ELEMENTS(tail);
	for (size_t i = 0; i < N_ELEMENTS(tail); i++)
		assert_string_equal(argv.items[from + i], tail[i]);
	assert_string_equal(argv.items[0], "/usr/bin/bwrap");
	arena_done(&x.arena);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(which_server),
		cmocka_unit_test(other_displays_have_none),
		cmocka_unit_test(what_the_cell_has),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
