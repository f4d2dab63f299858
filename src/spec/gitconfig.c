/* SPDX-License-Identifier: Apache-2.0 */
/* What a sandbox sees of the user's own configuration: a list of what is harmless. */
#include "spec/gitconfig.h"

#include <errno.h>
#include <stdbool.h>
#include <string.h>

#include "base/auto.h"
#include "spec/gitconfig_read.h"
#include "spec/gitconfig_write.h"

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
	"alias.*", /* but for shell commands: alias_is_command() */
};
/* clang-format on */

static bool is_allowed(const struct gitconfig_name *name)
{
	for (size_t i = 0; i < N_ELEMENTS(allowed); i++)
		if (gitconfig_matches(name, allowed[i]))
			return true;
	return false;
}

/* An alias that is a line for the shell, or none at all. */
static bool alias_is_command(const struct gitconfig_name *name, const struct gitconfig_entry *entry)
{
	return strncmp(name->section, "alias.", 6) == 0 &&
	       (!entry->has_value || buf_text(&entry->value)[0] == '!');
}

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

/* NOLINTNEXTLINE(readability-function-size): seven parameters, but for one text in and two out */
int gitconfig_clean(const char *file, const char *text, size_t len, struct arena *a,
		    struct buf *out, struct strv *dropped, struct err *e)
{
	auto_gitconfig_entry struct gitconfig_entry entry;
	struct gitconfig_writer w = { .arena = a, .out = out };
	struct gitconfig_reader r;
	int rc;

	gitconfig_entry_init(&entry);
	rc = gitconfig_reader_init(&r, file, text, len, e);
	if (rc < 0)
		return rc;
	while ((rc = gitconfig_next(&r, &entry, e)) > 0) {
		struct gitconfig_name name = gitconfig_split(buf_text(&entry.name));

		if (is_allowed(&name) && !alias_is_command(&name, &entry))
			gitconfig_write(&w, buf_text(&entry.name), entry.section_len,
					entry.has_value ? buf_text(&entry.value) : NULL);
		else
			drop(dropped, &name);
	}
	if (rc == 0 && out->full)
		return err_set(e, EFBIG,
			       "%s: what is kept of it has more than %zu bytes; shorten it", file,
			       out->max);
	return rc;
}
