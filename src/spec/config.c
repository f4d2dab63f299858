/* SPDX-License-Identifier: Apache-2.0 */
/* The presets of the three levels, and the merge of layers. */
#include "spec/config.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>

#include "base/auto.h"
#include "spec/accepted.h"

/* What each level sets. */
struct preset {
	const char *field;
	const char *value[N_LEVELS]; /* strict, default, compat */
};

static const struct preset presets[] = {
	{ "network", { "filtered", "filtered", "host" } },
	{ "risk_files", { "guarded", "guarded", "writable" } },
	{ "claude_config", { "layered", "layered", "shared" } },
	{ "git_config", { "cleaned", "cleaned", "raw" } },
	{ "ssh_files", { "known-hosts", "cleaned", "all" } },
	{ "ssh_agent", { "none", "guarded", "raw" } },
	{ "gh_config", { "false", "false", "true" } },
	{ "nix_daemon", { "false", "true", "true" } },
	{ "ptrace", { "none", "own", "own" } },
	{ "display", { "none", "auto", "host" } },
	{ "browser", { "false", "true", "true" } },
	{ "audio", { "false", "true", "true" } },
	{ "audio_capture", { "false", "false", "true" } },
	{ "dbus", { "false", "true", "true" } },
	{ "gpu", { "false", "false", "true" } },
	{ "keyring", { "false", "false", "true" } },
};

/* Which hosts each level allows, where the network is filtered. */
static const char *const level_hosts[N_LEVELS][2] = {
	[LEVEL_STRICT] = { "@agent" },
	[LEVEL_DEFAULT] = { "@agent", "@public" },
	[LEVEL_COMPAT] = { "@agent", "@public" },
};

void config_init(struct config *c, struct arena *a)
{
	*c = (struct config){
		.level = LEVEL_DEFAULT,
		.backend = BACKEND_BUBBLEWRAP,
		.profile = PROFILE_DEFAULT,
		.agent = "claude",
	};
	for (const struct field *row = config_fields; row->name; row++)
		if (row->type == FIELD_LIST || row->type == FIELD_MAP)
			((struct strv *)field_at(row, c))->arena = a;
}

static bool is_of_level(const char *origin)
{
	return origin && strncmp(origin, "level ", strlen("level ")) == 0;
}

static size_t index_of(const char *name)
{
	return field_index(config_fields, field_find(config_fields, name));
}

bool config_is_asked(const struct config_result *r, const char *name)
{
	const char *origin = r->origin[index_of(name)];

	return origin && !is_of_level(origin);
}

static void set_level_hosts(struct config *c, unsigned level)
{
	c->allow_hosts.n = 0;
	for (size_t i = 0; i < 2 && level_hosts[level][i]; i++)
		strv_add(&c->allow_hosts, level_hosts[level][i]);
}

/* A preset is our own text: a value that does not fit its row is a bug, seen by the first test. */
static void apply_level(struct config *c, unsigned level, struct arena *a, const char **origin)
{
	struct err e;

	set_level_hosts(c, level);
	if (origin)
		origin[index_of("allow_hosts")] = arena_printf(a, "level %s", level_names[level]);
	for (size_t i = 0; i < N_ELEMENTS(presets); i++) {
		const struct field *row = field_find(config_fields, presets[i].field);

		if (!row || field_set(row, c, presets[i].value[level], a, &e) < 0)
			abort();
		if (origin)
			origin[field_index(config_fields, row)] =
				arena_printf(a, "level %s", level_names[level]);
	}
}

void config_of_level(unsigned level, struct arena *a, struct config *ret)
{
	config_init(ret, a);
	ret->level = level;
	apply_level(ret, level, a, NULL);
}

static bool is_tighter(const struct field *row, const struct config *now,
		       const struct config *asked)
{
	const void *a = field_of(row, now);
	const void *b = field_of(row, asked);

	switch (row->tighten) {
	case TIGHTEN_NEVER:
		return false;
	case TIGHTEN_TRUE:
		return *(const bool *)b;
	case TIGHTEN_FALSE:
		return !*(const bool *)b;
	case TIGHTEN_LOWER:
		return *(const uint64_t *)a == 0 || *(const uint64_t *)b <= *(const uint64_t *)a;
	case TIGHTEN_STRICTER:
		return *(const unsigned *)b <= *(const unsigned *)a;
	case TIGHTEN_ADD:
		return true;
	}
	return false;
}

/* "network: none -> host"; of a list, which can only grow, "env: + TOKEN". */
static const char *describe(const struct field *row, const struct config *now,
			    const struct config *asked, struct arena *a)
{
	auto_buf struct buf before = BUF_INIT(4096);
	auto_buf struct buf after = BUF_INIT(4096);

	field_print(row, asked, &after);
	if (row->type == FIELD_LIST || row->type == FIELD_MAP)
		return arena_printf(a, "%s: + %s", row->name, buf_text(&after));
	field_print(row, now, &before);
	return arena_printf(a, "%s: %s -> %s", row->name, buf_text(&before), buf_text(&after));
}

/* Of a project's own file: what tightens or was accepted is applied, the rest is listed and left out. */
static struct field_mask keep_tighter(const struct config_layer *layer, struct arena *a,
				      struct config_result *ret)
{
	struct field_mask kept = { 0 };

	for (size_t i = 0; config_fields[i].name; i++) {
		const struct field *row = &config_fields[i];
		bool tightens;

		if (!field_mask_has(&layer->set, i))
			continue;
		tightens = is_tighter(row, &ret->config, &layer->values);
		if (tightens || (field_mask_has(&layer->accepted, i) && accepted_may(row))) {
			field_mask_put(&kept, i, true);
			field_mask_put(&ret->loosened, i, !tightens);
			continue;
		}
		field_mask_put(&ret->refused_rows, i, true);
		strv_add(&ret->refused, describe(row, &ret->config, &layer->values, a));
	}
	return kept;
}

/* A project's "level": whatever of that level is tighter than what holds so far. */
static void tighten_to_level(unsigned level, const char *origin, struct arena *a,
			     struct config_result *ret)
{
	struct config preset;

	config_of_level(level, a, &preset);
	for (size_t i = 0; i < N_ELEMENTS(presets); i++) {
		const struct field *row = field_find(config_fields, presets[i].field);
		size_t index = field_index(config_fields, row);
		struct field_mask this = { 0 };

		if (!is_tighter(row, &ret->config, &preset))
			continue;
		field_mask_put(&this, index, true);
		field_merge(config_fields, &ret->config, &preset, &this, a);
		ret->origin[index] = origin;
	}
	if (level < ret->config.level && is_of_level(ret->origin[index_of("allow_hosts")]))
		set_level_hosts(&ret->config, level);
}

/*
 * Whoever lists hosts means these and not the whole internet: a level's @public gives way. What the agent
 * cannot do without stays, unless the list is empty, which allows nothing.
 */
static void replace_public(const struct config_layer *layer, const struct field_mask *set,
			   struct config_result *ret)
{
	size_t row = index_of("allow_hosts");

	if (!field_mask_has(set, row) || layer->adds || layer->tighten_only ||
	    !is_of_level(ret->origin[row]))
		return;
	ret->config.allow_hosts.n = 0;
	if (layer->values.allow_hosts.n > 0)
		strv_add(&ret->config.allow_hosts, "@agent");
}

static void apply_layer(const struct config_layer *layer, struct arena *a,
			struct config_result *ret)
{
	struct field_mask set = layer->tighten_only ? keep_tighter(layer, a, ret) : layer->set;

	replace_public(layer, &set, ret);

	if (layer->tighten_only &&
	    field_mask_has(&set, field_index(config_fields, field_find(config_fields, "level"))))
		tighten_to_level(layer->values.level, layer->origin, a, ret);
	field_merge(config_fields, &ret->config, &layer->values, &set, a);
	for (size_t i = 0; config_fields[i].name; i++)
		if (field_mask_has(&set, i)) {
			ret->origin[i] = layer->origin;
			field_mask_put(&ret->tightened, i,
				       layer->tighten_only && !field_mask_has(&ret->loosened, i));
		}
}

static int check_later(const struct config_result *r, struct arena *a, struct err *e)
{
	for (size_t i = 0; config_fields[i].name; i++) {
		const struct field *row = &config_fields[i];
		bool is_option = !(row->flags & FIELD_NO_OPTION);

		if (!row->later || !r->origin[i] || (r->config.allow_degraded && !is_option))
			continue;
		return err_set(e, ENOTSUP, "%s (from %s) %s%s",
			       is_option ? arena_printf(a, "--%s", field_option(row, a))
					 : arena_printf(a, "'%s'", row->name),
			       r->origin[i], row->later,
			       is_option
				       ? "; start without it"
				       : ", so it would not be enforced; remove it, or accept that "
					 "with --allow-degraded");
	}
	return 0;
}

/* What is done instead of starting an agent: one thing at a time. */
int config_check_actions(const struct config *c, struct arena *a, struct err *e)
{
	static const char *const actions[] = { "dry_run", "explain", "test",   "list_syscalls",
					       "enter",   "attach",  "list",   "stop",
					       "freeze",  "thaw",    "detach", "security_test",
					       NULL };
	const struct field *first = NULL;

	for (const char *const *name = actions; *name; name++) {
		const struct field *row = field_find(config_fields, *name);

		if (!*(const bool *)field_of(row, c))
			continue;
		if (first)
			return err_set(e, EINVAL,
				       "--%s and --%s exclude each other; give one of them",
				       field_option(first, a), field_option(row, a));
		first = row;
	}
	if (c->json && !c->dry_run && !c->explain && !c->test && !c->security_test && !c->list)
		return err_set(e, EINVAL,
			       "--json needs --dry-run, --explain, --test, --security-test or "
			       "--list");
	return 0;
}

static int check_contradictions(const struct config *c, struct arena *a, struct err *e)
{
	int r = config_check_actions(c, a, e);

	if (r < 0)
		return r;
	if ((unsigned)c->shell + c->exec + c->args > 1)
		return err_set(e, EINVAL,
			       "--shell, --exec and --args exclude each other; give one of them");
	if (c->security_test && (c->shell || c->args || c->tmux))
		return err_set(e, EINVAL,
			       "--security-test starts a program of its own in the sandbox; leave "
			       "out --shell, --args and --tmux");
	if (c->no_config && c->config_file)
		return err_set(e, EINVAL,
			       "--no-config and --config exclude each other; give one of them");
	if (c->detach && c->tmux)
		return err_set(e, EINVAL,
			       "--detach and --tmux exclude each other; with --tmux leave "
			       "with tmux's own keys (C-b d)");
	return 0;
}

static unsigned level_of(const struct config_layer *layers, size_t n)
{
	size_t row = field_index(config_fields, field_find(config_fields, "level"));
	unsigned level = LEVEL_DEFAULT;

	for (size_t i = 0; i < n; i++) {
		unsigned asked = layers[i].values.level;

		if (field_mask_has(&layers[i].set, row) &&
		    !(layers[i].tighten_only && asked > level))
			level = asked;
	}
	return level;
}

/* Who names hosts wants them to hold; who says "no filter" means it, but for what a project tightened. */
static void decide_network(struct config_result *r)
{
	size_t network = index_of("network");
	static const char *const lists[] = { "allow_hosts", "deny_hosts", "ask_hosts" };

	if ((r->config.no_egress_filter || r->config.no_network_isolation) &&
	    !field_mask_has(&r->tightened, network)) {
		r->config.network = NETWORK_HOST;
		return;
	}
	for (size_t i = 0; i < N_ELEMENTS(lists); i++) {
		size_t row = index_of(lists[i]);
		const char *origin = r->origin[row];

		if (r->config.network == NETWORK_HOST && is_of_level(r->origin[network]) &&
		    origin && !is_of_level(origin)) {
			r->config.network = NETWORK_FILTERED;
			r->origin[network] = origin;
		}
	}
}

int config_merge(const struct config_layer *layers, size_t n, struct arena *a,
		 struct config_result *ret, struct err *e)
{
	int r;

	*ret = (struct config_result){ .refused = STRV_INIT(a) };
	config_init(&ret->config, a);
	apply_level(&ret->config, level_of(layers, n), a, ret->origin);
	for (size_t i = 0; i < n; i++)
		apply_layer(&layers[i], a, ret);
	if (ret->config.no_ssh_agent)
		ret->config.ssh_agent = AGENT_NONE;
	if (ret->config.gh_token)
		ret->config.gh_config = true;
	decide_network(ret);
	r = check_contradictions(&ret->config, a, e);
	return r < 0 ? r : check_later(ret, a, e);
}
