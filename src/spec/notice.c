/* SPDX-License-Identifier: Apache-2.0 */
/*
 * One sentence per fact. Names from the host stand in JSON quotes: a directory whose name holds a
 * line break or a quote must not be read as a sentence of ours. Long names and lists give way to
 * a general word, so that the text keeps its bound.
 */
#include "spec/notice.h"

#include <inttypes.h>
#include <string.h>

#include "base/path.h"

#define PROJECT_MAX 200 /* bytes of the path, quoted */
#define LIST_MAX 160    /* bytes of a list of directories */

static void say_where(const struct spec *s, const struct config *c, struct buf *b)
{
	auto_buf struct buf project = BUF_INIT(PROJECT_MAX);

	buf_json(&project, s->project);
	buf_addf(b,
		 "You run inside claude-sandbox (backend %s), isolated from the user's machine. "
		 "Its other files, programs, processes and environment are not visible here: do "
		 "not infer facts about the host from what you see. The project directory %s is "
		 "shared with the host, and only work in it is kept as part of the project.",
		 backend_names[c->backend],
		 project.full ? "(the working directory)" : buf_text(&project));
}

static void add_name(struct buf *list, const struct spec *s, const char *path)
{
	if (list->len > 0)
		buf_puts(list, ", ");
	if (path_below(path, s->home) && strcmp(path, s->home) != 0)
		path = path + strlen(s->home) + 1;
	buf_json(list, path);
}

static bool is_own(const struct spec *s, const struct mount *m)
{
	return m->share && strcmp(m->share, "state") == 0 && path_below(m->dst, s->home) &&
	       !path_below(m->dst, s->state);
}

static bool is_extra(const struct mount *m)
{
	return m->share && strcmp(m->share, "extra_bind") == 0;
}

static void list_writable(const struct spec *s, bool own, struct buf *list)
{
	for (size_t i = 0; i < s->n_mounts; i++) {
		const struct mount *m = &s->mounts[i];

		if (m->kind == MOUNT_RW && (own ? is_own(s, m) : is_extra(m)))
			add_name(list, s, m->dst);
	}
}

/* Or it tries one way after another. */
#define RISK_SENTENCE                                                                    \
	" Files that tools on the host run by themselves (.git/hooks, .envrc, .vscode, " \
	".claude/settings.json, .npmrc and the like) cannot be written in the project "  \
	"('Permission denied'): look for no way around it, tell the user."

static void say_what_is_kept(const struct spec *s, struct buf *b)
{
	auto_buf struct buf own = BUF_INIT(LIST_MAX);
	auto_buf struct buf extra = BUF_INIT(LIST_MAX);

	list_writable(s, true, &own);
	list_writable(s, false, &extra);
	if (extra.len > 0)
		buf_addf(b, " Also writable and shared with the host: %s.",
			 extra.full ? "the directories that the user added" : buf_text(&extra));
	if (own.len > 0)
		buf_addf(b, " In the home directory %s are kept for this project.",
			 own.full ? "some directories of tools and caches" : buf_text(&own));
}

static const struct mount *mount_at(const struct spec *s, const char *dst)
{
	for (size_t i = 0; i < s->n_mounts; i++)
		if (strcmp(s->mounts[i].dst, dst) == 0)
			return &s->mounts[i];
	return NULL;
}

static void say_what_is_lost(const struct spec *s, struct buf *b)
{
	const struct mount *home = mount_at(s, s->home);
	const struct mount *tmp = mount_at(s, "/tmp");
	bool home_lost = home && home->kind == MOUNT_TMPFS;
	bool tmp_lost = tmp && tmp->kind == MOUNT_TMPFS;

	if (home_lost || tmp_lost)
		buf_addf(b, " %s%s%s discarded when the sandbox ends.",
			 home_lost ? "The rest of the home directory" : "",
			 home_lost && tmp_lost ? " and /tmp are"
			 : home_lost           ? " is"
					       : "",
			 !home_lost ? "/tmp is" : "");
}

static const char *claude_sentence(unsigned claude_config)
{
	switch ((enum claude_config)claude_config) {
	case CLAUDE_READONLY:
		return " In ~/.claude this project's sessions are kept; settings, hooks, commands, "
		       "agents and skills are read-only.";
	case CLAUDE_LAYERED:
		return " Changes of settings, hooks, commands, agents and skills in ~/.claude "
		       "concern this project alone.";
	case CLAUDE_SHARED:
		return " ~/.claude is the user's own: changes there take effect on the host.";
	}
	return "";
}

static const char *network_sentence(unsigned network)
{
	switch ((enum network)network) {
	case NETWORK_NONE:
		return " There is no network.";
	case NETWORK_FILTERED:
		return " The network is filtered: hosts that no rule allows refuse connections "
		       "(HTTP 403, a "
		       "TLS alert, a reset). Look for no way around it: the user can allow one on "
		       "the host "
		       "with 'claude-sandbox net allow HOST'.";
	case NETWORK_NAT:
		return " The network is reached through address translation; the host's loopback "
		       "is not.";
	case NETWORK_HOST:
		return " The network is the host's.";
	}
	return "";
}

static const char *display_sentence(unsigned display)
{
	switch ((enum display)display) {
	case DISPLAY_NONE:
		return " There is no screen: browsers run headless.";
	case DISPLAY_VIRTUAL:
		return " Graphical programs run on a screen of their own that nobody sees; take "
		       "screenshots "
		       "to look at it.";
	case DISPLAY_WAYLAND:
	case DISPLAY_NESTED:
	case DISPLAY_AUTO:
		return " Graphical programs appear in a window on the user's screen, and see "
		       "nothing "
		       "else of it.";
	case DISPLAY_HOST:
		return " Graphical programs appear on the user's own screen.";
	}
	return "";
}

/* What a program that is ended or refused for no visible reason has run into. */
static void say_limits(const struct limits *l, struct buf *b)
{
	if (l->memory_mib)
		buf_addf(b,
			 " Memory is limited to %" PRIu64
			 " MiB, files in /tmp included: what takes more is killed.",
			 l->memory_mib);
	if (l->pids)
		buf_addf(b, " At most %" PRIu64 " processes and threads can run at once.", l->pids);
}

char *notice_text(const struct spec *s, const struct config *c, struct arena *a)
{
	auto_buf struct buf b = BUF_INIT(NOTICE_MAX - 1);

	say_where(s, c, &b);
	say_what_is_kept(s, &b);
	buf_puts(&b, claude_sentence(c->claude_config));
	say_what_is_lost(s, &b);
	buf_puts(&b, " System directories are read-only and sudo does not work, so system packages "
		     "cannot be installed.");
	buf_puts(&b, network_sentence(s->net.mode));
	buf_puts(&b, display_sentence(s->desktop.display));
	if (s->seccomp.relax & SECCOMP_BROWSER)
		buf_puts(&b,
			 " Chromium works inside as 'chromium', its own sandbox included; pages "
			 "open there and not in the user's browser.");
	if (s->review.dir)
		buf_puts(&b, " What is written in the project waits in a layer until the user "
			     "accepts it.");
	else if (c->risk_files != RISK_WRITABLE)
		buf_puts(&b, RISK_SENTENCE);
	if (c->risk_files == RISK_STRICT && !s->review.dir)
		buf_puts(&b, " The same holds for what a build obeys (Makefile, package.json).");
	say_limits(&s->limits, &b);
	return arena_strdup(a, buf_text(&b));
}
