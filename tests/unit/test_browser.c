/* SPDX-License-Identifier: Apache-2.0 */
/* spec_add_browser(): what is shown of a browser, and that nothing is where none is wanted or found. */
#include "spec/browser.h"

#include <setjmp.h>
#include <stdarg.h>

#include <cmocka.h>

#include "spec_world.h"

static int setup(void **state)
{
	*state = world_new((struct facts){ .browser = { "chromium", "/usr/bin/chromium" } });
	return *state ? 0 : -1;
}

static const struct mount *at(const struct world *w, const char *dst)
{
	for (size_t i = 0; i < w->s.n_mounts; i++)
		if (strcmp(w->s.mounts[i].dst, dst) == 0)
			return &w->s.mounts[i];
	return NULL;
}

static void add(struct world *w)
{
	spec_add_browser(&w->c, &w->f, &w->a, &w->s);
}

static void nothing_without_a_browser(void **state)
{
	struct world *w = *state;

	w->c.browser = false;
	add(w);
	w->c.browser = true;
	w->f.browser = (struct browser_facts){ NULL, NULL };
	add(w);
	assert_int_equal(w->s.n_mounts + w->s.n_env + w->s.details.n, 0);
}

static void the_wrapper_starts_the_hosts_program(void **state)
{
	struct world *w = *state;
	const struct mount *m;

	add(w);
	m = at(w, "/run/claude-sandbox/bin/chromium");
	assert_non_null(m);
	assert_int_equal(m->mode, 0555);
	assert_non_null(strstr(m->text, "\nexec '/usr/bin/chromium' "));
	assert_non_null(at(w, "/run/claude-sandbox/bin/chromium-browser"));
	assert_non_null(at(w, "/run/claude-sandbox/bin/xdg-open"));
	assert_null(at(w, "/run/claude-sandbox/bin/google-chrome"));
	assert_non_null(at(w, "/etc/chromium/policies/managed/default.json"));
	assert_null(at(w, "/etc/opt/chrome/policies/managed/default.json"));
	/* Nothing of the host is mounted for it. */
	for (size_t i = 0; i < w->s.n_mounts; i++)
		assert_true(w->s.mounts[i].kind == MOUNT_TEXT ||
			    w->s.mounts[i].kind == MOUNT_SYMLINK);
}

static void google_chrome_has_its_own_places(void **state)
{
	struct world *w = *state;

	w->f.browser = (struct browser_facts){ "google-chrome-stable",
					       "/opt/google/chrome/google-chrome" };
	add(w);
	assert_non_null(at(w, "/run/claude-sandbox/bin/google-chrome"));
	assert_non_null(at(w, "/etc/opt/chrome/policies/managed/default.json"));
	assert_null(at(w, "/etc/chromium/policies/managed/default.json"));
}

static void a_shared_network_is_told(void **state)
{
	struct world *w = *state;

	add(w);
	assert_int_equal(w->s.details.n, 0);
	w->s.net.mode = NETWORK_HOST;
	add(w);
	assert_int_equal(w->s.details.n, 1);
}

#define TEST(fn) cmocka_unit_test_setup_teardown(fn, setup, teardown)

int main(void)
{
	const struct CMUnitTest tests[] = {
		TEST(nothing_without_a_browser),
		TEST(the_wrapper_starts_the_hosts_program),
		TEST(google_chrome_has_its_own_places),
		TEST(a_shared_network_is_told),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
