/* SPDX-License-Identifier: Apache-2.0 */
#include "host/probe.h"

#include <stddef.h>

#include "base/auto.h"
#include "base/path.h"
#include "host/probe_parts.h"
#include "host/program.h"

/* What is started as root must be root's: our own program too, unless root is who calls. */
void probe_container(struct facts *f, const struct config *c, struct arena *a)
{
	const struct {
		const char **ret;
		const char *name;
	} programs[] = { { &f->nspawn, "systemd-nspawn" }, { &f->sudo, "sudo" } };
	const char *own = f->exe ? probe_own(f, "container", a) : NULL;
	struct err ignored;

	if (c->backend != BACKEND_CONTAINER)
		return;
	for (size_t i = 0; i < N_ELEMENTS(programs); i++)
		if (program_find(programs[i].name, a, programs[i].ret, &ignored) < 0)
			*programs[i].ret = NULL;
	if (f->nspawn)
		f->nspawn = probe_real(
			a, f->nspawn); /* its place may be hidden in a container's view */
	f->container = own;
	if (own && f->uid != 0) {
		const char *const dirs[] = { path_parent(a, own), NULL };

		f->container_is_root =
			program_find_in("/", dirs, "container", a, &own, &ignored) == 0;
	}
}
