/* SPDX-License-Identifier: Apache-2.0 */
/* Whether containers can be had: asked of sudo only where they are wanted, as it writes down who asks. */
#include "base/handover.h"
#include "host/doctor_parts.h"

static struct finding check_sudo(const struct doctor *d)
{
	const struct facts *f = d->f;
	const char *const argv[] = { f->sudo, "-n", "-l", f->container, NULL };
	const char *line = "";

	if (f->uid == 0)
		return finding_pass("systemd-nspawn, started by root");
	if (!f->sudo)
		return finding_fail("sudo is not installed", "install it, and its rule for us");
	if (doctor_try(d->a, argv, "/", &line) != 0)
		return finding_fail(arena_printf(d->a, "sudo may not start our part: %s", line),
				    arena_printf(d->a, HANDOVER_SUDO_RULE, f->user, f->container));
	return finding_pass(arena_printf(d->a, "%s, through %s", f->nspawn, f->sudo));
}

struct finding check_container(const struct doctor *d)
{
	const struct facts *f = d->f;

	if (d->c->backend != BACKEND_CONTAINER)
		return finding_pass("not asked for; --backend container --test looks");
	if (!f->nspawn)
		return finding_fail("systemd-nspawn is not installed",
				    "on Debian: sudo apt install systemd-container");
	if (!f->container)
		return finding_fail("our program libexec/claude-sandbox/container is missing",
				    "./dev build, in the source directory");
	if (f->uid != 0 && !f->container_is_root)
		return finding_fail(
			arena_printf(d->a, "%s can be changed by others than root", f->container),
			"sudo meson install -C build --no-rebuild");
	return check_sudo(d);
}
