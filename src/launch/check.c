/* SPDX-License-Identifier: Apache-2.0 */
/* The word "check": files of a project that run on this host by themselves, and those put away. */
#include <errno.h>
#include <stdio.h>
#include <string.h>
#include <time.h>

#include "base/auto.h"
#include "border/quarantine.h"
#include "border/record.h"
#include "border/scan.h"
#include "host/probe.h"
#include "launch/launch.h"
#include "spec/identity.h"

static int restore(const struct launch *l, const char *state, int n, char *const paths[])
{
	struct strv all = STRV_INIT(l->arena);
	int status = 0;
	struct err e;

	if (n == 0) {
		(void)err_set(&e, EINVAL,
			      "'check DIR restore' needs the path of a file that was put away, or "
			      "'all'");
		return fail(&e, EXIT_REFUSED);
	}
	if (strcmp(paths[0], "all") == 0)
		quarantine_list(state, &all);
	for (int i = 0; all.n == 0 && i < n; i++)
		strv_add(&all, paths[i]);
	for (size_t i = 0; i < all.n; i++)
		if (quarantine_restore(state, all.items[i], &e) < 0)
			status = fail(&e, EXIT_REFUSED);
	return status;
}

static void put_finding(const struct scan_finding *finding, struct buf *b)
{
	time_t t = (time_t)finding->changed_s;
	char when[32] = "";
	struct tm tm;

	if (localtime_r(&t, &tm))
		(void)strftime(when, sizeof(when), "%Y-%m-%d %H:%M", &tm);
	buf_addf(b, "%s  ", when);
	buf_visible(b, finding->path);
	buf_puts(b, ": ");
	buf_visible(b, finding->why);
	buf_puts(b, "\n");
}

static int show(const struct launch *l, const char *state)
{
	auto_buf struct buf b = BUF_INIT(OUTPUT_MAX);
	struct strv away = STRV_INIT(l->arena);
	struct scan scan = { .arena = l->arena };
	struct err e;

	if (scan_tree(l->facts.project, &scan, &e) < 0)
		return fail(&e, EXIT_REFUSED);
	buf_addf(&b, "%zu files that tools on this host run by themselves (of %zu names)%s\n",
		 scan.n, scan.n_seen, scan.n > 0 ? "; last changed:" : "");
	for (size_t i = 0; i < scan.n; i++)
		put_finding(&scan.items[i], &b);
	quarantine_list(state, &away);
	if (away.n > 0)
		buf_puts(&b, "\nput away after a session; 'claude-sandbox check DIR restore PATH' "
			     "puts one back:\n");
	for (size_t i = 0; i < away.n; i++) {
		buf_puts(&b, "  ");
		buf_visible(&b, away.items[i]);
		buf_puts(&b, "\n");
	}
	return print(&b);
}

int check_word(struct launch *l, int n, char *const words[])
{
	const char *state;
	struct err e;

	if (probe_project(&l->facts, n > 0 ? words[0] : ".", l->arena, &e) < 0)
		return fail(&e, EXIT_REFUSED);
	state = identity_state_dir(&l->facts, l->arena);
	tell_record(state);
	if (n > 1 && strcmp(words[1], "restore") == 0)
		return restore(l, state, n - 2, words + 2);
	if (n > 1) {
		(void)err_set(&e, EINVAL, "check: '%s' is not a word of it; there is 'restore'",
			      words[1]);
		return fail(&e, EXIT_REFUSED);
	}
	return show(l, state);
}

void tell_record(const char *state)
{
	auto_buf struct buf b = BUF_INIT(OUTPUT_MAX);

	record_settle(state, &b);
	for (char *at = b.data, *line; (line = strsep(&at, "\n"));)
		if (line[0])
			say(line);
}
