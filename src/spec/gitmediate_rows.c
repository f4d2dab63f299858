/* SPDX-License-Identifier: Apache-2.0 */
/*
 * The rule for a row: whatever its value, no git command on the host runs a program for it that it
 * would not run without, writes outside of the repository or shows a secret. What looks harmless and
 * is not: gc.recentObjectsHook, branch.*.mergeOptions and pull.twohead (git-merge-NAME),
 * core.alternateRefsCommand, lfs.*.path, submodule.*.update, alias.* ("-c core.pager=..."). So no
 * section is taken as a whole but those of colours and hints.
 */
#include "spec/gitmediate_rows.h"

#include <string.h>
#include <strings.h>

#include "base/auto.h"
#include "base/path.h"
#include "spec/gitconfig_read.h"
#include "spec/giturl.h"

typedef const char *(*check_fn)(const char *file, const char *value);

struct row {
	const char *key;   /* as gitconfig_matches() has it */
	check_fn check;    /* NULL: any value, or none */
	const char *words; /* if not NULL: one of these */
};

#define HERE "there, git would work on files outside of the repository"

static const char *check_url(const char *file, const char *value)
{
	(void)file;
	return value ? giturl_objection(value) : "has no value";
}

static const char *check_remote(const char *file, const char *value)
{
	(void)file;
	return value ? giturl_remote_objection(value) : "has no value";
}

/* Names get into prompts and scripts of others (CVE-2025-59041: into a line for the shell). */
static const char *check_identity(const char *file, const char *value)
{
	(void)file;
	if (!value)
		return "has no value";
	return strpbrk(value, "$`\\\"|&;<>(){}*?!") ? "has characters that a shell acts upon"
						    : NULL;
}

static const char *check_word(const char *file, const char *value)
{
	(void)file;
	return !value || value[0] == '-' ? "no plain word" : NULL;
}

/* Is ".git", in any case, among the names of @path? */
static bool enters_git_dir(const char *path)
{
	for (; (path = strchr(path, '/')) != NULL; path++)
		if (strncasecmp(path, "/.git", 5) == 0 && (path[5] == '/' || path[5] == '\0'))
			return true;
	return false;
}

/*
 * Only for the git directory of a submodule, ROOT/.git/modules/NAME: "../../../NAME" leads to a
 * directory below ROOT. Anywhere else "git checkout" on the host would write where it points.
 */
static const char *check_worktree(const char *file, const char *value)
{
	auto_arena struct arena a = ARENA_INIT;
	const char *modules = NULL;
	const char *root, *dir, *tree;

	for (const char *at = file; (at = strstr(at, "/.git/modules/")) != NULL; at++)
		modules = at;
	if (!modules || file[0] != '/')
		return "only a submodule may name its work tree; " HERE;
	if (!value || strncmp(value, "../", 3) != 0)
		return "not relative; " HERE;
	root = arena_strndup(&a, file, (size_t)(modules - file));
	dir = path_parent(&a, file);
	tree = path_join(&a, dir, value);
	if (!path_below(tree, root) || strcmp(tree, root) == 0 ||
	    enters_git_dir(tree + strlen(root)))
		return HERE;
	return NULL;
}

#define BOOL "true false yes no on off 1 0"

/* clang-format off */
static const struct row rows[] = {
	/* Branches, remotes, submodules: what clone, push -u, switch and submodule write. */
	{ .key = "branch..remote", .check = check_remote }, { .key = "branch..pushremote", .check = check_remote },
	{ .key = "branch..merge", .check = check_word }, { .key = "branch..rebase", .words = BOOL " merges m interactive i" },
	{ .key = "branch..description" }, { .key = "branch..vscode-merge-base" }, { .key = "branch..gh-merge-base" },
	{ .key = "branch..github-pr-owner-number" }, { .key = "branch.autosetupmerge" }, { .key = "branch.autosetuprebase" },
	{ .key = "branch.sort" },
	{ .key = "remote..url", .check = check_url }, { .key = "remote..pushurl", .check = check_url },
	{ .key = "remote..fetch", .check = check_word }, { .key = "remote..push", .check = check_word },
	{ .key = "remote..tagopt", .words = "--tags --no-tags" }, { .key = "remote..mirror", .words = BOOL },
	{ .key = "remote..prune", .words = BOOL }, { .key = "remote..prunetags", .words = BOOL },
	{ .key = "remote..promisor", .words = BOOL }, { .key = "remote..partialclonefilter", .check = check_word },
	{ .key = "remote..skipdefaultupdate", .words = BOOL }, { .key = "remote..skipfetchall", .words = BOOL },
	{ .key = "remote..followremotehead", .check = check_word }, { .key = "remote..gh-resolved", .check = check_word },
	{ .key = "remote..lfsurl", .check = check_url }, { .key = "remote..lfspushurl", .check = check_url },
	{ .key = "remote.pushdefault", .check = check_remote },
	{ .key = "submodule..url", .check = check_url }, { .key = "submodule..active", .words = BOOL },
	{ .key = "submodule..branch", .check = check_word },
	{ .key = "submodule..update", .words = "checkout rebase merge none" },
	{ .key = "submodule..ignore", .words = "all dirty untracked none" },
	{ .key = "submodule..fetchrecursesubmodules", .words = BOOL " on-demand" },
	{ .key = "submodule..shallow", .words = BOOL }, { .key = "submodule.active" },
	{ .key = "submodule.recurse", .words = BOOL }, { .key = "submodule.fetchjobs" },
	{ .key = "submodule.propagatebranches", .words = BOOL },
	/* Who commits. */
	{ .key = "user.name", .check = check_identity }, { .key = "user.email", .check = check_identity },
	/* The repository's format and how its files are laid down. */
	{ .key = "core.repositoryformatversion" }, { .key = "core.filemode" }, { .key = "core.bare" },
	{ .key = "core.logallrefupdates" }, { .key = "core.symlinks" }, { .key = "core.ignorecase" },
	{ .key = "core.precomposeunicode" }, { .key = "core.sparsecheckout" }, { .key = "core.sparsecheckoutcone" },
	{ .key = "core.worktree", .check = check_worktree }, { .key = "core.autocrlf" }, { .key = "core.eol" },
	{ .key = "core.safecrlf" }, { .key = "core.whitespace" }, { .key = "core.quotepath" }, { .key = "core.abbrev" },
	{ .key = "core.commentchar" }, { .key = "core.commentstring" }, { .key = "core.untrackedcache" },
	{ .key = "core.preloadindex" }, { .key = "core.splitindex" }, { .key = "core.multipackindex" },
	{ .key = "core.commitgraph" }, { .key = "core.trustctime" }, { .key = "core.checkstat" },
	{ .key = "core.compression" }, { .key = "core.loosecompression" }, { .key = "core.bigfilethreshold" },
	{ .key = "core.fsmonitor", .words = "false no off 0" },
	{ .key = "extensions.worktreeconfig", .words = BOOL }, { .key = "extensions.objectformat", .words = "sha1 sha256" },
	{ .key = "extensions.compatobjectformat", .words = "sha1 sha256" },
	{ .key = "extensions.partialclone", .check = check_remote },
	{ .key = "extensions.refstorage", .words = "files reftable" },
	{ .key = "extensions.relativeworktrees", .words = BOOL }, { .key = "extensions.noop" },
	{ .key = "extensions.preciousobjects", .words = BOOL },
	{ .key = "sparse.expectfilesoutsideofpatterns", .words = BOOL },
	{ .key = "index.sparse" }, { .key = "index.version" }, { .key = "index.threads" }, { .key = "index.skiphash" },
	{ .key = "index.recordendofindexentries" }, { .key = "index.recordoffsettable" },
	{ .key = "feature.manyfiles" }, { .key = "feature.experimental" }, { .key = "init.defaultbranch", .check = check_word },
	/* Large files, as git-lfs writes them; the programs of lfs.extension and lfs.customtransfer are not here. */
	{ .key = "lfs.repositoryformatversion" }, { .key = "lfs.url", .check = check_url },
	{ .key = "lfs.pushurl", .check = check_url }, { .key = "lfs..access", .words = "none basic private negotiate" },
	{ .key = "lfs..locksverify", .words = BOOL }, { .key = "lfs.locksverify", .words = BOOL },
	{ .key = "lfs.fetchinclude" }, { .key = "lfs.fetchexclude" }, { .key = "lfs.concurrenttransfers" },
	{ .key = "lfs.fetchrecentrefsdays" }, { .key = "lfs.allowincompletepush", .words = BOOL },
	{ .key = "lfs.skipdownloaderrors", .words = BOOL },
	/* Upkeep. */
	{ .key = "gc.auto" }, { .key = "gc.autopacklimit" }, { .key = "gc.autodetach" }, { .key = "gc.pruneexpire" },
	{ .key = "gc.worktreepruneexpire" }, { .key = "gc.reflogexpire" }, { .key = "gc.reflogexpireunreachable" },
	{ .key = "gc..reflogexpire" }, { .key = "gc..reflogexpireunreachable" }, { .key = "gc.rerereresolved" },
	{ .key = "gc.rerereunresolved" }, { .key = "gc.writecommitgraph" }, { .key = "gc.packrefs" },
	{ .key = "gc.cruftpacks" }, { .key = "gc.aggressivedepth" }, { .key = "gc.aggressivewindow" },
	{ .key = "maintenance.auto" }, { .key = "maintenance.strategy" }, { .key = "maintenance..enabled" },
	{ .key = "maintenance..schedule" }, { .key = "maintenance..auto" }, { .key = "pack.threads" },
	{ .key = "pack.windowmemory" }, { .key = "pack.writereverseindex" }, { .key = "fetch.writecommitgraph" },
	{ .key = "http.postbuffer" },
	/* How commands behave. */
	{ .key = "pull.rebase" }, { .key = "pull.ff" }, { .key = "push.default" }, { .key = "push.autosetupremote" },
	{ .key = "push.followtags" }, { .key = "push.useforceifincludes" }, { .key = "push.recursesubmodules" },
	{ .key = "fetch.prune" }, { .key = "fetch.prunetags" }, { .key = "fetch.parallel" },
	{ .key = "fetch.recursesubmodules" },
	{ .key = "merge.conflictstyle" }, { .key = "merge.ff" }, { .key = "merge.log" }, { .key = "merge.renames" },
	{ .key = "merge.renamelimit" }, { .key = "merge.stat" }, { .key = "merge.autostash" },
	{ .key = "merge.directoryrenames" }, { .key = "merge.defaulttoupstream" }, { .key = "merge.suppressdest" },
	{ .key = "rebase.autosquash" }, { .key = "rebase.autostash" }, { .key = "rebase.updaterefs" },
	{ .key = "rebase.stat" }, { .key = "rebase.forkpoint" }, { .key = "rebase.rebasemerges" },
	{ .key = "rebase.missingcommitscheck" }, { .key = "rerere.enabled" }, { .key = "rerere.autoupdate" },
	{ .key = "diff.algorithm" }, { .key = "diff.renames" }, { .key = "diff.renamelimit" },
	{ .key = "diff.mnemonicprefix" }, { .key = "diff.noprefix" }, { .key = "diff.context" },
	{ .key = "diff.colormoved" }, { .key = "diff.submodule" }, { .key = "diff.ignoresubmodules" },
	{ .key = "status.showuntrackedfiles" }, { .key = "status.submodulesummary" }, { .key = "log.date" },
	{ .key = "log.decorate" }, { .key = "log.abbrevcommit" }, { .key = "commit.verbose" }, { .key = "commit.cleanup" },
	{ .key = "commit.status" }, { .key = "tag.sort" }, { .key = "checkout.defaultremote" }, { .key = "checkout.guess" },
	{ .key = "checkout.workers" }, { .key = "worktree.guessremote" }, { .key = "worktree.userelativepaths" },
	{ .key = "apply.whitespace" }, { .key = "apply.ignorewhitespace" }, { .key = "notes.rewriteref" },
	{ .key = "i18n.commitencoding" }, { .key = "i18n.logoutputencoding" }, { .key = "color.*" },
	{ .key = "color..*" }, { .key = "column.*" }, { .key = "advice.*" },
};
/* clang-format on */

static const struct row *find(const struct gitconfig_name *name)
{
	for (size_t i = 0; i < N_ELEMENTS(rows); i++)
		if (gitconfig_matches(name, rows[i].key))
			return &rows[i];
	return NULL;
}

static bool is_section(const struct gitconfig_name *name, const char *section)
{
	return strlen(section) == name->section_len &&
	       strncmp(name->section, section, name->section_len) == 0;
}

static bool has_control(const char *text)
{
	for (; *text; text++)
		if (((unsigned char)*text < 0x20 && *text != '\t') || *text == 0x7f)
			return true;
	return false;
}

/* A submodule's name is a path below .git/modules (CVE-2018-17456). */
static const char *submodule_objection(const char *name)
{
	if (name[0] == '\0' || name[0] == '-' || name[0] == '/' || strstr(name, ".."))
		return "no plain name of a submodule";
	return NULL;
}

/* A remote's name: git takes it as the address if it finds none. */
static const char *subsection_objection(const struct gitconfig_name *name)
{
	auto_arena struct arena a = ARENA_INIT;
	const char *sub = name->sub ? arena_strndup(&a, name->sub, name->sub_len) : NULL;

	if (sub && is_section(name, "submodule"))
		return submodule_objection(sub);
	if (sub && is_section(name, "remote") && (strchr(sub, ':') || giturl_remote_objection(sub)))
		return "no plain name of a remote";
	return NULL;
}

static bool is_word(const char *words, const char *value)
{
	size_t len = strlen(value);

	if (len == 0 || strchr(value, ' '))
		return false;
	for (const char *at = words; (at = strstr(at, value)) != NULL; at++)
		if ((at == words || at[-1] == ' ') && (at[len] == ' ' || at[len] == '\0'))
			return true;
	return false;
}

bool gitmediate_is_listed(const char *name)
{
	struct gitconfig_name parts = gitconfig_split(name);

	return find(&parts) != NULL;
}

const char *gitmediate_objection(const char *file, const char *name, const char *value)
{
	struct gitconfig_name parts = gitconfig_split(name);
	const struct row *row = find(&parts);
	const char *bad = subsection_objection(&parts);

	if (!row)
		return is_section(&parts, "include") || is_section(&parts, "includeif")
			       ? "would read settings from another file"
			       : "not a key that may be set from inside";
	if (bad)
		return bad;
	if (has_control(name) || (value && has_control(value)))
		return "has control characters";
	if (row->words)
		return is_word(row->words, value ? value : "true") ? NULL : "not a value for it";
	return row->check ? row->check(file, value) : NULL;
}
