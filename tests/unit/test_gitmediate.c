/* SPDX-License-Identifier: Apache-2.0 */
#include "spec/gitmediate.h"

#include <errno.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>

#include <cmocka.h>

#include "base/auto.h"
#include "spec/giturl.h"

#define TOP "/p/.git/config"
#define MODULE "/p/.git/modules/lib/config"
#define OUT_MAX ((size_t)1 << 20)

#define NOT_LISTED "not a key that may be set from inside"
#define LOCAL "a path on this machine, where pushing would run the hooks of what lies there"
#define PROGRAM "names a program that git would run for it"
#define KEPT "may not be removed from inside"
#define DANGLING "names a remote without an address, which git takes for a path"
#define OUTSIDE "there, git would work on files outside of the repository"
#define VALUE "not a value for it"
#define CONTROL "has control characters"

struct trial {
	struct arena arena;
	struct buf out;
	struct strv refused;
	struct err e;
};

static void trial_done(struct trial *t)
{
	buf_done(&t->out);
	arena_done(&t->arena);
}

#define auto_trial __attribute__((cleanup(trial_done)))

static int mediate(struct trial *t, const char *file, const char *old, const char *new)
{
	t->refused = STRV_INIT(&t->arena);
	t->e = (struct err){ 0 };
	if (t->out.max == 0)
		t->out = BUF_INIT(OUT_MAX);
	return gitconfig_mediate(file, false, old, strlen(old), new, strlen(new), &t->arena,
				 &t->out, &t->refused, &t->e);
}

static const char *joined(const struct strv *sv, struct arena *a)
{
	const char *text = "";

	for (size_t i = 0; i < sv->n; i++)
		text = arena_printf(a, "%s%s%s", text, i ? " | " : "", sv->items[i]);
	return text;
}

#define ORIGIN "[remote \"origin\"]\n\turl = https://h/x.git\n"
#define MAIN "[branch \"main\"]\n\tremote = origin\n"
#define EVIL "[core]\n\tfsmonitor = evil\n"

/* @refused NULL: accepted, byte for byte. */
static const struct {
	const char *old, *new, *refused;
} rows[] = {
	/* git's own life. */
	{ "", "", NULL },
	{ "", "# nothing\n", NULL },
	{ "", "[core]\n\trepositoryformatversion = 0\n\tfilemode = true\n\tbare = false\n", NULL },
	{ "", ORIGIN MAIN "\tmerge = refs/heads/main\n", NULL },
	{ ORIGIN, ORIGIN MAIN, NULL },
	{ ORIGIN MAIN, ORIGIN, NULL },
	{ ORIGIN MAIN, "", NULL },
	{ "", ORIGIN "\tfetch = +refs/heads/*:refs/remotes/origin/*\n\ttagOpt = --no-tags\n",
	  NULL },
	{ "", "[remote \"o\"]\n\turl = git@h:x.git\n\tpushurl = ssh://git@h:22/x.git\n", NULL },
	{ "", "[remote \"o\"]\n\turl = git://h/x\n\tmirror\n\tprune = yes\n", NULL },
	{ "", "[remote \"o\"]\nurl=https://h/x\npromisor=true\npartialclonefilter=blob:none\n",
	  NULL },
	{ "", "[branch \"a\"]\nremote=.\nmerge=refs/heads/b\nrebase=merges\ndescription=x y\n",
	  NULL },
	{ "", "[branch \"pr\"]\nremote=https://h/fork.git\nmerge=refs/heads/x\n", NULL },
	{ "", "[submodule \"a/b\"]\nactive=true\nurl=https://h/b\nupdate=rebase\n", NULL },
	{ "", "[submodule \".vim/x\"]\nurl=https://h/b\nignore=dirty\nshallow\n", NULL },
	{ "", "[submodule]\nactive=.\n", NULL },
	{ "", "[user]\nname=Ann O'Brien, Jr.\nemail=ann+x@example.org\n", NULL },
	{ "", "[core]\nsparseCheckout=true\nsparseCheckoutCone=true\n", NULL },
	{ "", "[extensions]\nworktreeConfig=true\nobjectFormat=sha256\n", NULL },
	{ "", ORIGIN "[extensions]\npartialClone=origin\n", NULL },
	{ "",
	  "[lfs]\nrepositoryformatversion=0\n[lfs \"https://h/x.git/info/lfs\"]\naccess=basic\n",
	  NULL },
	{ "", "[pull]rebase=true\n[push]default=current\n[rerere]enabled=1\n[gc]auto=0\n", NULL },
	{ "", "[color \"status\"]\nadded=green\n[advice]\ndetachedHead=false\n", NULL },
	{ "", "[core]\nfsmonitor=false\n", NULL },
	/* What the host has stays, wherever it stands. */
	{ EVIL, EVIL "[user]\n\tname = x\n", NULL },
	{ EVIL, "[user]\n\tname = x\n" EVIL, NULL },
	{ EVIL, "[core]\n\tbare = false\n\tfsmonitor = evil\n", NULL },
	{ "[include]path=x\n" EVIL, "[include]path=x\n" EVIL ORIGIN, NULL },
	{ "[alias]\nst=!x\n", "[Alias]\n\tST = \"!x\"\n", NULL },
	{ "[user]\nname=A & B\n", "[user]\nname=Bob\n", NULL },
	{ "[remote \"o\"]\nurl=/srv/x\nproxy=p\n", "", NULL },
	{ "[remote \"o\"]\nurl=/srv/x\n", "[remote \"o\"]\nurl=https://h/x\n", NULL },
	{ "[remote \"o\"]\nurl=/srv/x\n", "[remote \"o\"]\nurl=/srv/x\nfetch=x\n", NULL },
	{ MAIN, MAIN "[user]\nname=x\n", NULL },
	/* Programs. */
	{ "", EVIL, "core.fsmonitor: " VALUE },
	{ "[core]fsmonitor=false\n", EVIL, "core.fsmonitor: " VALUE },
	{ EVIL, "[core]\n\tfsmonitor = evil2\n", "core.fsmonitor: " VALUE },
	{ "", "[core]\nsshCommand=x\nhooksPath=x\npager=x\neditor=x\n",
	  "core.sshcommand: " NOT_LISTED " | core.hookspath: " NOT_LISTED
	  " | core.pager: " NOT_LISTED " | core.editor: " NOT_LISTED },
	{ "", "[core]\naskPass=x\ngitProxy=x\nattributesFile=x\nalternateRefsCommand=x\n",
	  "core.askpass: " NOT_LISTED " | core.gitproxy: " NOT_LISTED
	  " | core.attributesfile: " NOT_LISTED " | core.alternaterefscommand: " NOT_LISTED },
	{ "", "[alias]\nst=status\n", "alias.st: " NOT_LISTED },
	{ "", "[credential]\nhelper=x\n[credential \"https://u:pw@h\"]\nhelper=x\n",
	  "credential.helper: " NOT_LISTED " | credential.*.helper: " NOT_LISTED },
	{ "", "[url \"https://u:pw@h\"]\ninsteadOf=x\n", "url.*.insteadof: " NOT_LISTED },
	{ "", "[filter \"lfs\"]\nclean=git-lfs clean -- %f\n", "filter.*.clean: " NOT_LISTED },
	{ "", "[diff]external=x\n[diff \"d\"]textconv=x\n[merge \"d\"]driver=x\n",
	  "diff.external: " NOT_LISTED " | diff.*.textconv: " NOT_LISTED
	  " | merge.*.driver: " NOT_LISTED },
	{ "", "[gpg]program=x\n[gc]recentObjectsHook=x\n[pull]twohead=x\n",
	  "gpg.program: " NOT_LISTED " | gc.recentobjectshook: " NOT_LISTED
	  " | pull.twohead: " NOT_LISTED },
	{ "", "[branch \"m\"]\nmergeOptions=--strategy=x\n", "branch.m.mergeoptions: " NOT_LISTED },
	{ "", "[lfs \"customtransfer.x\"]path=x\n[lfs \"extension.x\"]clean=x\n",
	  "lfs.*.path: " NOT_LISTED " | lfs.*.clean: " NOT_LISTED },
	{ "", "[lfs]standalonetransferagent=x\n", "lfs.standalonetransferagent: " NOT_LISTED },
	{ "", "[trailer \"x\"]command=x\n[sequence]editor=x\n[protocol]allow=always\n",
	  "trailer.*.command: " NOT_LISTED " | sequence.editor: " NOT_LISTED
	  " | protocol.allow: " NOT_LISTED },
	{ "", "[include]path=x\n[includeIf \"gitdir:/\"]path=x\n",
	  "include.path: would read settings from another file | "
	  "includeif.*.path: would read settings from another file" },
	/* Remotes. */
	{ "", "[remote \"o\"]\nurl=ext::sh -c x\n", "remote.o.url: " PROGRAM },
	{ "", "[remote \"o\"]\nurl=https://h/x\npushurl=fd::7\n", "remote.o.pushurl: " PROGRAM },
	{ "", "[remote \"o\"]\nurl=foo://h/x\n", "remote.o.url: " PROGRAM },
	{ "", "[remote \"o\"]\nurl=--upload-pack=x\n", "remote.o.url: starts with '-', an option" },
	{ "", "[remote \"o\"]\nurl=ssh://-oProxyCommand=x/y\n",
	  "remote.o.url: a host that starts with '-' would be an option of ssh" },
	{ "", "[remote \"o\"]\nurl=../x.git\n", "remote.o.url: " LOCAL },
	{ "", "[remote \"o\"]\nurl=file:///p/x.git\n", "remote.o.url: " LOCAL },
	{ "", "[remote \"o\"]\nurl=\n", "remote.o.url: empty" },
	{ "", "[remote \"o\"]\nurl\n", "remote.o.url: has no value" },
	{ "", "[remote \"o\"]\nurl=\"https://h/x\\ny\"\n", "remote.o.url: " CONTROL },
	{ "", "[remote \"o\"]\nvcs=x\nproxy=x\nuploadpack=x\nreceivepack=x\n",
	  "remote.o.vcs: " NOT_LISTED " | remote.o.proxy: " NOT_LISTED
	  " | remote.o.uploadpack: " NOT_LISTED " | remote.o.receivepack: " NOT_LISTED },
	{ "", "[remote \"ext::sh -c x\"]\nurl=https://h/x\n",
	  "remote.ext::sh -c x.url: no plain name of a remote" },
	{ "", "[remote \"../x\"]\nurl=https://h/x\n",
	  "remote.../x.url: no plain name of a remote" },
	{ "", "[remote \"o\"]\nurl=https://h/x\ntagOpt=--upload-pack=x\n",
	  "remote.o.tagopt: " VALUE },
	{ "", MAIN, "branch.main.remote: " DANGLING },
	{ ORIGIN MAIN, MAIN, "branch.main.remote: " DANGLING },
	{ ORIGIN, ORIGIN "[remote]pushDefault=evil\n", "remote.pushdefault: " DANGLING },
	{ ORIGIN MAIN, ORIGIN MAIN "\tpushRemote = ./evil\n", "branch.main.pushremote: " LOCAL },
	{ "", "[branch \"m\"]\nremote=ext::x\n", "branch.m.remote: " PROGRAM },
	{ "", "[remote \"evil\"]\npromisor=true\n", "remote.evil.promisor: " DANGLING },
	{ "", "[extensions]partialClone=evil\n", "extensions.partialclone: " DANGLING },
	/* Submodules. */
	{ "", "[submodule \"x\"]\nupdate=!sh\n", "submodule.x.update: " VALUE },
	{ "", "[submodule \"x\"]\nurl=ext::x\n", "submodule.x.url: " PROGRAM },
	{ "", "[submodule \"../../x\"]\nurl=https://h/x\n",
	  "submodule.../../x.url: no plain name of a submodule" },
	/* Names, paths, formats. */
	{ "", "[user]\nname=`x`\nemail=$(x)@h\n",
	  "user.name: has characters that a shell acts upon | "
	  "user.email: has characters that a shell acts upon" },
	{ "", "[core]\nworktree=/home/ann\n",
	  "core.worktree: only a submodule may name its work tree; " OUTSIDE },
	{ "", "[core]\nworktree=../../../x\n",
	  "core.worktree: only a submodule may name its work tree; " OUTSIDE },
	{ "", "[extensions]\nobjectFormat=x\n", "extensions.objectformat: " VALUE },
	{ "", "[extensions]\nother=1\n", "extensions.other: " NOT_LISTED },
	{ "", "[core \"x\"]\nbare=1\n", "core.*.bare: " NOT_LISTED },
	{ "", "x=1\n", ".x: " NOT_LISTED },
	/* What goes may have been a protection; git takes the last value. */
	{ "[core]hooksPath=/dev/null\n", "", "core.hookspath: " KEPT },
	{ "[credential]\nhelper=\n", "[user]\nname=x\n", "credential.helper: " KEPT },
	{ "[transfer]fsckObjects=true\n", "", "transfer.fsckobjects: " KEPT },
	{ "[transfer]fsckObjects=true\n", "[transfer]fsckObjects=false\n",
	  "transfer.fsckobjects: " NOT_LISTED },
	{ "[core]\nfsmonitor=a\nfsmonitor=b\n", "[core]\nfsmonitor=b\nfsmonitor=a\n",
	  "core.fsmonitor: " KEPT },
	{ "[core]\npager=a\npager=b\n", "[core]\npager=a\n", "core.pager: " KEPT },
	{ "[core]\npager=a\n", "[core]\npager=a\npager=a\n", "core.pager: " NOT_LISTED },
	{ "[remote \"o\"]\nurl=https://h/x\nproxy=a\nproxy=b\n",
	  "[remote \"o\"]\nurl=https://h/x\nproxy=a\n", "remote.o.proxy: " KEPT },
	{ "[include]path=a\n[core]pager=b\n", "[core]pager=b\n[include]path=a\n",
	  "include.path: " KEPT },
};

static void what_may_change(void **state)
{
	(void)state;
	for (size_t i = 0; i < N_ELEMENTS(rows); i++) {
		auto_trial struct trial t = { 0 };
		int r = mediate(&t, TOP, rows[i].old, rows[i].new);

		if (r != (rows[i].refused ? -EPERM : 0))
			fail_msg("row %zu: %d %s\n%s", i, r, t.e.msg, rows[i].new);
		if (strcmp(joined(&t.refused, &t.arena), rows[i].refused ? rows[i].refused : "") !=
		    0)
			fail_msg("row %zu:\ngot:  %s\nwant: %s", i, joined(&t.refused, &t.arena),
				 rows[i].refused);
		assert_string_equal(buf_text(&t.out), r == 0 ? rows[i].new : "");
	}
}

static void work_trees_of_submodules(void **state)
{
	static const struct {
		const char *file, *value;
		bool is_accepted;
	} trees[] = {
		{ MODULE, "../../../lib", true },
		{ MODULE, "../../../sub/dir/lib", true },
		{ "/p/.git/modules/lib/config.worktree", "../../../lib", true },
		{ "/p/.git/modules/a/b/config", "../../../../a/b", true },
		{ "/p/.git/modules/a/modules/b/config", "../../../../../a/b", true },
		{ MODULE, "../../..", false },
		{ MODULE, "../../../../home", false },
		{ MODULE, "../../../../../../../home/ann", false },
		{ MODULE, "../../../lib/../../x", false },
		{ MODULE, "../../../.git", false },
		{ MODULE, "../../hooks", false },
		{ MODULE, "../../../nested/.GIT/x", false },
		{ MODULE, "/p/lib", false },
		{ MODULE, "lib", false },
		{ MODULE, "", false },
		{ "config", "../../../lib", false },
		{ "/p/modules/lib/config", "../../../lib", false },
	};

	(void)state;
	for (size_t i = 0; i < N_ELEMENTS(trees); i++) {
		auto_trial struct trial t = { 0 };
		const char *text = arena_printf(&t.arena, "[core]\nworktree=%s\n", trees[i].value);
		int r = mediate(&t, trees[i].file, "", text);

		if (r != (trees[i].is_accepted ? 0 : -EPERM))
			fail_msg("row %zu: %d %s", i, r, t.e.msg);
	}
}

/* Forms in which readers have differed are written anew. */
static void what_is_rewritten(void **state)
{
	static const struct {
		const char *old, *new, *want;
	} texts[] = {
		{ "", "\xef\xbb\xbf[user]name=x # y\n", "[user]\n\tname = \"x\"\n" },
		{ "", "[user]\r\nname=x\r\n", "[user]\n\tname = \"x\"\n" },
		{ "", "[user]\nname=a\\\nb\nemail\n=x\n", NULL },
		{ "", "[user]\nname=a\\\n b\n", "[user]\n\tname = \"a b\"\n" },
		{ "[core]pager=\"a\rb\\n\"\n", "[core]pager=\"a\rb\\n\"\n[core]bare\n",
		  "[core]\n\tpager = \"a\rb\\n\"\n\tbare\n" },
	};

	(void)state;
	for (size_t i = 0; i < N_ELEMENTS(texts); i++) {
		auto_trial struct trial t = { 0 };
		int r = mediate(&t, TOP, texts[i].old, texts[i].new);

		if (r != (texts[i].want ? 0 : -EINVAL))
			fail_msg("row %zu: %d %s", i, r, t.e.msg);
		assert_string_equal(buf_text(&t.out), texts[i].want ? texts[i].want : "");
	}
}

static void sentences_and_bounds(void **state)
{
	auto_trial struct trial t = { .out = BUF_INIT(10) };
	auto_buf struct buf many = BUF_INIT(OUT_MAX);

	(void)state;
	assert_int_equal(mediate(&t, TOP, "", EVIL), -EPERM);
	assert_string_equal(t.e.msg,
			    TOP ": core.fsmonitor: not a value for it; change this setting "
				"outside of the sandbox");
	assert_int_equal(mediate(&t, TOP, "", "[x\n"), -EINVAL);
	assert_int_equal(mediate(&t, TOP, "[x\n", ""), -EINVAL);
	assert_int_equal(mediate(&t, TOP, "", "[user]\nname=x\n"), -EFBIG);
	buf_puts(&many, "[x]\n");
	for (unsigned i = 0; i < 10001; i++)
		buf_addf(&many, "k%u\n", i);
	assert_int_equal(mediate(&t, TOP, "", buf_text(&many)), -EFBIG);
	assert_string_equal(t.e.msg, TOP ": more than 10000 settings; remove some");
	many.len -= strlen("k10000\n");
	many.data[many.len] = '\0';
	assert_int_equal(mediate(&t, TOP, "", buf_text(&many)), -EPERM);
	assert_int_equal(t.refused.n, 65);
	assert_string_equal(t.refused.items[64], "and more");
	assert_int_equal(mediate(&t, TOP, "", "[remote \"\033[2J\"]vcs=1\n"), -EPERM);
	assert_string_equal(t.refused.items[0], "remote.\\x1b[2J.vcs: " NOT_LISTED);
}

static void addresses(void **state)
{
	static const char *const good[] = { "https://h/x", "http://u@h:80/x", "ssh://g@h/~/x",
					    "h:x",         "g@h:x/y.git",     "git+ssh://h/x" };
	static const char *const bad[] = {
		"",         "x",         "/x",           "./x:y",    "x/y:z",
		"~/x",      "-x",        "a::b",         "::b",      "x-y://h",
		"file://x", "FILE:///x", "HTTPS://h/x",  "https://", "https:///x",
		"-h:x",     "g@-h:x",    "ssh://g@-h/x", "h:x\ty",   "h:x\177"
	};

	(void)state;
	for (size_t i = 0; i < N_ELEMENTS(good); i++)
		if (giturl_objection(good[i]))
			fail_msg("%s: %s", good[i], giturl_objection(good[i]));
	for (size_t i = 0; i < N_ELEMENTS(bad); i++)
		if (!giturl_objection(bad[i]))
			fail_msg("%s: accepted", bad[i]);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(what_may_change),   cmocka_unit_test(work_trees_of_submodules),
		cmocka_unit_test(what_is_rewritten), cmocka_unit_test(sentences_and_bounds),
		cmocka_unit_test(addresses),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
