/* SPDX-License-Identifier: Apache-2.0 */
/* What the doctor says about screens, buses and browsers inside. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include "doctor_bench.h"

static void screen_that_nobody_sees(void **state)
{
	struct bench b;

	bench_init(&b, *state);
	b.c.display = DISPLAY_AUTO;
	is(check(&b, "screen"), FINDING_WARN, "no screen inside", "apt install xvfb");
	b.c.display = DISPLAY_VIRTUAL;
	is(check(&b, "screen"), FINDING_FAIL, "no screen inside", "apt install xvfb");
	b.f.desktop.xvfb = "/usr/bin/Xvfb";
	is(check(&b, "screen"), FINDING_PASS, "/usr/bin/Xvfb", NULL);
	b.c.display = DISPLAY_NONE;
	is(check(&b, "screen"), FINDING_PASS, "none is asked for", NULL);
	b.c.display = DISPLAY_HOST;
	is(check(&b, "screen"), FINDING_PASS, "holds nothing back", NULL);
}

static void screen_that_is_shown(void **state)
{
	struct bench b;

	bench_init(&b, *state);
	b.c.display = DISPLAY_NESTED;
	is(check(&b, "screen"), FINDING_FAIL, "neither DISPLAY nor", "--display virtual");
	strv_add(&b.f.env, "DISPLAY=:1");
	is(check(&b, "screen"), FINDING_FAIL, "your X screen", "apt install xserver-xephyr");
	b.c.display = DISPLAY_AUTO;
	is(check(&b, "screen"), FINDING_WARN, "your X screen", "apt install xserver-xephyr");
	b.f.desktop.xephyr = "/usr/bin/Xephyr";
	is(check(&b, "screen"), FINDING_PASS, "/usr/bin/Xephyr", NULL);
	strv_add(&b.f.env, "WAYLAND_DISPLAY=wayland-0");
	is(check(&b, "screen"), FINDING_PASS, "/usr/bin/Xephyr", NULL);
	b.f.desktop.xwayland = "/usr/bin/Xwayland";
	is(check(&b, "screen"), FINDING_PASS, "/usr/bin/Xwayland", NULL);
	b.f.desktop.xwayland = b.f.desktop.xephyr = NULL;
	is(check(&b, "screen"), FINDING_WARN, "your Wayland screen", "apt install xwayland");
	b.c.display = DISPLAY_WAYLAND;
	b.f.desktop.no_context = "the compositor cannot";
	is(check(&b, "screen"), FINDING_FAIL, "the compositor cannot", "--display nested");
}

static void bus_and_browser(void **state)
{
	struct bench b;

	bench_init(&b, *state);
	b.c.dbus = b.c.browser = false;
	is(check(&b, "session bus"), FINDING_PASS, "none is asked for", NULL);
	is(check(&b, "browser"), FINDING_PASS, "none is asked for", NULL);
	b.c.dbus = b.c.browser = true;
	is(check(&b, "session bus"), FINDING_WARN, "dbus-daemon", "apt install dbus-daemon");
	b.f.desktop.dbus_daemon = "/usr/bin/dbus-daemon";
	is(check(&b, "session bus"), FINDING_WARN, "xdg-dbus-proxy", "apt install xdg-dbus-proxy");
	b.f.desktop.dbus_proxy = "/usr/bin/xdg-dbus-proxy";
	is(check(&b, "session bus"), FINDING_PASS, "/usr/bin/dbus-daemon", NULL);
	is(check(&b, "browser"), FINDING_WARN, "neither Chromium nor Chrome",
	   "apt install chromium");
	b.f.browser.program = "/usr/bin/chromium";
	is(check(&b, "browser"), FINDING_PASS, "/usr/bin/chromium", NULL);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		TEST(screen_that_nobody_sees),
		TEST(screen_that_is_shown),
		TEST(bus_and_browser),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
