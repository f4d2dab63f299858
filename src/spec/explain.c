/* SPDX-License-Identifier: Apache-2.0 */
/*
 * A spec for people: every mount, variable and rule with its reason. Names and values come from
 * the disk and the environment, so they go through buf_visible(). Secrets are not shown.
 */
#include "spec/explain.h"

#include <inttypes.h>
#include <stdbool.h>

#define MAX_COLUMN 44 /* a longer cell pushes the rest of its line to the right */
#define MAX_LINE 78
#define MAX_CELL 65536

static const char *const how_names[] = {
	[MOUNT_RO] = "read-only",  [MOUNT_RW] = "writable",    [MOUNT_TMPFS] = "empty",
	[MOUNT_DIR] = "directory", [MOUNT_SYMLINK] = "link",   [MOUNT_PROC] = "proc",
	[MOUNT_DEV] = "devices",   [MOUNT_TEXT] = "text",      [MOUNT_COPY] = "copy",
	[MOUNT_MASK] = "hidden",   [MOUNT_SCRIPT] = "guarded", [MOUNT_STUB] = "guarded",
	[MOUNT_LOGIN] = "login",   [MOUNT_COOKIE] = "cookie",  [MOUNT_DEVICE] = "device",
};

static const char *const network_texts[] = {
	[NETWORK_NONE] = "none: loopback only",
	[NETWORK_FILTERED] = "filtered: its own; hosts by name that a rule allows, through egress",
	[NETWORK_NAT] =
		"nat: its own; all of the internet, and nothing of this host and its local network",
	[NETWORK_HOST] = "host: the host's own, local services and the local network included",
};

/* NULL ends a row early. */
#define N_CELLS 4
struct row {
	const char *cell[N_CELLS];
};

/* Columns on a terminal: one for each character that is not a UTF-8 continuation byte. */
static size_t text_width(const char *text)
{
	size_t width = 0;

	for (; *text; text++)
		width += (*text & 0xc0) != 0x80;
	return width;
}

static size_t cell_width(const char *text)
{
	struct buf cell = BUF_INIT(MAX_CELL);
	size_t width;

	buf_visible(&cell, text);
	width = text_width(buf_text(&cell));
	buf_done(&cell);
	return width;
}

static void print_row(struct buf *b, const struct row *row, const size_t *widths)
{
	size_t gap = 2;

	for (size_t i = 0; i < N_CELLS && row->cell[i]; i++) {
		size_t width = cell_width(row->cell[i]);

		buf_addf(b, "%*s", (int)gap, "");
		buf_visible(b, row->cell[i]);
		gap = widths[i] > width ? widths[i] - width + 2 : 2;
	}
	buf_puts(b, "\n");
}

static void print_rows(struct buf *b, const char *title, const struct row *rows, size_t n)
{
	size_t widths[N_CELLS] = { 0 };

	for (size_t i = 0; i < n; i++)
		for (size_t k = 0; k < N_CELLS && rows[i].cell[k]; k++) {
			size_t width = cell_width(rows[i].cell[k]);

			if (width > widths[k] && width <= MAX_COLUMN)
				widths[k] = width;
		}
	buf_addf(b, "%s\n", title);
	for (size_t i = 0; i < n; i++)
		print_row(b, &rows[i], widths);
	buf_puts(b, "\n");
}

struct table {
	struct arena *a;
	struct row *rows;
	size_t n;
};

static void add(struct table *t, const char *c0, const char *c1, const char *c2, const char *c3)
{
	t->rows = arena_grow(t->a, t->rows, t->n, sizeof(*t->rows));
	t->rows[t->n++] = (struct row){ { c0, c1, c2, c3 } };
}

/* Prints the table and empties it for the next section. */
static void flush(struct table *t, const char *title, struct buf *b)
{
	if (t->n)
		print_rows(b, title, t->rows, t->n);
	t->rows = NULL;
	t->n = 0;
}

/* Words of a list, wrapped below their label. */
static void print_words(struct buf *b, const char *label, const struct strv *words)
{
	size_t column = MAX_LINE;

	if (words->n == 0)
		return;
	buf_addf(b, "  %s", label);
	for (size_t i = 0; i < words->n; i++) {
		size_t width = cell_width(words->items[i]) + 1;

		if (column + width > MAX_LINE) {
			buf_puts(b, "\n   ");
			column = 3;
		}
		buf_puts(b, " ");
		buf_visible(b, words->items[i]);
		column += width;
	}
	buf_puts(b, "\n");
}

static void print_items(struct buf *b, const char *prefix, const struct strv *list)
{
	for (size_t i = 0; i < list->n; i++) {
		buf_puts(b, prefix);
		buf_visible(b, list->items[i]);
		buf_puts(b, "\n");
	}
}

static void print_sentences(struct buf *b, const char *title, const char *prefix,
			    const struct strv *list)
{
	if (list->n == 0)
		return;
	buf_addf(b, "%s\n", title);
	print_items(b, prefix, list);
	buf_puts(b, "\n");
}

static const char *joined(struct arena *a, const struct strv *words)
{
	struct buf b = BUF_INIT(MAX_CELL);
	const char *text;

	for (size_t i = 0; i < words->n; i++) {
		buf_puts(&b, i ? " " : "");
		buf_shell(&b, words->items[i]);
	}
	text = arena_strdup(a, buf_text(&b));
	buf_done(&b);
	return text;
}

static const char *or_none(const char *text)
{
	return text ? text : "(none)";
}

static void print_identity(const struct spec *s, struct table *t, struct buf *b)
{
	add(t, "project", or_none(s->project), NULL, NULL);
	add(t, "starts in", or_none(s->cwd), NULL, NULL);
	add(t, "home", or_none(s->home), NULL, NULL);
	add(t, "state", or_none(s->state), NULL, NULL);
	add(t, "hostname", or_none(s->hostname), NULL, NULL);
	add(t, "user", arena_printf(t->a, "%u, group %u", s->uid, s->gid), NULL, NULL);
	add(t, "command", joined(t->a, &s->command), NULL, NULL);
	if (s->command_why)
		add(t, "", s->command_why, NULL, NULL);
	flush(t, "Sandbox", b);
}

bool explain_shows(const struct field *row, const char *origin)
{
	bool is_limit = row->type == FIELD_UINT; /* not asked for: the level's, among the limits */

	return origin || !(row->later || is_limit || row->flags & FIELD_NO_KEY);
}

const char *explain_value(const struct field *row, const struct config *c, struct arena *a,
			  explain_print_fn *print)
{
	struct buf value = BUF_INIT(MAX_CELL);
	const char *text;

	print(row, c, &value);
	text = arena_strdup(a, buf_text(&value));
	buf_done(&value);
	return text;
}

static void print_settings(const struct config_result *c, struct table *t, struct buf *b)
{
	for (size_t i = 0; config_fields[i].name; i++) {
		const struct field *row = &config_fields[i];
		const char *value = "(secret)";

		if (!explain_shows(row, c->origin[i]))
			continue;
		if (!(row->flags & FIELD_SECRET))
			value = explain_value(row, &c->config, t->a, field_print);
		add(t, row->name, *value ? value : "-", c->origin[i] ? c->origin[i] : "built-in",
		    NULL);
	}
	flush(t, "Settings, and where each was decided", b);
}

static const char *mount_from(const struct mount *m, struct arena *a)
{
	if (m->src)
		return m->src;
	return m->mode ? arena_printf(a, "(mode %04o)", m->mode) : "-";
}

static void print_mounts(const struct spec *s, struct table *t, struct buf *b)
{
	for (size_t i = 0; i < s->n_mounts; i++) {
		const struct mount *m = &s->mounts[i];

		add(t, how_names[m->kind], m->dst, mount_from(m, t->a), m->why ? m->why : "");
	}
	flush(t, "Files: how, inside, from the host's, why", b);
}

static void print_env(const struct spec *s, struct table *t, struct buf *b)
{
	for (size_t i = 0; i < s->n_env; i++) {
		const struct env_var *v = &s->env[i];

		add(t, v->name, v->secret ? "(secret)" : v->value, v->why ? v->why : "", NULL);
	}
	flush(t, "Environment: nothing but this", b);
}

static void print_seccomp(const struct seccomp_policy *policy, struct table *t, struct buf *b)
{
	struct strv always = STRV_INIT(t->a);
	struct strv absent = STRV_INIT(t->a);
	struct strv tested = STRV_INIT(t->a);

	for (const struct seccomp_rule *r = policy->rules; r && r->name; r++) {
		struct strv *list = r->answer == SECCOMP_ENOSYS ? &absent : &always;

		if (!seccomp_applies(r, policy->relax))
			continue;
		if (r->compare != COMPARE_NONE)
			list = &tested;
		if (!strv_has(list, r->name))
			strv_add(list, r->name);
	}
	buf_puts(b, "System calls\n");
	print_words(b, "refused (EPERM)", &always);
	print_words(b, "answered as if the kernel had none (ENOSYS)", &absent);
	print_words(b, "refused with some arguments", &tested);
	print_words(b, "refused by blocked_syscalls", &policy->extra);
	buf_addf(b,
		 "  Calls of another architecture, i386 and x32 included, kill the process.\n"
		 "  Numbers above %d, the newest that this version knows, answer ENOSYS.\n\n",
		 SECCOMP_NEWEST);
}

static void print_services(const struct spec *s, struct buf *b)
{
	static const char *const names[N_SERVICES] = {
		[SERVICE_AGENT] = "ssh agent",     [SERVICE_RULES] = "commands",
		[SERVICE_GUARD] = "project files", [SERVICE_LOGIN] = "login",
		[SERVICE_DISPLAY] = "screen",      [SERVICE_SOUND] = "sound",
		[SERVICE_BUS] = "session bus",     [SERVICE_NETLINK] = "netlink",
	};

	if (s->n_services > 0)
		buf_puts(b, "\nServices outside\n");
	for (size_t i = 0; i < s->n_services; i++)
		buf_addf(b, "  %-14s %s\n", names[s->services[i].service], s->services[i].why);
}

static void print_bus(const struct spec *s, struct table *t, struct buf *b)
{
	for (const struct bus_call *call = bus_calls; s->bus.proxy && call->name; call++)
		if (!call->wanted || call->wanted(s->config))
			add(t, call->member, call->why, NULL, NULL);
	flush(t, "Session bus: what reaches yours, why", b);
}

static void print_landlock(const struct landlock *l, struct table *t, struct buf *b)
{
	static const char *const labels[] = {
		[LANDLOCK_READ] = "read and executed beneath",
		[LANDLOCK_WRITE] = "written beneath",
		[LANDLOCK_GUARDED] = "written through the guard",
		[LANDLOCK_PROCESS] = "files of processes, written",
		[LANDLOCK_DEVICE] = "devices",
	};
	struct strv holds = STRV_INIT(t->a);
	struct strv lacks = STRV_INIT(t->a);

	landlock_describe(l, &holds, &lacks);
	if (l->abi)
		buf_addf(b, "Landlock, the second wall (ABI %d)\n", l->abi);
	else
		buf_puts(b,
			 "Landlock, the second wall: not in force, this kernel has none to use\n");
	for (unsigned grant = 0; grant < N_LANDLOCK_GRANTS; grant++) {
		struct strv paths = STRV_INIT(t->a);

		for (size_t i = 0; i < l->n_rules; i++)
			if (l->rules[i].grant == grant)
				strv_add(&paths, l->rules[i].path);
		print_words(b, labels[grant], &paths);
	}
	print_items(b, "  - ", &holds);
	print_items(b, "  - this kernel cannot hold: ", &lacks);
	buf_puts(b, "\n");
}

static void print_limits(const struct limits *l, struct table *t, struct buf *b)
{
	for (size_t i = 0; i < l->n_rows; i++) {
		const struct limit_row *row = &l->rows[i];

		add(t, row->name,
		    arena_printf(t->a, "%" PRIu64 "%s%s", row->value, row->unit[0] ? " " : "",
				 row->unit),
		    row->by ? row->by : "not held on this host", row->why);
	}
	flush(t, "Limits: what, how much, held by, why", b);
}

static void print_net(const struct spec_net *n, struct table *t, struct buf *b)
{
	add(t, network_texts[n->mode], NULL, NULL, NULL);
	for (unsigned list = 0; list < N_NET_LISTS && n->mode == NETWORK_FILTERED; list++)
		for (size_t i = 0; i < n->lists[list].n; i++)
			add(t,
			    arena_printf(t->a, "%s %s", net_list_words[list],
					 n->lists[list].items[i]),
			    NULL, NULL, NULL);
	for (size_t i = 0; i < n->agent_hosts.n && n->mode == NETWORK_FILTERED; i++)
		add(t, arena_printf(t->a, "@agent is %s", n->agent_hosts.items[i]), NULL, NULL,
		    NULL);
	for (size_t i = 0; i < n->n_publish && n->mode != NETWORK_HOST; i++) {
		const struct net_publish *p = &n->publish[i];
		char addr[NET_ADDR_SIZE];

		net_addr_print(&p->addr, addr);
		add(t,
		    arena_printf(t->a, "port %u inside is %s port %u of this host", p->inside, addr,
				 p->port),
		    NULL, NULL, NULL);
	}
	flush(t, "Network", b);
}

static void print_kept(const struct spec *s, struct table *t, struct buf *b)
{
	for (size_t i = 0; i < s->n_mounts; i++)
		if (s->mounts[i].kind == MOUNT_RW)
			add(t, s->mounts[i].dst, s->mounts[i].src, NULL, NULL);
	add(t, "All other changes are gone when the sandbox ends.", NULL, NULL, NULL);
	flush(t, "What persists: inside, on the host", b);
}

void spec_print(const struct spec *s, const struct config_result *c, struct buf *b)
{
	auto_arena struct arena a = ARENA_INIT;
	struct table t = { .a = &a };

	print_identity(s, &t, b);
	print_settings(c, &t, b);
	print_sentences(b, "Asked for by the project's own file, which may only tighten: refused",
			"  ", &c->refused);
	print_mounts(s, &t, b);
	print_env(s, &t, b);
	print_net(&s->net, &t, b);
	print_seccomp(&s->seccomp, &t, b);
	print_landlock(&s->landlock, &t, b);
	print_services(s, b);
	print_bus(s, &t, b);
	print_limits(&s->limits, &t, b);
	print_kept(s, &t, b);
	print_sentences(b, "Notes", "  - ", &s->notes);
	print_sentences(b, "Details", "  - ", &s->details);
}
