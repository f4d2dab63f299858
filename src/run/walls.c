/* SPDX-License-Identifier: Apache-2.0 */
#include "run/walls.h"

#include <stdlib.h>
#include <string.h>

#include "base/auto.h"
#include "base/wire_walls.h"
#include "run/seccomp.h"

int walls_filter(const struct seccomp_policy *policy, struct arena *a, const void **ret_bpf,
		 size_t *ret_size, struct err *e)
{
	void *bpf;
	int r;

	if (policy->rules == seccomp_base && policy->extra.n == 0) {
		*ret_bpf = walls_prebuilt[policy->relax].code;
		*ret_size = walls_prebuilt[policy->relax].size;
		return 0;
	}
	r = seccomp_compile(policy, a, &bpf, ret_size, e);
	if (r == 0)
		*ret_bpf = bpf;
	return r;
}

static struct wire_landlock landlock_pack(const struct landlock *l, bool alone, struct arena *a)
{
	struct wire_landlock w = { .fs = l->fs, .scoped = l->scoped, .flags = l->flags };

	w.rules = arena_alloc(a, (l->n_rules + 1) * sizeof(*w.rules));
	for (; w.n_rules < l->n_rules; w.n_rules++) {
		enum landlock_grant grant = l->rules[w.n_rules].grant;

		if (alone && grant == LANDLOCK_GUARDED)
			grant = LANDLOCK_WRITE;
		w.rules[w.n_rules] = (struct wire_rule){
			.access = landlock_rights(l, grant),
			.path = l->rules[w.n_rules].path,
			.fd = -1,
		};
	}
	return w;
}

int walls_pack(const struct spec *s, bool alone, struct arena *a, void **ret_block,
	       size_t *ret_size, struct err *e)
{
	struct limits limits = s->limits;
	struct wire_walls walls = { .landlock = landlock_pack(&s->landlock, alone, a),
				    .limits = limits.rlimits,
				    .n_limits = limits.n_rlimits };
	struct wire_listen services[N_SERVICES];
	auto_free void *block = NULL;
	int r = walls_filter(&s->seccomp, a, &walls.filter, &walls.filter_size, e);

	if (r < 0)
		return r;
	walls.services = services;
	for (; !alone && walls.n_services < s->n_services; walls.n_services++) {
		const struct service_want *want = &s->services[walls.n_services];

		services[walls.n_services] =
			(struct wire_listen){ want->service, want->type, want->path };
	}
	block = wire_walls_pack(&walls, ret_size);
	if (!block)
		abort();
	*ret_block = memcpy(arena_alloc(a, *ret_size), block, *ret_size);
	return 0;
}
