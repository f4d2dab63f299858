/* SPDX-License-Identifier: Apache-2.0 */
/* Which screen a sandbox gets, and what its server's cell sees of the host. */
#include "spec/desktop.h"

#include <errno.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include "plan/cell.h"
#include "spec_world.h"

static int setup(void **state)
{
	struct world *w = *state = world_new((struct facts){
		.uid = 1000,
		.bwrap = "/usr/bin/bwrap",
		.desktop = { "/usr/bin/Xvfb", "/usr/bin/Xephyr", "/usr/bin/Xwayland" } });

	if (!w)
		return -1;
	w->s.name = "app-123";
	w->s.net.mode = NETWORK_FILTERED;
	return 0;
}

static void has(struct world *w, const char *path, enum path_kind kind)
{
	facts_add_path(&w->f, &w->a,
		       (struct path_fact){ .path = path, .kind = kind, .real = path });
}

static void has_x11(struct world *w)
{
	env_set(&w->f.env, "DISPLAY", ":1.0");
	has(w, "/tmp/.X11-unix/X1", PATH_SOCKET);
	has(w, "/home/ann/.Xauthority", PATH_FILE);
}

static void has_wayland(struct world *w)
{
	env_set(&w->f.env, "WAYLAND_DISPLAY", "wayland-7");
	env_set(&w->f.env, "XDG_RUNTIME_DIR", "/run/user/1000");
	has(w, "/run/user/1000/wayland-7", PATH_SOCKET);
}

static int build(struct world *w, unsigned display)
{
	w->c.display = display;
	return spec_add_desktop(&w->c, &w->f, &w->a, &w->s, &w->e);
}

static const char *env_of(const struct world *w, const char *name)
{
	for (size_t i = 0; i < w->s.n_env; i++)
		if (strcmp(w->s.env[i].name, name) == 0)
			return w->s.env[i].value;
	return NULL;
}

static const char *cell(struct world *w)
{
	struct buf b = BUF_INIT((size_t)1 << 14);
	struct strv argv;
	const char *text;

	cell_display(&w->s, &w->f, &w->a, &argv);
	for (size_t i = 0; i < argv.n; i++) {
		buf_puts(&b, argv.items[i]);
		buf_puts(&b, " ");
	}
	text = arena_strdup(&w->a, buf_text(&b));
	buf_done(&b);
	return text;
}

static void sockets_are_found_by_the_variables(void **state)
{
	static const struct {
		const char *display, *socket;
	} rows[] = {
		{ ":0", "/tmp/.X11-unix/X0" },
		{ ":12.3", "/tmp/.X11-unix/X12" },
		{ "unix:4", "/tmp/.X11-unix/X4" },
		{ "localhost:10.0", NULL },
		{ "host:0", NULL },
		{ "", NULL },
		{ ":", NULL },
		{ ":x", NULL },
		{ ":/../../etc", NULL },
		{ ":123456789", NULL },
	};
	struct world *w = *state;

	assert_null(desktop_x11_socket(&w->f, &w->a));
	for (size_t i = 0; i < N_ELEMENTS(rows); i++) {
		const char *found;

		env_set(&w->f.env, "DISPLAY", rows[i].display);
		found = desktop_x11_socket(&w->f, &w->a);
		if (rows[i].socket)
			assert_string_equal(found, rows[i].socket);
		else
			assert_null(found);
	}
	assert_null(desktop_wayland_socket(&w->f, &w->a));
	env_set(&w->f.env, "WAYLAND_DISPLAY", "wayland-0");
	assert_null(desktop_wayland_socket(&w->f, &w->a)); /* no runtime directory */
	env_set(&w->f.env, "XDG_RUNTIME_DIR", "/run/user/1000");
	assert_string_equal(desktop_wayland_socket(&w->f, &w->a), "/run/user/1000/wayland-0");
	env_set(&w->f.env, "WAYLAND_DISPLAY", "/else/w");
	assert_string_equal(desktop_wayland_socket(&w->f, &w->a), "/else/w");
}

static void auto_takes_the_first_that_there_is(void **state)
{
	struct world *w = *state;

	assert_int_equal(build(w, DISPLAY_AUTO), 0);
	assert_int_equal(w->s.desktop.server, DISPLAY_XVFB);
	assert_int_equal(w->s.desktop.display, DISPLAY_VIRTUAL);
	has_x11(w);
	assert_int_equal(build(w, DISPLAY_AUTO), 0);
	assert_int_equal(w->s.desktop.server, DISPLAY_XEPHYR);
	assert_int_equal(w->s.desktop.display, DISPLAY_NESTED);
	has_wayland(w);
	assert_int_equal(build(w, DISPLAY_AUTO), 0);
	assert_int_equal(w->s.desktop.server, DISPLAY_XWAYLAND);
}

static void without_a_server_auto_is_none_and_says_so(void **state)
{
	struct world *w = *state;

	w->f.desktop = (struct desktop_facts){ 0 };
	has_x11(w);
	assert_int_equal(build(w, DISPLAY_AUTO), 0);
	assert_int_equal(w->s.desktop.display, DISPLAY_NONE);
	assert_null(env_of(w, "DISPLAY"));
	assert_int_equal(w->s.n_services, 0);
	assert_int_equal(w->s.details.n, 1);
	assert_string_equal(cell(w), "");
}

static void what_is_asked_for_by_name_is_there_or_an_error(void **state)
{
	struct world *w = *state;

	assert_int_equal(build(w, DISPLAY_NESTED), -ENOENT);
	assert_non_null(strstr(w->e.msg, "there is no screen here"));
	has_x11(w);
	w->f.desktop = (struct desktop_facts){ 0 };
	assert_int_equal(build(w, DISPLAY_NESTED), -ENOENT);
	assert_non_null(strstr(w->e.msg, "apt install xserver-xephyr"));
	assert_int_equal(build(w, DISPLAY_VIRTUAL), -ENOENT);
	assert_non_null(strstr(w->e.msg, "apt install xvfb"));
}

static void sizes_are_checked(void **state)
{
	static const char *const bad[] = { "",         "12",
					   "x",        "12x",
					   "x12",      "63x100",
					   "100x63",   "16385x100",
					   "100x100 ", "100x100x24",
					   "-100x100", "1e3x100",
					   "100X100",  "000000000100x100" };
	struct world *w = *state;

	for (size_t i = 0; i < N_ELEMENTS(bad); i++) {
		w->c.display_size = bad[i];
		assert_int_equal(build(w, DISPLAY_VIRTUAL), -EINVAL);
		assert_non_null(strstr(w->e.msg, "WIDTHxHEIGHT"));
	}
	w->c.display_size = "640x480";
	assert_int_equal(build(w, DISPLAY_VIRTUAL), 0);
	assert_non_null(strstr(cell(w), " -screen 0 640x480x24 "));
}

static void a_number_of_the_host_is_not_used_where_its_abstract_sockets_are_reached(void **state)
{
	struct world *w = *state;

	assert_int_equal(build(w, DISPLAY_VIRTUAL), 0);
	assert_string_equal(env_of(w, "DISPLAY"), ":0");
	w->s.net.mode = NETWORK_HOST;
	assert_int_equal(build(w, DISPLAY_VIRTUAL), 0);
	assert_string_equal(env_of(w, "DISPLAY"), ":100");
}

static void a_cell_sees_the_screen_that_it_is_shown_on_and_no_other(void **state)
{
	struct world *w = *state;

	has_x11(w);
	has_wayland(w);
	assert_int_equal(build(w, DISPLAY_VIRTUAL), 0);
	assert_null(strstr(cell(w), "/tmp/.X11-unix"));
	assert_null(strstr(cell(w), "wayland"));
	assert_null(strstr(cell(w), "Xauthority"));
	w->f.desktop.xwayland = NULL;
	assert_int_equal(build(w, DISPLAY_NESTED), 0);
	assert_non_null(strstr(cell(w), "--ro-bind /tmp/.X11-unix/X1 /tmp/.X11-unix/X1 "));
	assert_non_null(strstr(cell(w), "--ro-bind /home/ann/.Xauthority "));
	assert_null(strstr(cell(w), "wayland"));
	assert_non_null(strstr(cell(w), "--unshare-net "));
	assert_non_null(strstr(cell(w), "--die-with-parent "));
}

static void the_host_s_own_is_shared_with_a_word_about_it(void **state)
{
	struct world *w = *state;

	has_x11(w);
	assert_int_equal(build(w, DISPLAY_HOST), 0);
	assert_string_equal(env_of(w, "DISPLAY"), ":1");
	assert_string_equal(env_of(w, "XAUTHORITY"), DESKTOP_XAUTHORITY);
	assert_int_equal(w->s.notes.n, 1);
	assert_int_equal(w->s.n_services, 0);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test_setup_teardown(sockets_are_found_by_the_variables, setup,
						teardown),
		cmocka_unit_test_setup_teardown(auto_takes_the_first_that_there_is, setup,
						teardown),
		cmocka_unit_test_setup_teardown(without_a_server_auto_is_none_and_says_so, setup,
						teardown),
		cmocka_unit_test_setup_teardown(what_is_asked_for_by_name_is_there_or_an_error,
						setup, teardown),
		cmocka_unit_test_setup_teardown(sizes_are_checked, setup, teardown),
		cmocka_unit_test_setup_teardown(
			a_number_of_the_host_is_not_used_where_its_abstract_sockets_are_reached,
			setup, teardown),
		cmocka_unit_test_setup_teardown(
			a_cell_sees_the_screen_that_it_is_shown_on_and_no_other, setup, teardown),
		cmocka_unit_test_setup_teardown(the_host_s_own_is_shared_with_a_word_about_it,
						setup, teardown),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
