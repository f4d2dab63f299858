/* SPDX-License-Identifier: Apache-2.0 */
/* ssh itself (-G) is the judge of what was kept: it reads the same in it as in the user's file. */
#include "spec/ssh_config.h"

#include <errno.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <string.h>
#include <unistd.h>

#include <cmocka.h>

#include "base/auto.h"
#include "base/io.h"
#include "base/proc.h"

#define SSH "/usr/bin/ssh"
#define HOME "/home/ann"

static int clean(const char *text, struct arena *a, struct buf *out, struct ssh_config *c,
		 struct err *e)
{
	*c = (struct ssh_config){ .file = "~/.ssh/config",
				  .home = HOME,
				  .arena = a,
				  .out = out,
				  .dropped = STRV_INIT(a),
				  .includes = STRV_INIT(a),
				  .named = STRV_INIT(a) };
	return ssh_config_clean(c, text, strlen(text), e);
}

static const char *joined(const struct strv *sv, struct arena *a)
{
	const char *text = "";

	for (size_t i = 0; i < sv->n; i++)
		text = arena_printf(a, "%s%s%s", text, i ? " " : "", sv->items[i]);
	return text;
}

#define NONE "a line that is none of ssh's"

/* clang-format off */
static const struct {
	const char *text, *want, *dropped;
} rows[] = {
	{ "", "", "" },
	{ " \t\n# x\n\r\n", "", "" },
	{ "Host a  b*\n\tHostName = x.y # z\n  PORT=22\nuser\t=\tann\n", "Host a b*\nHostName x.y\nPort 22\nUser ann\n", "" },
	{ "Host \"a b\" 'c d' e\\ f\nUser \"x\\\"y\"\nUser a\\b\nUser a#b\n", "Host \"a b\" \"c d\" \"e f\"\nUser \"x\\\"y\"\nUser \"a\\\\b\"\nUser \"a#b\"\n", "" },
	{ "\"Port\" 3\f\nHostName ==x\n", "Port 3\nHostName \"=x\"\n", "" },
	{ "Po\"rt 4\nUser \"x\nPort\nUser a\001b\n\"Port 3\n", "", NONE " User Port" },
	{ "ProxyCommand nc %h\nLocalCommand id\nPermitLocalCommand yes\nKnownHostsCommand x\nXAuthLocation x\n"
	  "PKCS11Provider x\nSecurityKeyProvider x\nIdentityAgent x\nForwardAgent yes\nControlMaster auto\nControlPath x\nUserKnownHostsFile x\nSetEnv A=b\nAddKeysToAgent yes\n",
	  "", "ProxyCommand LocalCommand PermitLocalCommand KnownHostsCommand XAuthLocation PKCS11Provider SecurityKeyProvider "
	  "IdentityAgent ForwardAgent ControlMaster ControlPath UserKnownHostsFile SetEnv AddKeysToAgent" },
	{ "proxycommand=x\n  PROXYCOMMAND x\n\"ProxyCommand\" x\n", "", "proxycommand PROXYCOMMAND ProxyCommand" },
	{ "Host a\nMatch exec \"id\"\nUser root\nProxyCommand x\nHost b\nUser bob\n", "Host a\nHost b\nUser bob\n", "Match exec" },
	{ "Match host a,b !user c\nPort 1\nMatch all\nPort 2\nMatch host=x\nPort 3\nMatch canonical host \"a b\"\n",
	  "Match host a,b !user c\nPort 1\nMatch all\nPort 2\nMatch host x\nPort 3\nMatch canonical host \"a b\"\n", "" },
	{ "Match host x !exec id\nPort 1\nMatch host x exec=id\nPort 2\nMatch host\nPort 3\nMatch localnetwork 10/8\nPort 4\nMatch host a\"b\n Port 5\nHost *\n",
	  "Host *\n", "Match exec Match" },
	{ "StrictHostKeyChecking no\nStrictHostKeyChecking OFF\nStrictHostKeyChecking \"no\"\nStrictHostKeyChecking accept-new\n",
	  "StrictHostKeyChecking accept-new\n", "StrictHostKeyChecking" },
	{ "ProxyJump a@b:22,c\nProxyJump `id`\nProxyJump a b\n", "ProxyJump a@b:22,c\n", "ProxyJump" },
	{ "IdentityFile ~/.ssh/id\nIdentityFile %d/.ssh/x.pub\nIdentityFile none\nIdentityFile \"" HOME "/.ssh/a b\"\n",
	  "IdentityFile " HOME "/.ssh/id.pub\nIdentityFile " HOME "/.ssh/x.pub\nIdentityFile none\nIdentityFile \"" HOME "/.ssh/a b.pub\"\n", "" },
	{ "IdentityFile /etc/shadow\nIdentityFile ~/.ssh/../.gnupg/x\nIdentityFile ~/.ssh/%h\nIdentityFile id\nIdentityFile ~bob/.ssh/id\n", "", "IdentityFile" },
	{ "Include a conf.d/*\nInclude ~/.ssh/x /etc/ssh/y\nInclude ../z\nInclude ~/.ssh/../../etc/q ~root/q %d/w . ~/.ssh/~/x\n", "Include a conf.d/*\nInclude x\n", "Include" },
};
/* clang-format on */

static void what_is_kept(void **state)
{
	(void)state;
	for (size_t i = 0; i < N_ELEMENTS(rows); i++) {
		auto_arena struct arena a = ARENA_INIT;
		auto_buf struct buf out = BUF_INIT(100000);
		struct ssh_config c;
		struct err e = { 0 };

		assert_int_equal(clean(rows[i].text, &a, &out, &c, &e), 0);
		assert_string_equal(buf_text(&out), rows[i].want);
		assert_string_equal(joined(&c.dropped, &a), rows[i].dropped);
	}
}

static void names_are_collected(void **state)
{
	auto_arena struct arena a = ARENA_INIT;
	auto_buf struct buf out = BUF_INIT(1000);
	struct strv keys = STRV_INIT(&a);
	struct ssh_config c;
	struct err e = { 0 };

	(void)state;
	assert_int_equal(clean("Include x\nIdentityFile ~/.ssh/a\nIdentityFile ~/.ssh/b\n", &a,
			       &out, &c, &e),
			 0);
	assert_string_equal(joined(&c.includes, &a), HOME "/.ssh/x");
	assert_string_equal(joined(&c.named, &a), HOME "/.ssh/a.pub " HOME "/.ssh/b.pub");
	strv_add(&keys, HOME "/.ssh/b.pub");
	c.keys = &keys;
	buf_done(&out);
	out = BUF_INIT(1000);
	assert_int_equal(
		ssh_config_clean(&c, "IdentityFile ~/.ssh/a\nIdentityFile ~/.ssh/b\n", 44, &e), 0);
	assert_string_equal(buf_text(&out), "IdentityFile " HOME "/.ssh/b.pub\n");
}

static void bounds(void **state)
{
	auto_arena struct arena a = ARENA_INIT;
	auto_buf struct buf out = BUF_INIT(10);
	struct ssh_config c;
	struct err e = { 0 };

	(void)state;
	assert_int_equal(clean("HostName a.long.name\n", &a, &out, &c, &e), -EFBIG);
	assert_int_equal(ssh_config_clean(&c, "User a\0b", 8, &e), -EINVAL);
	assert_string_equal(
		e.msg, "~/.ssh/config: the file holds a NUL byte, which is no text; correct it");
	assert_int_equal(ssh_config_clean(&c, "", ((size_t)1 << 20) + 1, &e), -EFBIG);
}

/* What ssh makes of @text for @host, or NULL if it refuses it. */
static char *ssh_says(const char *text, const char *host, struct arena *a)
{
	static const char *const env[] = { "HOME=" HOME, NULL };
	char path[] = "/tmp/test_ssh_config.XXXXXX";
	auto_fd int fd = mkstemp(path);
	const char *argv[] = { SSH, "-G", "-F", path, host, NULL };
	struct cmd cmd = { .argv = argv, .envp = env };
	auto_free char *said = NULL;
	struct err e;
	int status = -1;

	assert_true(fd >= 0);
	assert_int_equal(io_write_all(fd, text, strlen(text), &e), 0);
	assert_int_equal(proc_output(&cmd, 100000, 10000, &said, &status, &e), 0);
	(void)unlink(path);
	return status == 0 ? arena_strdup(a, said) : NULL;
}

static void ssh_reads_the_same(void **state)
{
	static const char *const texts[] = {
		"Host a \"b c\"\n\tHostName = one.example # x\n  PORT=2222\nHost *\nUser \"ann "
		"b\"\n",
		"host a b*\nuser x\\y\nMatch host a user bob\nPort 7\nMatch "
		"all\nServerAliveInterval 60\n",
		"Host !a *\nPort 3\nHost a\nCiphers aes128-ctr,aes256-ctr\nProxyJump "
		"j@h:1,k\nIdentitiesOnly=yes\n",
		"Match originalhost=a\nHostKeyAlias \"q\"\nMatch final "
		"host=one.example\nCompression yes\n",
		"\"HostName\" 'one.example'\nConnectTimeout\t=  5\nAddressFamily inet\f\n",
	};
	static const char *const hosts[] = { "a", "bc", "other" };

	(void)state;
	if (access(SSH, X_OK) != 0)
		skip();
	for (size_t i = 0; i < N_ELEMENTS(texts); i++) {
		for (size_t h = 0; h < N_ELEMENTS(hosts); h++) {
			auto_arena struct arena a = ARENA_INIT;
			auto_buf struct buf out = BUF_INIT(100000);
			struct ssh_config c;
			struct err e = { 0 };
			char *want = ssh_says(texts[i], hosts[h], &a);

			assert_non_null(want);
			assert_int_equal(clean(texts[i], &a, &out, &c, &e), 0);
			assert_int_equal(c.dropped.n, 0);
			assert_string_equal(ssh_says(buf_text(&out), hosts[h], &a), want);
		}
	}
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(what_is_kept),
		cmocka_unit_test(names_are_collected),
		cmocka_unit_test(bounds),
		cmocka_unit_test(ssh_reads_the_same),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
