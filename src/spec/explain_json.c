/* SPDX-License-Identifier: Apache-2.0 */
/* A spec for programs: complete, but for secrets, whose value is null. */
#include "spec/explain.h"

#include <inttypes.h>
#include <stdbool.h>

static const char *const how_names[] = {
	[MOUNT_RO] = "ro",       [MOUNT_RW] = "rw",           [MOUNT_TMPFS] = "tmpfs",
	[MOUNT_DIR] = "dir",     [MOUNT_SYMLINK] = "symlink", [MOUNT_PROC] = "proc",
	[MOUNT_DEV] = "dev",     [MOUNT_TEXT] = "text",       [MOUNT_COPY] = "copy",
	[MOUNT_MASK] = "mask",   [MOUNT_SCRIPT] = "script",   [MOUNT_STUB] = "stub",
	[MOUNT_LOGIN] = "login", [MOUNT_COOKIE] = "cookie",   [MOUNT_DEVICE] = "device",
};

/* A member of a JSON object: text, or a value that is JSON already; neither: left out. */
struct member {
	const char *key;
	const char *text;
	const char *json;
};

static void json_object(struct buf *b, const struct member *members)
{
	const char *comma = "";

	buf_puts(b, "{");
	for (const struct member *m = members; m->key; m++) {
		if (!m->text && !m->json)
			continue;
		buf_addf(b, "%s \"%s\": ", comma, m->key);
		if (m->json)
			buf_puts(b, m->json);
		else
			buf_json(b, m->text);
		comma = ",";
	}
	buf_puts(b, " }");
}

static void json_open(struct buf *b, const char *key)
{
	buf_addf(b, ",\n  \"%s\": [", key);
}

/* The next item of a list: @n is how many there were. */
static void json_item(struct buf *b, size_t n, const struct member *members)
{
	buf_puts(b, n ? ",\n    " : "\n    ");
	json_object(b, members);
}

static void json_words(struct buf *b, const char *key, const struct strv *words)
{
	json_open(b, key);
	for (size_t i = 0; i < words->n; i++) {
		buf_puts(b, i ? ", " : "");
		buf_json(b, words->items[i]);
	}
	buf_puts(b, "]");
}

#define MEMBERS(...) ((const struct member[]){ __VA_ARGS__, { NULL } })

static void json_settings(const struct config_result *c, struct arena *a, struct buf *b)
{
	size_t n = 0;

	json_open(b, "settings");
	for (size_t i = 0; config_fields[i].name; i++) {
		const struct field *row = &config_fields[i];
		const char *origin = c->origin[i];
		const char *value = "null";

		if (!explain_shows(row, origin))
			continue;
		if (!(row->flags & FIELD_SECRET))
			value = explain_value(row, &c->config, a, field_print_json);
		json_item(b, n++,
			  MEMBERS({ "name", row->name }, { "value", .json = value },
				  { "origin", origin ? origin : "built-in" }));
	}
	buf_puts(b, "]");
}

static void json_mounts(const struct spec *s, struct arena *a, struct buf *b)
{
	json_open(b, "mounts");
	for (size_t i = 0; i < s->n_mounts; i++) {
		const struct mount *m = &s->mounts[i];
		const char *mode = m->mode ? arena_printf(a, "%04o", m->mode) : NULL;
		const char *size = m->size_mib ? arena_printf(a, "%" PRIu64, m->size_mib) : NULL;

		json_item(b, i,
			  MEMBERS({ "how", how_names[m->kind] }, { "inside", m->dst },
				  { "from", m->src }, { "text", m->text }, { "mode", mode },
				  { "size_mib", .json = size }, { "share", m->share },
				  { "why", m->why }));
	}
	buf_puts(b, "]");
}

static void json_env(const struct spec *s, struct buf *b)
{
	json_open(b, "env");
	for (size_t i = 0; i < s->n_env; i++) {
		const struct env_var *v = &s->env[i];

		json_item(b, i,
			  MEMBERS({ "name", v->name },
				  { "value", v->value, v->secret ? "null" : NULL },
				  { "secret", .json = v->secret ? "true" : "false" },
				  { "why", v->why }));
	}
	buf_puts(b, "]");
}

/* Of two values both, as a list. */
static const char *rule_value(const struct seccomp_rule *r, struct arena *a)
{
	if (r->compare == COMPARE_TYPE)
		return arena_printf(a, "[%" PRIu64 ", %" PRIu32 "]", r->value, r->value2);
	return arena_printf(a, "%" PRIu64, r->value);
}

static void json_seccomp(const struct seccomp_policy *policy, struct arena *a, struct buf *b)
{
	static const char *const answers[] = {
		[SECCOMP_EPERM] = "EPERM", [SECCOMP_ENOSYS] = "ENOSYS"
	};
	static const char *const tests[] = {
		[COMPARE_EQUAL32] = "equal",     [COMPARE_ANY_BIT] = "any-bit",
		[COMPARE_ABOVE] = "above",       [COMPARE_ASKS32] = "asks",
		[COMPARE_CREATES] = "creates",   [COMPARE_TYPE] = "type",
		[COMPARE_PROTOCOL] = "protocol",
	};
	size_t n = 0;

	json_open(b, "seccomp");
	for (const struct seccomp_rule *r = policy->rules; r && r->name; r++) {
		bool tested = r->compare != COMPARE_NONE;

		if (!seccomp_applies(r, policy->relax))
			continue;
		json_item(b, n++,
			  MEMBERS({ "name", r->name }, { "answer", answers[r->answer] },
				  { "test", tests[r->compare] },
				  { "arg", .json = tested ? arena_printf(a, "%u", r->arg) : NULL },
				  { "value", .json = tested ? rule_value(r, a) : NULL },
				  { "why", r->why }));
	}
	buf_puts(b, "]");
	json_words(b, "blocked_syscalls", &policy->extra);
}

static void json_landlock(const struct landlock *l, struct arena *a, struct buf *b)
{
	struct strv holds = STRV_INIT(a);
	struct strv lacks = STRV_INIT(a);

	landlock_describe(l, &holds, &lacks);
	buf_addf(b, ",\n  \"landlock_abi\": %d", l->abi);
	json_open(b, "landlock");
	for (size_t i = 0; i < l->n_rules; i++)
		json_item(b, i,
			  MEMBERS({ "path", l->rules[i].path },
				  { "may", landlock_grant_names[l->rules[i].grant] }));
	buf_puts(b, "]");
	json_words(b, "landlock_holds", &holds);
	json_words(b, "landlock_lacks", &lacks);
}

static void json_limits(const struct limits *l, struct arena *a, struct buf *b)
{
	json_open(b, "limits");
	for (size_t i = 0; i < l->n_rows; i++) {
		const struct limit_row *row = &l->rows[i];

		json_item(b, i,
			  MEMBERS({ "name", row->name },
				  { "value", .json = arena_printf(a, "%" PRIu64, row->value) },
				  { "unit", row->unit }, { "by", row->by },
				  { "held", .json = row->by ? "true" : "false" },
				  { "why", row->why }));
	}
	buf_puts(b, "]");
}

static void json_host(const struct spec *s, struct buf *b)
{
	json_open(b, "dirs");
	for (size_t i = 0; i < s->n_dirs; i++)
		json_item(b, i, MEMBERS({ "path", s->dirs[i].path }, { "why", s->dirs[i].why }));
	buf_puts(b, "]");
	json_open(b, "files");
	for (size_t i = 0; i < s->n_files; i++)
		json_item(b, i,
			  MEMBERS({ "path", s->files[i].path }, { "text", s->files[i].text }));
	buf_puts(b, "]");
}

void spec_print_json(const struct spec *s, const struct config_result *c, struct buf *b)
{
	auto_arena struct arena a = ARENA_INIT;

	buf_puts(b, "{\n  \"sandbox\": ");
	json_object(b, MEMBERS({ "project", s->project }, { "cwd", s->cwd }, { "home", s->home },
			       { "state", s->state }, { "hostname", s->hostname },
			       { "uid", .json = arena_printf(&a, "%u", s->uid) },
			       { "gid", .json = arena_printf(&a, "%u", s->gid) },
			       { "network", network_names[s->net.mode] },
			       { "command_why", s->command_why }));
	json_words(b, "command", &s->command);
	json_settings(c, &a, b);
	json_words(b, "refused", &c->refused);
	json_mounts(s, &a, b);
	json_env(s, b);
	json_host(s, b);
	json_seccomp(&s->seccomp, &a, b);
	json_landlock(&s->landlock, &a, b);
	json_limits(&s->limits, &a, b);
	json_words(b, "network_allow", &s->net.lists[NET_ALLOW]);
	json_words(b, "network_deny", &s->net.lists[NET_DENY]);
	json_words(b, "network_local", &s->net.lists[NET_LOCAL]);
	json_words(b, "network_agent", &s->net.agent_hosts);
	json_words(b, "notes", &s->notes);
	json_words(b, "details", &s->details);
	buf_puts(b, "\n}\n");
}
