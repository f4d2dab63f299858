/* SPDX-License-Identifier: Apache-2.0 */
/* The backends, by number; a new one is a file with render() and a row here. */
#include "plan/plan.h"

#include <errno.h>

#include "base/auto.h"

static const struct backend_ops backend_vm = {
	.name = "vm",
	.later = "the vm backend is not part of this version; use --backend bubblewrap",
};

const struct backend_ops *const backends[] = {
	[BACKEND_VM] = &backend_vm,
	[BACKEND_CONTAINER] = &backend_container,
	[BACKEND_BUBBLEWRAP] = &backend_bubblewrap,
};

int plan_check_backend(const struct config *c, struct err *e)
{
	if (c->backend >= N_ELEMENTS(backends))
		return err_set(e, EINVAL, "there is no backend number %u", c->backend);
	if (!backends[c->backend]->render)
		return err_set(e, ENOTSUP, "%s", backends[c->backend]->later);
	return 0;
}

int plan_render(const struct spec *s, const struct facts *f, struct arena *a, struct plan *ret,
		struct err *e)
{
	int r = plan_check_backend(s->config, e);

	return r < 0 ? r : backends[s->config->backend]->render(s, f, a, ret, e);
}

bool plan_has_fd(const struct plan *p, enum plan_fd_kind kind)
{
	for (size_t i = 0; i < p->n_fds; i++)
		if (p->fds[i].kind == kind)
			return true;
	return false;
}
