/* SPDX-License-Identifier: Apache-2.0 */
/* What a sandbox sees of the user's own configuration: a list of what is harmless. */
#include "spec/gitconfig.h"

#include <errno.h>
#include <stdbool.h>
#include <string.h>

#include "base/auto.h"
#include "spec/gitconfig_read.h"
#include "spec/gitconfig_write.h"
#include "spec/gitsign.h"
#include "spec/giturl.h"

#define NAME_MAX_SHOWN ((size_t)4096)
#define DROPPED_MAX 64

/*
 * Keys that cannot make git run a program, show a secret or talk to another server.
 * "section.key" has no subsection, "section..key" has any; '*' as the key is any key.
 */
/* clang-format off */
static const char *const allowed[] = {
	"user.name", "user.email", "user.useconfigonly", "author.name", "author.email", "committer.name",
	"committer.email", "init.defaultbranch", "clone.defaultremotename", "remote.pushdefault", "core.autocrlf",
	"core.eol", "core.safecrlf", "core.whitespace", "core.quotepath", "core.abbrev", "core.commentchar",
	"core.ignorecase", "core.filemode", "core.symlinks", "core.untrackedcache", "core.preloadindex",
	"core.excludesfile", "color.*", "color..*", "column.*", "advice.*", "status.*", "pretty.*", "diff.algorithm",
	"diff.renames", "diff.renamelimit", "diff.mnemonicprefix", "diff.noprefix", "diff.context", "diff.colormoved",
	"diff.colormovedws", "diff.submodule", "diff.ignoresubmodules", "diff.indentheuristic",
	"diff.wserrorhighlight", "diff.wordregex", "merge.conflictstyle", "merge.ff", "merge.log", "merge.renames",
	"merge.renamelimit", "merge.stat", "merge.autostash", "merge.directoryrenames", "merge.defaulttoupstream",
	"pull.rebase", "pull.ff", "rebase.autosquash", "rebase.autostash", "rebase.updaterefs", "rebase.stat",
	"rebase.abbreviatecommands", "rebase.missingcommitscheck", "rebase.forkpoint", "rebase.rebasemerges",
	"push.default", "push.autosetupremote", "push.followtags", "push.useforceifincludes", "push.recursesubmodules",
	"fetch.prune", "fetch.prunetags", "fetch.parallel", "fetch.fsckobjects", "fetch.recursesubmodules",
	"transfer.fsckobjects", "transfer.credentialsinurl", "protocol.version", "branch.autosetupmerge",
	"branch.autosetuprebase", "branch.sort", "tag.sort", "checkout.defaultremote", "checkout.guess",
	"submodule.recurse", "submodule.fetchjobs", "commit.verbose", "commit.cleanup", "commit.status", "log.date",
	"log.decorate", "log.abbrevcommit", "log.mailmap", "format.pretty", "format.signoff", "blame.coloring",
	"apply.whitespace", "apply.ignorewhitespace", "grep.linenumber", "grep.patterntype", "grep.extendedregexp",
	"rerere.enabled", "rerere.autoupdate", "help.autocorrect", "interactive.singlekey", "i18n.commitencoding",
	"i18n.logoutputencoding", "feature.manyfiles", "gc.auto", "safe.directory",
	"http.postbuffer", "http.version", "http.lowspeedlimit", "http.lowspeedtime", "http.maxrequests",
};
/* clang-format on */

/* How commits are signed, from the last value of each key. */
struct signing {
	const char *format; /* gpg.format */
	const char *key;    /* user.signingkey; when it works: "key::TYPE BASE64" */
	bool works;
};

struct cleaner {
	const struct gitconfig_user *user;
	struct signing signing;
};

/* What to write for @value (NULL: the key alone) of @name, or NULL: dropped. */
typedef const char *(*keep_fn)(const struct cleaner *c, const struct gitconfig_name *name,
			       const char *value);

static bool is_one_of(const char *const words[], const char *value)
{
	while (*words && strcmp(*words, value) != 0)
		words++;
	return *words != NULL;
}

/* An alias that is a line for the shell is dropped. */
static const char *keep_alias(const struct cleaner *c, const struct gitconfig_name *name,
			      const char *value)
{
	(void)c;
	(void)name;
	return value && value[0] != '!' ? value : NULL;
}

/* What "git lfs install" writes, and nothing else: any other value is a line for the shell. */
static const char *keep_lfs(const struct cleaner *c, const struct gitconfig_name *name,
			    const char *value)
{
	static const char *const lines[] = {
		"git-lfs clean -- %f",           "git-lfs smudge -- %f",
		"git-lfs smudge --skip -- %f",   "git-lfs filter-process",
		"git-lfs filter-process --skip", NULL
	};

	if (!c->user->has_lfs || name->sub_len != 3 || strncmp(name->sub, "lfs", 3) != 0)
		return NULL;
	if (strcmp(name->key, "required") == 0)
		return value ? value : "true";
	return value && is_one_of(lines, value) ? value : NULL;
}

/*
 * Another way to an address of the user's own choice ("git@h:" for "https://h/"). Not to a program,
 * not to a path, and not if a name or a password for it is in the text.
 */
static const char *keep_url(const struct cleaner *c, const struct gitconfig_name *name,
			    const char *value)
{
	auto_arena struct arena a = ARENA_INIT;
	const char *base = arena_strndup(&a, name->sub, name->sub_len);

	(void)c;
	if (!value || giturl_objection(base) || giturl_has_secret(base) || giturl_has_secret(value))
		return NULL;
	return value;
}

static const char *keep_true(const struct cleaner *c, const struct gitconfig_name *name,
			     const char *value)
{
	static const char *const words[] = { "true", "yes", "on", "1", NULL };

	(void)c;
	(void)name;
	if (!value)
		return "true";
	return is_one_of(words, value) ? value : NULL;
}

static const char *keep_signing(const struct cleaner *c, const struct gitconfig_name *name,
				const char *value)
{
	if (!c->signing.works)
		return NULL;
	if (strcmp(name->key, "signingkey") == 0)
		return c->signing.key;
	return strcmp(name->key, "format") == 0 ? c->signing.format : value ? value : "true";
}

/* Keys whose value decides. */
static const struct {
	const char *key;
	keep_fn keep;
} judged[] = {
	{ "alias.*", keep_alias },
	{ "filter..clean", keep_lfs },
	{ "filter..smudge", keep_lfs },
	{ "filter..process", keep_lfs },
	{ "filter..required", keep_lfs },
	{ "url..insteadof", keep_url },
	{ "url..pushinsteadof", keep_url },
	{ "http.sslverify", keep_true },
	{ "gpg.format", keep_signing },
	{ "user.signingkey", keep_signing },
	{ "commit.gpgsign", keep_signing },
	{ "tag.gpgsign", keep_signing },
	{ "tag.forcesignannotated", keep_signing },
};

/* Calls @take for each setting of all texts. */
typedef void (*take_fn)(void *arg, const struct gitconfig_entry *entry);

static int read_texts(const struct gitconfig_user *user, take_fn take, void *arg, struct err *e)
{
	auto_gitconfig_entry struct gitconfig_entry entry;
	int rc = 0;

	gitconfig_entry_init(&entry);
	for (size_t i = 0; i < GITCONFIG_N_TEXTS && rc == 0; i++) {
		struct gitconfig_reader r;

		if (!user->texts[i].text)
			continue;
		buf_done(&entry.name); /* no section goes on in the next file */
		entry.section_len = 0;
		rc = gitconfig_reader_init(&r, user->texts[i].file, user->texts[i].text,
					   user->texts[i].len, e);
		while (rc == 0 && (rc = gitconfig_next(&r, &entry, e)) > 0) {
			take(arg, &entry);
			rc = 0;
		}
	}
	return rc;
}

static const char *value_of(const struct gitconfig_entry *entry)
{
	return entry->has_value ? buf_text(&entry->value) : "true";
}

struct signing_reader {
	struct arena *arena;
	struct signing signing;
};

static void take_signing(void *arg, const struct gitconfig_entry *entry)
{
	struct signing_reader *r = arg;
	const char *name = buf_text(&entry->name);

	if (strcmp(name, "gpg.format") == 0)
		r->signing.format = arena_strdup(r->arena, value_of(entry));
	else if (strcmp(name, "user.signingkey") == 0)
		r->signing.key = arena_strdup(r->arena, value_of(entry));
}

/*
 * Signing is passed on only if it works: with ssh, a public key that can be written down, and an
 * agent that has the private one. Else commit.gpgsign would make every commit fail.
 */
static int read_signing(const struct gitconfig_user *user, struct arena *a, struct signing *ret,
			struct err *e)
{
	struct signing_reader r = { .arena = a };
	int rc = read_texts(user, take_signing, &r, e);

	if (rc < 0)
		return rc;
	if (r.signing.key && user->has_agent)
		r.signing.key = gitsign_key(r.signing.key, user->public_key, a);
	r.signing.works = user->has_agent && r.signing.key && r.signing.format &&
			  strcmp(r.signing.format, "ssh") == 0;
	*ret = r.signing;
	return 0;
}

const char *gitconfig_public_key_file(const struct gitconfig_user *user, struct arena *a)
{
	struct signing_reader r = { .arena = a };
	struct err e = { 0 };

	if (read_texts(user, take_signing, &r, &e) < 0 || !r.signing.key)
		return NULL;
	return gitsign_is_file(r.signing.key) ? r.signing.key : NULL;
}

struct clean_reader {
	struct cleaner cleaner;
	struct gitconfig_writer writer;
	struct strv *dropped;
};

/* Without the subsection: that of url.<address>.insteadOf may hold a password. */
static void drop(struct strv *dropped, const struct gitconfig_name *name)
{
	auto_buf struct buf shown = BUF_INIT(NAME_MAX_SHOWN);

	buf_add(&shown, name->section, name->section_len);
	buf_addf(&shown, "%s.%s", name->sub ? ".*" : "", name->key);
	if (dropped->n <= DROPPED_MAX && !strv_has(dropped, buf_text(&shown)))
		strv_add(dropped, dropped->n < DROPPED_MAX
					  ? arena_strdup(dropped->arena, buf_text(&shown))
					  : "and more");
}

static void take_kept(void *arg, const struct gitconfig_entry *entry)
{
	struct clean_reader *r = arg;
	const char *full = buf_text(&entry->name);
	const char *value = entry->has_value ? buf_text(&entry->value) : NULL;
	struct gitconfig_name name = gitconfig_split(full);
	bool is_kept = false;

	for (size_t i = 0; i < N_ELEMENTS(allowed) && !is_kept; i++)
		is_kept = gitconfig_matches(&name, allowed[i]);
	for (size_t i = 0; i < N_ELEMENTS(judged) && !is_kept; i++) {
		if (!gitconfig_matches(&name, judged[i].key))
			continue;
		value = judged[i].keep(&r->cleaner, &name, value);
		is_kept = value != NULL;
	}
	if (is_kept)
		gitconfig_write(&r->writer, full, entry->section_len, value);
	else
		drop(r->dropped, &name);
}

int gitconfig_clean(const struct gitconfig_user *user, struct arena *a, struct buf *out,
		    struct strv *dropped, struct err *e)
{
	struct clean_reader r = { .cleaner.user = user,
				  .writer = { .arena = a, .out = out },
				  .dropped = dropped };
	int rc = read_signing(user, a, &r.cleaner.signing, e);

	if (rc == 0)
		rc = read_texts(user, take_kept, &r, e);
	if (rc == 0 && out->full)
		return err_set(e, EFBIG,
			       "%s: what is kept of it has more than %zu bytes; shorten it",
			       user->texts[GITCONFIG_N_TEXTS - 1].file, out->max);
	return rc;
}
