/* SPDX-License-Identifier: Apache-2.0 */
/* What a screen, a session bus and a browser inside take of this host: programs, looked for by the probe. */
#include "base/auto.h"
#include "host/doctor_parts.h"
#include "spec/browser.h"

/* A server for each way to a screen, and what there is without it. */
static const struct server {
	const char *name, *package, *without;
} xvfb = { "Xvfb", "xvfb", "there is no screen inside" },
  xephyr = { "Xephyr", "xserver-xephyr", "nothing of a sandbox is seen on your X screen" },
  xwayland = { "Xwayland", "xwayland", "nothing of a sandbox is seen on your Wayland screen" };

static struct finding about(const struct doctor *d, const struct server *server,
			    const char *program, bool is_needed)
{
	const char *detail, *remedy;

	if (program)
		return finding_pass(program);
	detail = arena_printf(d->a, "%s is not in the system's directories, so %s", server->name,
			      server->without);
	remedy = arena_printf(d->a, "sudo apt install %s", server->package);
	return is_needed ? finding_fail(detail, remedy) : finding_warn(detail, remedy);
}

/* The server that shows a sandbox to the user; NULL: there is no screen to show it on. */
static const struct server *find_viewer(const struct doctor *d, const char **ret_program)
{
	const bool has_wayland = env_get(&d->f->env, "WAYLAND_DISPLAY");
	const bool has_x = env_get(&d->f->env, "DISPLAY");

	*ret_program = has_wayland ? d->f->desktop.xwayland : NULL;
	if (!*ret_program && has_x)
		*ret_program = d->f->desktop.xephyr;
	if (has_wayland)
		return &xwayland;
	return has_x ? &xephyr : NULL;
}

struct finding check_screen(const struct doctor *d)
{
	const char *program = NULL;
	const struct server *viewer = find_viewer(d, &program);

	switch ((enum display)d->c->display) {
	case DISPLAY_NONE:
		return finding_pass("none is asked for");
	case DISPLAY_HOST:
		return finding_pass("the host's, which holds nothing back");
	case DISPLAY_VIRTUAL:
		return about(d, &xvfb, d->f->desktop.xvfb, true);
	case DISPLAY_WAYLAND:
		if (d->f->desktop.no_context)
			return finding_fail(d->f->desktop.no_context, "use --display nested");
		break;
	case DISPLAY_NESTED:
		if (!viewer)
			return finding_fail("neither DISPLAY nor WAYLAND_DISPLAY is set",
					    "use --display virtual");
		break;
	case DISPLAY_AUTO:
		break;
	}
	if (!viewer)
		return about(d, &xvfb, d->f->desktop.xvfb, false);
	return about(d, viewer, program, d->c->display == DISPLAY_NESTED);
}

struct finding check_bus(const struct doctor *d)
{
	const struct desktop_facts *programs = &d->f->desktop;

	if (!d->c->dbus)
		return finding_pass("none is asked for");
	if (!programs->dbus_daemon)
		return finding_warn("dbus-daemon is not in the system's directories, so there is "
				    "no session bus inside",
				    "sudo apt install dbus-daemon");
	if (!programs->dbus_proxy)
		return finding_warn("xdg-dbus-proxy is not in the system's directories, so nothing "
				    "of the session bus is reached from inside",
				    "sudo apt install xdg-dbus-proxy");
	return finding_pass(
		arena_printf(d->a, "%s, %s", programs->dbus_daemon, programs->dbus_proxy));
}

struct finding check_browser(const struct doctor *d)
{
	if (!d->c->browser)
		return finding_pass("none is asked for");
	if (!d->f->browser.program)
		return finding_warn("there is neither Chromium nor Chrome in the system's "
				    "directories, so no browser inside",
				    "sudo apt install chromium");
	return finding_pass(d->f->browser.program);
}
