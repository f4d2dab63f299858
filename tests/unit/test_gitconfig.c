/* SPDX-License-Identifier: Apache-2.0 */
#include "spec/gitconfig.h"

#include <errno.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>

#include <cmocka.h>

#include "base/auto.h"
#include "gitconfig_clean.h"

static const char *joined(const struct strv *sv, struct arena *a)
{
	const char *text = "";

	for (size_t i = 0; i < sv->n; i++)
		text = arena_printf(a, "%s%s%s", text, i ? " " : "", sv->items[i]);
	return text;
}

static const struct {
	const char *text, *want, *dropped;
} kept[] = {
	{ "", "", "" },
	{ "\n  # nothing\n;", "", "" },
	{ "[user]\n\tname = Ann B\n\temail=a@b.c\n",
	  "[user]\n\tname = \"Ann B\"\n\temail = \"a@b.c\"\n", "" },
	{ "[USER] Name = x # y", "[user]\n\tname = \"x\"\n", "" },
	{ "[user]\r\nname = x  \r\n", "[user]\n\tname = \"x\"\n", "" },
	{ "\xef\xbb\xbf[user]\nname=x", "[user]\n\tname = \"x\"\n", "" },
	{ "[user]\nname = \"a # b\" c ; d", "[user]\n\tname = \"a # b c\"\n", "" },
	{ "[user]\nname = a\\\n  b\\tc\\\"d\\\\e\\nf\\bg",
	  "[user]\n\tname = \"a  b\\tc\\\"d\\\\e\\nf\\bg\"\n", "" },
	{ "[user]\nname =\n", "[user]\n\tname = \"\"\n", "" },
	{ "[push]\nfollowTags\n[push]\nDefault=simple",
	  "[push]\n\tfollowtags\n\tdefault = \"simple\"\n", "" },
	{ "[color \"Diff\\\"\\\\x\"]\nmeta = red", "[color \"Diff\\\"\\\\x\"]\n\tmeta = \"red\"\n",
	  "" },
	{ "[color.DIFF]\nmeta = red", "[color \"diff\"]\n\tmeta = \"red\"\n", "" },
	{ "[color]ui=1\n[color \"a\"]x=1\n[color]ui=2",
	  "[color]\n\tui = \"1\"\n[color \"a\"]\n\tx = \"1\"\n[color]\n\tui = \"2\"\n", "" },
	/* Aliases, but no commands. */
	{ "[alias]\nst = status -sb\nx = !rm -rf /\ny = \"!sh\"\nz\n",
	  "[alias]\n\tst = \"status -sb\"\n", "alias.x alias.y alias.z" },
	{ "[alias \"x\"]\ncommand = status", "", "alias.*.command" },
	/* What runs programs, sends data elsewhere or holds secrets is on no list. */
	{ "[core]\npager=x\neditor=x\nsshCommand=x\nhooksPath=x\nfsmonitor=x\naskPass=x\n"
	  "gitProxy=x\nattributesFile=x\nautocrlf=input\n",
	  "[core]\n\tautocrlf = \"input\"\n",
	  "core.pager core.editor core.sshcommand core.hookspath core.fsmonitor "
	  "core.askpass "
	  "core.gitproxy core.attributesfile" },
	{ "[credential]\nhelper=store\n[credential \"https://x\"]\nhelper=y\n", "",
	  "credential.helper credential.*.helper" },
	{ "[include]\npath=/x\n[includeIf \"gitdir:/\"]\npath=/y\n", "",
	  "include.path includeif.*.path" },
	{ "[url \"https://user:secret@host/\"]\ninsteadOf = x\npushInsteadOf = y\n", "",
	  "url.*.insteadof url.*.pushinsteadof" },
	{ "[http]\nextraheader=s\nproxy=p\n[http \"https://u:secret@h\"]\nsslVerify=0", "",
	  "http.extraheader http.proxy http.*.sslverify" },
	{ "[gpg]\nprogram=x\n[commit]\ngpgsign=1\ntemplate=x\n[tag]gpgsign=1\n[gpg "
	  "\"ssh\"]program=x",
	  "", "gpg.program commit.gpgsign commit.template tag.gpgsign gpg.*.program" },
	{ "[diff]\nexternal=x\ntool=y\n[diff \"d\"]\ntextconv=x\ncommand=y\n[difftool "
	  "\"x\"]cmd=y",
	  "", "diff.external diff.tool diff.*.textconv diff.*.command difftool.*.cmd" },
	{ "[merge \"d\"]\ndriver=x\n[merge]\ntool=x\n[mergetool \"x\"]cmd=y", "",
	  "merge.*.driver merge.tool mergetool.*.cmd" },
	{ "[filter \"lfs\"]\nclean=x\nsmudge=y\nprocess=z\nrequired", "",
	  "filter.*.clean filter.*.smudge filter.*.process filter.*.required" },
	{ "[sequence]editor=x\n[interactive]diffFilter=x\n[pager]log=x\n[init]templateDir="
	  "x\n",
	  "", "sequence.editor interactive.difffilter pager.log init.templatedir" },
	{ "[submodule \"x\"]\nupdate=!x\n[remote "
	  "\"o\"]\nuploadpack=x\nurl=ext::x\n[protocol]allow=always",
	  "", "submodule.*.update remote.*.uploadpack remote.*.url protocol.allow" },
	{ "[user \"x\"]\nname=x\n[pretty \"x\"]y=1\n", "", "user.*.name pretty.*.y" },
	{ "name = x\n[]\nname=y\n", "", ".name" },
	{ "[xuser]name=1\n[use]rname=1\n[user]names=1\n[user]nam=1\n", "",
	  "xuser.name use.rname user.names user.nam" },
};

static void what_is_kept(void **state)
{
	(void)state;
	for (size_t i = 0; i < N_ELEMENTS(kept); i++) {
		auto_arena struct arena a = ARENA_INIT;
		auto_buf struct buf out = BUF_INIT(OUT_MAX);
		struct strv dropped;
		struct err e;

		if (clean(kept[i].text, strlen(kept[i].text), &a, &out, &dropped, &e) != 0)
			fail_msg("row %zu: %s", i, e.msg);
		assert_string_equal(buf_text(&out), kept[i].want);
		assert_string_equal(joined(&dropped, &a), kept[i].dropped);
	}
}

#define KEY "ssh-ed25519 AAAAC3Nz+/ba="
#define SIGN "[commit]\ngpgsign=true\n"
#define SIGNED "[commit]\n\tgpgsign = \"true\"\n"
#define SSH "[gpg]format=ssh\n"

/* What hangs on the value and on what is reached inside. */
static const struct {
	const char *text, *want, *dropped;
	bool has_lfs, has_agent;
	const char *public_key, *xdg;
} judged[] = {
	/* Signing: with ssh, a key that can be written down, and an agent. */
	{ SSH "[user]signingkey=key::" KEY "\n" SIGN,
	  "[gpg]\n\tformat = \"ssh\"\n[user]\n\tsigningkey = \"key::" KEY "\"\n" SIGNED, "",
	  .has_agent = true },
	{ SSH "[user]signingkey=" KEY " ann@host\n[tag]gpgsign\nforceSignAnnotated=1\n",
	  "[gpg]\n\tformat = \"ssh\"\n[user]\n\tsigningkey = \"key::" KEY
	  "\"\n[tag]\n\tgpgsign = \"true\"\n\tforcesignannotated = \"1\"\n",
	  "", .has_agent = true },
	{ SSH "[user]signingkey=~/.ssh/id.pub\n",
	  "[gpg]\n\tformat = \"ssh\"\n[user]\n\tsigningkey = \"key::" KEY "\"\n", "",
	  .has_agent = true, .public_key = KEY " ann@host\n" },
	{ SIGN, "[gpg]\n\tformat = \"ssh\"\n[user]\n\tsigningkey = \"key::" KEY "\"\n" SIGNED, "",
	  .has_agent = true, .xdg = SSH "[user]signingkey=" KEY },
	{ SIGN "[user]signingkey=" KEY "\n" SSH, "", "commit.gpgsign user.signingkey gpg.format" },
	{ SSH "[user]signingkey=~/.ssh/id.pub\n" SIGN, "",
	  "gpg.format user.signingkey commit.gpgsign", .has_agent = true },
	{ SSH "[user]signingkey=~/.ssh/id.pub\n" SIGN, "",
	  "gpg.format user.signingkey commit.gpgsign", .has_agent = true,
	  .public_key = "-----BEGIN OPENSSH PRIVATE KEY-----\nb3Bl\n" },
	{ SSH "[user]signingkey=~/.ssh/id\n" SIGN, "", "gpg.format user.signingkey commit.gpgsign",
	  .has_agent = true, .public_key = KEY },
	{ "[user]signingkey=0xABCD\n" SIGN, "", "user.signingkey commit.gpgsign",
	  .has_agent = true },
	{ SSH "[gpg]format=openpgp\n[user]signingkey=" KEY "\n" SIGN, "",
	  "gpg.format user.signingkey commit.gpgsign", .has_agent = true },
	{ SSH SIGN, "", "gpg.format commit.gpgsign", .has_agent = true },
	{ SSH "[gpg \"ssh\"]allowedSignersFile=~/x\nprogram=x\ndefaultKeyCommand=x\n", "",
	  "gpg.format gpg.*.allowedsignersfile gpg.*.program gpg.*.defaultkeycommand",
	  .has_agent = true },
	/* git-lfs: what it writes itself. */
	{ "[filter \"lfs\"]\nclean = git-lfs clean -- %f\nsmudge = git-lfs smudge -- %f\n"
	  "process = git-lfs filter-process\nrequired = true\n",
	  "[filter \"lfs\"]\n\tclean = \"git-lfs clean -- %f\"\n\tsmudge = \"git-lfs smudge -- "
	  "%f\"\n"
	  "\tprocess = \"git-lfs filter-process\"\n\trequired = \"true\"\n",
	  "", .has_lfs = true },
	{ "[filter \"lfs\"]\nsmudge = git-lfs smudge --skip -- %f\nprocess = git-lfs "
	  "filter-process --skip\n",
	  "[filter \"lfs\"]\n\tsmudge = \"git-lfs smudge --skip -- %f\"\n"
	  "\tprocess = \"git-lfs filter-process --skip\"\n",
	  "", .has_lfs = true },
	{ "[filter \"lfs\"]\nclean = git-lfs clean -- %f\nrequired\n", "",
	  "filter.*.clean filter.*.required" },
	{ "[filter \"lfs\"]\nclean = evil\nprocess = \"git-lfs filter-process; evil\"\n", "",
	  "filter.*.clean filter.*.process", .has_lfs = true },
	{ "[filter \"x\"]\nclean = git-lfs clean -- %f\nrequired\n", "",
	  "filter.*.clean filter.*.required", .has_lfs = true },
	/* Other ways to the same servers. */
	{ "[url \"git@h:\"]insteadOf=https://h/\npushInsteadOf=gh:\n",
	  "[url \"git@h:\"]\n\tinsteadof = \"https://h/\"\n\tpushinsteadof = \"gh:\"\n", "" },
	{ "[url \"ssh://git@h/\"]insteadOf=x\n", "[url \"ssh://git@h/\"]\n\tinsteadof = \"x\"\n",
	  "" },
	{ "[url \"https://token@h/\"]insteadOf=https://h/\n", "", "url.*.insteadof" },
	{ "[url \"ssh://u:pw@h/\"]insteadOf=x\n", "", "url.*.insteadof" },
	{ "[url \"https://h/\"]insteadOf=https://u:pw@h/\n", "", "url.*.insteadof" },
	{ "[url \"ext::sh \"]insteadOf=x\n", "", "url.*.insteadof" },
	{ "[url \"/tmp/\"]insteadOf=x\n", "", "url.*.insteadof" },
	{ "[url \"\"]insteadOf=x\n", "", "url.*.insteadof" },
	/* http. */
	{ "[http]\nsslVerify=true\nsslVerify\npostBuffer=1\nversion=HTTP/2\n",
	  "[http]\n\tsslverify = \"true\"\n\tsslverify = \"true\"\n\tpostbuffer = \"1\"\n"
	  "\tversion = \"HTTP/2\"\n",
	  "" },
	{ "[http]\nsslVerify=false\nsslCAInfo=x\ncookieFile=x\nproxy=x\nextraHeader=x\n", "",
	  "http.sslverify http.sslcainfo http.cookiefile http.proxy http.extraheader" },
	/* A section does not go on in the next file. */
	{ "name=x\n", "", ".name", .xdg = "[user]\n" },
};

static void what_is_judged_by_its_value(void **state)
{
	(void)state;
	for (size_t i = 0; i < N_ELEMENTS(judged); i++) {
		auto_arena struct arena a = ARENA_INIT;
		auto_buf struct buf out = BUF_INIT(OUT_MAX);
		struct strv dropped = STRV_INIT(&a);
		struct err e = { 0 };
		const char *xdg = judged[i].xdg ? judged[i].xdg : "";
		const struct gitconfig_user user = {
			.texts = { { "~/.config/git/config", xdg, strlen(xdg) },
				   { "~/.gitconfig", judged[i].text, strlen(judged[i].text) } },
			.has_lfs = judged[i].has_lfs,
			.has_agent = judged[i].has_agent,
			.public_key = judged[i].public_key,
		};

		if (gitconfig_clean(&user, &a, &out, &dropped, &e) != 0)
			fail_msg("row %zu: %s", i, e.msg);
		if (strcmp(buf_text(&out), judged[i].want) != 0 ||
		    strcmp(joined(&dropped, &a), judged[i].dropped) != 0)
			fail_msg("row %zu:\n%s\nwant:\n%s\ndropped: %s", i, buf_text(&out),
				 judged[i].want, joined(&dropped, &a));
	}
}

#define BAD_HEADER "bad section header; correct this line of git's configuration"
#define BAD_VALUE "bad key or value; correct this line of git's configuration"

static void refusals(void **state)
{
	static const struct {
		const char *text, *want;
	} rows[] = {
		{ "[user", "1: " BAD_HEADER },
		{ "\n\n[us er]", "3: " BAD_HEADER },
		{ "[user\n]", "1: " BAD_HEADER },
		{ "[color \"x\n\"]", "1: " BAD_HEADER },
		{ "[color \"x\\\n\"]", "1: " BAD_HEADER },
		{ "[color \"x\" ]", "1: " BAD_HEADER },
		{ "[color \"x", "1: " BAD_HEADER },
		{ "[us_er]", "1: " BAD_HEADER },
		{ "[user]\n1name=x", "2: " BAD_VALUE },
		{ "[user]\nna_me=x", "2: " BAD_VALUE },
		{ "[user]\nname x", "2: " BAD_VALUE },
		{ "[user]\nname # x", "2: " BAD_VALUE },
		{ "[user]\n\n# x\r\nname = \"x\n", "4: " BAD_VALUE },
		{ "[user]\nname = x\\y", "2: " BAD_VALUE },
		{ "[user]\nname = a\\\nb\\q", "2: " BAD_VALUE },
		{ "\xef\xbb[user]", "1: " BAD_VALUE },
		{ "\xc3\xa4 = 1", "1: " BAD_VALUE },
	};

	(void)state;
	for (size_t i = 0; i < N_ELEMENTS(rows); i++) {
		auto_arena struct arena a = ARENA_INIT;
		auto_buf struct buf out = BUF_INIT(OUT_MAX);
		struct strv dropped;
		struct err e;

		if (clean(rows[i].text, strlen(rows[i].text), &a, &out, &dropped, &e) != -EINVAL)
			fail_msg("row %zu: accepted", i);
		assert_string_equal(e.msg, arena_printf(&a, "~/.gitconfig:%s", rows[i].want));
	}
}

static void check_bound(const char *text, size_t len, size_t out_max, int code, const char *want)
{
	auto_arena struct arena a = ARENA_INIT;
	auto_buf struct buf out = BUF_INIT(out_max);
	struct strv dropped;
	struct err e;

	assert_int_equal(clean(text, len, &a, &out, &dropped, &e), code);
	assert_string_equal(e.msg, want);
}

static void bounds(void **state)
{
	auto_arena struct arena a = ARENA_INIT;
	size_t size = ((size_t)1 << 20) + 1;
	char *text = arena_alloc(&a, size);

	(void)state;
	memset(text, '\n', size);
	check_bound(text, size - 1, OUT_MAX, 0, "");
	check_bound(
		text, size, OUT_MAX, -EFBIG,
		"~/.gitconfig: the file has 1048577 bytes, more than the 1048576 that are read");
	check_bound("[user]\nname\0=x", 14, OUT_MAX, -EINVAL,
		    "~/.gitconfig: the file holds a NUL byte, which is no text; correct it");
	check_bound("[user]\nname=x", 13, 10, -EFBIG,
		    "~/.gitconfig: what is kept of it has more than 10 bytes; shorten it");
	memset(text, 'x', 5000);
	text[0] = '[';
	text[4097] = ']'; /* and a key: "xxx..." */
	check_bound(text, 4200, OUT_MAX, -EINVAL,
		    "~/.gitconfig:1: name too long; correct this line of git's configuration");
	text[4097] = 'x';
	text[4098] = ']';
	check_bound(text, 4099, OUT_MAX, -EINVAL,
		    "~/.gitconfig:1: name too long; correct this line of git's configuration");
}

static void many_dropped_keys_are_cut_short(void **state)
{
	auto_arena struct arena a = ARENA_INIT;
	auto_buf struct buf out = BUF_INIT(OUT_MAX);
	auto_buf struct buf text = BUF_INIT(OUT_MAX);
	struct strv dropped;
	struct err e;

	(void)state;
	buf_puts(&text, "[x]\n");
	for (unsigned i = 0; i < 200; i++)
		buf_addf(&text, "k%u=1\nk%u=2\n", i, i);
	assert_int_equal(clean(buf_text(&text), text.len, &a, &out, &dropped, &e), 0);
	assert_int_equal(dropped.n, 65);
	assert_string_equal(dropped.items[0], "x.k0");
	assert_string_equal(dropped.items[63], "x.k63");
	assert_string_equal(dropped.items[64], "and more");
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(what_is_kept),
		cmocka_unit_test(what_is_judged_by_its_value),
		cmocka_unit_test(refusals),
		cmocka_unit_test(bounds),
		cmocka_unit_test(many_dropped_keys_are_cut_short),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
