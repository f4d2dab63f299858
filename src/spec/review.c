/* SPDX-License-Identifier: Apache-2.0 */
/*
 * --review: whether this project gets a layer, and where it is. What was asked for by name counts;
 * where nobody said anything, a project that lies in one of untrusted_projects gets one.
 */
#include "base/path.h"
#include "spec/spec.h"

static bool is_untrusted(const struct config *c, const struct facts *f, struct arena *a)
{
	for (size_t i = 0; i < c->untrusted_projects.n; i++) {
		const char *dir = path_expand_home(a, f->home, c->untrusted_projects.items[i]);
		const char *real = facts_path(f, dir)->real;

		if (dir[0] == '/' && path_below(f->project, real ? real : dir))
			return true;
	}
	return false;
}

void review_dirs_of(const char *state, struct arena *a, struct review_dirs *ret)
{
	const char *dir = arena_printf(a, "%s/review", state);

	*ret = (struct review_dirs){ .dir = dir,
				     .upper = arena_printf(a, "%s/upper", dir),
				     .work = arena_printf(a, "%s/work", dir),
				     .merged = arena_printf(a, "%s/merged", dir) };
}

void spec_add_review(const struct config_result *c, const struct facts *f, struct arena *a,
		     struct spec *s)
{
	size_t row = field_index(config_fields, field_find(config_fields, "review"));
	bool is_wanted = c->config.review || (!c->origin[row] && is_untrusted(&c->config, f, a));

	if (!is_wanted)
		return;
	review_dirs_of(s->state, a, &s->review);
	spec_dir(s, a, (struct host_dir){ s->review.upper, "what the sandbox changed" });
	spec_dir(s, a, (struct host_dir){ s->review.work, "the layer's own" });
	spec_dir(s, a, (struct host_dir){ s->review.merged, "the project under its layer" });
	strv_add(&s->details, "review: the project stays as it is; what the sandbox changes in it "
			      "waits for: claude-sandbox review");
}
