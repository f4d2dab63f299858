/* SPDX-License-Identifier: Apache-2.0 */
#include "host/doctor.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include "doctor_bench.h"

static void init_program(void **state)
{
	struct tree *t = *state;
	struct bench b;

	bench_init(&b, t);
	is(check(&b, "init"), FINDING_FAIL, "missing", "./dev build");
	b.f.init = put_program(t, "init", "", 0);
	is(check(&b, "init"), FINDING_FAIL, "not a static program", "./dev build");
	b.f.init = "/proc/self/exe"; /* this test needs a loader */
	is(check(&b, "init"), FINDING_FAIL, "not a static program", "./dev build");
}

static void agent(void **state)
{
	struct tree *t = *state;
	struct bench b;

	bench_init(&b, t);
	is(check(&b, "agent"), FINDING_WARN, "claude is not installed",
	   "npm install --global @anthropic-ai/claude-code");
	b.f.agent.program = "/x/claude";
	b.f.agent.real = put_program(t, "claude", "2.0 (Claude Code)", 0);
	is(check(&b, "agent"), FINDING_PASS, "/x/claude, 2.0 (Claude Code)", NULL);
	b.f.agent.real = put_file(t, "pwd", "#!/bin/sh\npwd\n", 0755);
	assert_int_equal(chdir(b.f.project), 0);
	assert_string_equal(check(&b, "agent").detail, "/x/claude, /"); /* not the project */
	assert_int_equal(chdir("/"), 0);
	b.f.agent.real = put_program(t, "broken", "no loader", 1);
	is(check(&b, "agent"), FINDING_WARN, "does not answer: no loader", "npm install");
	b.f.agent.real = at(t, "A=B/claude");
	is(check(&b, "agent"), FINDING_PASS, "/x/claude", NULL);
}

static void places(void **state)
{
	struct tree *t = *state;
	struct bench b;

	bench_init(&b, t);
	is(check(&b, "certificates"), FINDING_WARN, "HTTPS will fail", "ca-certificates");
	put_file(t, "etc/ssl/certs/ca-certificates.crt", "", 0644);
	is(check(&b, "certificates"), FINDING_WARN, "", "ca-certificates");
	put_file(t, "etc/ssl/certs/ca-certificates.crt", "x", 0644);
	is(check(&b, "certificates"), FINDING_PASS, "ca-certificates.crt", NULL);

	is(check(&b, "state directory"), FINDING_PASS, b.f.state_root, NULL);
	assert_int_not_equal(access(at(t, "home/.local"), F_OK), 0); /* nothing was made */
	put_file(t, "home/.local", "a file", 0644);
	is(check(&b, "state directory"), FINDING_FAIL, "cannot be made", "XDG_STATE_HOME");

	is(check(&b, "project file"), FINDING_PASS, "none", NULL);
	put_file(t, "project/.claude-sandbox.json", "{}", 0644);
	is(check(&b, "project file"), FINDING_PASS, "only tighten", NULL);
}

static void kernel(void **state)
{
	struct tree *t = *state;
	struct bench b;

	bench_init(&b, t);
	assert_null(strstr(check(&b, "kernel").detail, "WSL2"));
	put_file(t, "proc/version", "Linux version 5.15-Microsoft-standard-WSL2 (gcc)\n", 0644);
	is(check(&b, "kernel"), FINDING_PASS, "WSL2", NULL);
	is(check(&b, "dev.tty.legacy_tiocsti"), FINDING_PASS, "allowed", NULL);
	put_file(t, "proc/sys/dev/tty/legacy_tiocsti", "0\n", 0644);
	is(check(&b, "dev.tty.legacy_tiocsti"), FINDING_PASS, "0:", NULL);
	is(check(&b, "landlock"), FINDING_PASS, "", NULL);
	is(check(&b, "user"), FINDING_PASS, "tess (1000)", NULL);
	b.f.uid = 0;
	is(check(&b, "user"), FINDING_WARN, "root", "ordinary user");
}

static void tools(void **state)
{
	static const char *const minimal[] = { "bash", "ls", "find", "grep",   "sed", "awk",
					       "git",  "rg", "jq",   "fdfind", "curl" };
	struct tree *t = *state;
	struct bench b;

	bench_init(&b, t);
	b.c.profile = PROFILE_MINIMAL;
	is(check(&b, "tools"), FINDING_WARN, "of profile minimal these are missing: bash ls find",
	   "sudo apt install bash coreutils findutils");
	for (size_t i = 0; i < N_ELEMENTS(minimal); i++)
		put_file(t, arena_printf(&t->arena, "usr/bin/%s", minimal[i]), "", 0755);
	is(check(&b, "tools"), FINDING_PASS, "all 11 of profile minimal", NULL);
	assert_int_equal(rename(at(t, "usr/bin/rg"), at(t, "home/rg")), 0);
	is(check(&b, "tools"), FINDING_WARN, "missing: rg", "apt install ripgrep");
	strv_add(&b.c.extra_path, "~");
	is(check(&b, "tools"), FINDING_PASS, "all 11", NULL);
	b.c.profile = PROFILE_FULL;
	is(check(&b, "tools"), FINDING_WARN, "of profile full these are missing: gcc", "docker.io");
}

static void limits(void **state)
{
	struct bench b;

	bench_init(&b, *state);
	b.f.limits = (struct limit_facts){ .way = LIMIT_WAY_SYSTEMD,
					   .controllers = 1U << LIMIT_MEMORY | 1U << LIMIT_PIDS |
							  1U << LIMIT_CPU };
	is(check(&b, "limits"), FINDING_PASS, "systemd scope: memory, processes, processors", NULL);
	b.f.limits.controllers = 1U << LIMIT_MEMORY | 1U << LIMIT_PIDS;
	is(check(&b, "limits"), FINDING_WARN, "not held: processors", "Delegate=cpu");
	b.f.limits = (struct limit_facts){ .why_not = "no groups" };
	is(check(&b, "limits"), FINDING_WARN, "no groups; those of processes can", "enable-linger");
	b.f.uid = 0;
	is(check(&b, "limits"), FINDING_WARN, "nor can those of processes", "container");
}

static size_t count(const char *text, const char *word)
{
	size_t n = 0;

	for (const char *found = strstr(text, word); found; found = strstr(found + 1, word))
		n++;
	return n;
}

/* On this host, whatever it is: one line per check, and a remedy for all that is not as it should be. */
static void whole_run(void **state)
{
	struct tree *t = *state;
	auto_buf struct buf out = BUF_INIT((size_t)1 << 20);
	unsigned n_failed = 99;
	struct bench b;
	size_t n = 0;

	bench_init(&b, t);
	doctor_run(&b.f, &b.c, false, &out, &n_failed);
	while (doctor_checks[n].name)
		n++;
	assert_int_equal(count(buf_text(&out), "[PASS]") + count(buf_text(&out), "[FAIL]") +
				 count(buf_text(&out), "[WARN]"),
			 n);
	assert_int_equal(count(buf_text(&out), "[FAIL]"), n_failed);
	assert_int_equal(count(buf_text(&out), "\n       remedy: "),
			 count(buf_text(&out), "[FAIL]") + count(buf_text(&out), "[WARN]"));
	assert_true(n_failed >= 1); /* this one has no init */
	assert_non_null(strstr(buf_text(&out), arena_printf(&t->arena, ", %u failed, ", n_failed)));
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		TEST(init_program), TEST(agent),  TEST(places),    TEST(kernel),
		TEST(tools),        TEST(limits), TEST(whole_run),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
