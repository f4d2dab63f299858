/* SPDX-License-Identifier: Apache-2.0 */
/*
 * The real git is the judge: what it reads in our output must be what it reads in the input, and
 * what it refuses we must refuse.
 */
#include "spec/gitconfig.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include <cmocka.h>

#include "base/auto.h"
#include "base/io.h"
#include "base/proc.h"
#include "gitconfig_clean.h"

#define GIT "/usr/bin/git"

/* What "git config --list" says about @text, or NULL if it refuses it. The caller frees. */
static char *git_reads(const char *text, size_t len)
{
	static const char *const argv[] = { GIT, "config", "--file", "-", "--list", NULL };
	static const char *const env[] = { "HOME=/nonexistent", "GIT_CONFIG_NOSYSTEM=1", "LC_ALL=C",
					   NULL };
	auto_fd int fd = -1;
	struct err e = { 0 };
	struct proc_fd stdin_fd = { .to = 0 };
	struct cmd cmd = { .argv = argv, .envp = env, .fds = &stdin_fd, .n_fds = 1 };
	char *listed = NULL;
	int status = -1;

	if (io_memfd("gitconfig", text, len, &fd, &e) < 0)
		fail_msg("%s", e.msg);
	stdin_fd.from = fd;
	if (proc_output(&cmd, OUT_MAX, 30000, &listed, &status, &e) < 0)
		fail_msg("%s", e.msg);
	if (status != 0) {
		free(listed);
		listed = NULL;
	}
	return listed;
}

/* @text holds only keys of the list. */
static void compare_with_git(const char *text, size_t len)
{
	auto_arena struct arena a = ARENA_INIT;
	auto_buf struct buf out = BUF_INIT(OUT_MAX);
	auto_free char *want = git_reads(text, len);
	auto_free char *got = NULL;
	struct strv dropped;
	struct err e;
	int r = clean(text, len, &a, &out, &dropped, &e);

	if ((r == 0) != (want != NULL))
		fail_msg("git %s, we: %s\n%s", want ? "reads it" : "refuses it", e.msg, text);
	if (r < 0 || !want)
		return;
	got = git_reads(buf_text(&out), out.len);
	if (!got || strcmp(got, want) != 0)
		fail_msg("from:\n%s\nour text:\n%s\ngot:\n%s\nwant:\n%s", text, buf_text(&out),
			 got ? got : "(git refuses it)", want);
	assert_int_equal(dropped.n, 0);
}

static void git_reads_the_same_in_what_is_kept(void **state)
{
	static const char *const texts[] = {
		"[user]\nname = Ann \"B. # \" C ; x\nemail = \"a\\tb\\nc\\\\d\\\"e\"\n",
		"[user]\r\n\tname = x \\\r\n y\r\n",
		"\xef\xbb\xbf[user] name = x\n",
		"[color]\nui\n[color \"br\\anch\"]\ncurrent = \"\"\n",
		"[color.Branch.X]\ncurrent = \"  red \"   \n",
		"[Color.a \"B]\"]\nx = 1\\\n",
		"[color \"\"]\nx = 1\n",
		"[color \"a\tb\r\"]\nx = \"a\rb\"\n",
		"[user]\nname = \303\244\377\001\177\n",
		"[user]\nname = a \\\n",
		"[user]\nname = \"a\" \"b\"   \"\"  \n",
		"[advice]\nx = 1\n#[x\n; \"\n[alias]\n\ta-b = log --format='%h %s' \\\\ \n",
	};

	(void)state;
	if (access(GIT, X_OK) != 0)
		skip();
	for (size_t i = 0; i < N_ELEMENTS(texts); i++)
		compare_with_git(texts[i], strlen(texts[i]));
}

/* clang-format off */
static const char *const pieces[] = {
	"\n", "\n", "\n", "\r\n", " ", " ", "\t\n", "[color]", "[color.A]", "[color ", "\"x\"]",
	"[color \"", "\"]", "[color \"a\"]\n", "]", "\"", "\"", "\\", "\\\n", "\\n", "\\t",
	"\\\"", "\\\\", "=", " = ", "\nui = ", "\nui=a", "\nui", "#", ";", "a", "B", "-", "1",
	"\303\244", "\\q", "\nk1 = \"a", "b c  d", "\nk2 = a \"b", "# x \"\n", ".", "\\b",
};
/* clang-format on */

/* Texts made of pieces that matter, always the same ones: a linear congruential generator. */
static void git_and_we_agree_on_made_up_texts(void **state)
{
	uint32_t random = 1;

	(void)state;
	if (access(GIT, X_OK) != 0)
		skip();
	for (unsigned round = 0; round < 400; round++) {
		auto_buf struct buf text = BUF_INIT(10000);
		unsigned n;

		buf_puts(&text, "[color]\n");
		random = random * 1664525U + 1013904223U;
		n = random >> 28;
		for (unsigned i = 0; i < n; i++) {
			random = random * 1664525U + 1013904223U;
			buf_puts(&text, pieces[(random >> 16) % N_ELEMENTS(pieces)]);
		}
		compare_with_git(buf_text(&text), text.len);
	}
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(git_reads_the_same_in_what_is_kept),
		cmocka_unit_test(git_and_we_agree_on_made_up_texts),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
