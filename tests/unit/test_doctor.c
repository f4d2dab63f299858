/* SPDX-License-Identifier: Apache-2.0 */
#include "host/doctor.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <sys/utsname.h>

#include <cmocka.h>

#include "host/doctor_parts.h"
#include "tree.h"

struct bench {
	struct facts f;
	struct config c;
	struct doctor d;
};

/* A doctor who looks at the tree instead of at "/". */
static void bench_init(struct bench *b, struct tree *t)
{
	*b = (struct bench){ .f = { .uid = 1000, .user = "tess", .env = STRV_INIT(&t->arena) } };
	config_init(&b->c, &t->arena);
	b->f.home = put_dir(t, "home");
	b->f.project = put_dir(t, "project");
	b->f.state_root = at(t, "home/.local/state/claude-sandbox");
	b->d = (struct doctor){ .f = &b->f,
				.c = &b->c,
				.a = &t->arena,
				.root = arena_printf(&t->arena, "%s/", t->root) };
}

static struct finding check(const struct bench *b, const char *name)
{
	for (const struct doctor_check *row = doctor_checks; row->name; row++)
		if (strcmp(row->name, name) == 0)
			return row->check(&b->d);
	fail_msg("there is no check '%s'", name);
	return finding_pass("");
}

static void is(struct finding got, enum finding_result result, const char *detail,
	       const char *remedy)
{
	if (got.result != result || !strstr(got.detail, detail))
		fail_msg("got %d \"%s\", want %d with \"%s\"", (int)got.result, got.detail,
			 (int)result, detail);
	if (result == FINDING_PASS)
		assert_null(got.remedy);
	else if (!got.remedy || !strstr(got.remedy, remedy))
		fail_msg("got remedy \"%s\", want \"%s\" in it", got.remedy ? got.remedy : "none",
			 remedy);
}

/* A program that says @line and ends with @status. */
static const char *put_program(struct tree *t, const char *name, const char *line, int status)
{
	return put_file(t, name,
			arena_printf(&t->arena, "#!/bin/sh\necho '%s'\nexit %d\n", line, status),
			0755);
}

static void text(void **state)
{
	const struct finding findings[] = {
		{ FINDING_PASS, "fine", NULL, "one" },
		{ FINDING_FAIL, "bad \x1b[1mword", "do this", "two" },
		{ FINDING_WARN, "hm", "do that", "three" },
	};
	auto_buf struct buf b = BUF_INIT(4096);

	(void)state;
	doctor_print(findings, 3, false, &b);
	assert_string_equal(buf_text(&b), "[PASS] one: fine\n"
					  "[FAIL] two: bad \\x1b[1mword\n"
					  "       remedy: do this\n"
					  "[WARN] three: hm\n"
					  "       remedy: do that\n"
					  "Results: 1 passed, 1 failed, 1 warnings\n");
}

static void json(void **state)
{
	const struct finding findings[] = {
		{ FINDING_PASS, "\"fine\"", NULL, "one" },
		{ FINDING_FAIL, "bad", "do this", "two" },
	};
	auto_buf struct buf b = BUF_INIT(4096);

	(void)state;
	doctor_print(findings, 2, true, &b);
	assert_string_equal(
		buf_text(&b),
		"{\"checks\":["
		"{\"name\":\"one\",\"result\":\"pass\",\"detail\":\"\\\"fine\\\"\",\"remedy\":null}"
		","
		"{\"name\":\"two\",\"result\":\"fail\",\"detail\":\"bad\",\"remedy\":\"do this\"}],"
		"\"passed\":1,\"failed\":1,\"warnings\":0}\n");
}

static void sysctls(void **state)
{
	struct tree *t = *state;

	assert_null(sysctl_read(t->root, "user/max_user_namespaces", &t->arena));
	put_file(t, "proc/sys/user/max_user_namespaces", "123\n", 0644);
	assert_string_equal(sysctl_read(t->root, "user/max_user_namespaces", &t->arena), "123");
}

static void why_no_userns(void **state)
{
	static const struct {
		const char *file, *bad, *good, *check;
		bool binds_root;
	} cases[] = {
		{ "proc/sys/user/max_user_namespaces", "0\n", "99\n", "user.max_user_namespaces",
		  true },
		{ "proc/sys/kernel/unprivileged_userns_clone", "0\n", "1\n",
		  "kernel.unprivileged_userns_clone", false },
		{ "proc/sys/kernel/apparmor_restrict_unprivileged_userns", "1\n", "0\n",
		  "kernel.apparmor_restrict_unprivileged_userns", false },
	};
	struct tree *t = *state;
	struct bench b;

	bench_init(&b, t);
	b.f.bwrap = "/usr/bin/bwrap";
	b.d.userns_error = "bwrap: no";
	for (size_t i = 0; i < N_ELEMENTS(cases); i++) {
		is(check(&b, cases[i].check), FINDING_PASS, "no such setting", NULL);
		put_file(t, cases[i].file, cases[i].bad, 0644);
		is(check(&b, "user namespaces"), FINDING_FAIL, cases[i].check, "sudo");
		is(check(&b, cases[i].check), FINDING_FAIL, cases[i].check, "sudo");
		b.f.uid = 0;
		is(check(&b, "user namespaces"), FINDING_FAIL,
		   cases[i].binds_root ? cases[i].check : "do not work here (bwrap: no)", "");
		b.f.uid = 1000;
		b.d.userns_error = NULL;
		is(check(&b, "user namespaces"), FINDING_PASS, "", NULL);
		is(check(&b, cases[i].check), FINDING_PASS, "does not bind", NULL);
		b.d.userns_error = "bwrap: no";
		put_file(t, cases[i].file, cases[i].good, 0644);
		is(check(&b, cases[i].check), FINDING_PASS, "", NULL);
	}
	is(check(&b, "user namespaces"), FINDING_FAIL, "do not work here (bwrap: no)", "container");
	is(check(&b, "isolation"), FINDING_WARN, "user namespaces do not work", "first");
}

static void userns_tried(void **state)
{
	struct tree *t = *state;

	assert_null(userns_try(NULL, &t->arena));
	assert_null(userns_try(put_program(t, "works", "", 0), &t->arena));
	assert_string_equal(
		userns_try(put_program(t, "fails", "bwrap: no permission", 1), &t->arena),
		"bwrap: no permission");
	assert_string_equal(userns_try(put_program(t, "mute", "", 3), &t->arena), "exit status 3");
	assert_non_null(strstr(userns_try(at(t, "absent"), &t->arena), "No such file"));
}

static void versions(void **state)
{
	static const struct {
		const char *says;
		enum finding_result result;
		const char *detail, *remedy;
	} cases[] = {
		{ "bubblewrap 0.4.1", FINDING_FAIL, "0.4.1 is too old", "newer" },
		{ "bubblewrap 0.8.0", FINDING_PASS, "CVE-2026-87766", NULL },
		{ "bubblewrap 0.10.0", FINDING_PASS, "CVE-2026-87766", NULL },
		{ "bubblewrap 0.12.0", FINDING_PASS, "0.12.0", NULL },
		{ "something else", FINDING_FAIL, "does not tell its version: something else",
		  "reinstall" },
	};
	struct tree *t = *state;
	struct bench b;

	bench_init(&b, t);
	is(check(&b, "bubblewrap version"), FINDING_WARN, "not tried", "apt install bubblewrap");
	for (size_t i = 0; i < N_ELEMENTS(cases); i++) {
		b.f.bwrap = put_program(t, "bwrap", cases[i].says, 0);
		is(check(&b, "bubblewrap version"), cases[i].result, cases[i].detail,
		   cases[i].remedy);
	}
	assert_null(strstr(check(&b, "bubblewrap version").detail, "CVE"));
	is(check(&b, "bubblewrap mode"), FINDING_PASS, "not setuid", NULL);
	assert_int_equal(chmod(b.f.bwrap, 04755), 0);
	is(check(&b, "bubblewrap mode"), FINDING_WARN, "CVE-2026-41163", "chmod ug-s");
	is(check(&b, "bubblewrap"), FINDING_PASS, b.f.bwrap, NULL);
}

static void isolation(void **state)
{
	struct tree *t = *state;
	struct bench b;

	bench_init(&b, t);
	b.f.bwrap = put_program(t, "bwrap", "bwrap: Unknown option --disable-userns", 1);
	is(check(&b, "isolation"), FINDING_FAIL, "Unknown option --disable-userns", "0.8.0");
	b.f.bwrap = put_program(t, "bwrap", "", 0);
	is(check(&b, "isolation"), FINDING_PASS, "", NULL);
}

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

#define TEST(name) cmocka_unit_test_setup_teardown(name, tree_enter, tree_leave)

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

static void put_modules(struct tree *t, const char *name, const char *text)
{
	struct utsname uts;

	assert_int_equal(uname(&uts), 0);
	put_file(t, arena_printf(&t->arena, "lib/modules/%s/modules.%s", uts.release, name), text,
		 0644);
}

static void packet_rules(void **state)
{
	struct bench b;

	bench_init(&b, *state);
	b.c.network = NETWORK_FILTERED;
	is(check(&b, "packet rules"), FINDING_PASS, "not known", NULL);
	put_modules(*state, "builtin",
		    "kernel/net/netfilter/nft_redir.ko\nkernel/net/netfilter/nft_reject_inet.ko\n");
	is(check(&b, "packet rules"), FINDING_FAIL, "no module nft_chain_nat", "linux-modules");
	b.c.network = NETWORK_HOST;
	is(check(&b, "packet rules"), FINDING_WARN,
	   "no module nft_chain_nat, so there is no --network filtered", "linux-modules");
	put_modules(*state, "dep", "kernel/net/netfilter/nft_chain_nat.ko.zst: kernel/net/x.ko\n");
	is(check(&b, "packet rules"), FINDING_PASS, "this kernel has them", NULL);
}

static void nat_device(void **state)
{
	struct bench b;

	bench_init(&b, *state);
	b.c.network = NETWORK_FILTERED;
	is(check(&b, "tun device"), FINDING_WARN,
	   "cannot be opened: No such file or directory, so there is no --network nat",
	   "modprobe tun");
	b.c.network = NETWORK_NAT;
	is(check(&b, "tun device"), FINDING_FAIL, "cannot be opened", "modprobe tun");
	put_file(*state, "dev/net/tun", "", 0600);
	is(check(&b, "tun device"), FINDING_PASS, "can be opened", NULL);
	b.f.pasta = "/usr/bin/pasta";
	is(check(&b, "pasta"), FINDING_PASS, "/usr/bin/pasta", NULL);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		TEST(text),         TEST(json),
		TEST(sysctls),      TEST(why_no_userns),
		TEST(userns_tried), TEST(versions),
		TEST(isolation),    TEST(init_program),
		TEST(packet_rules), TEST(nat_device),
		TEST(agent),        TEST(places),
		TEST(kernel),       TEST(tools),
		TEST(whole_run),    cmocka_unit_test_setup_teardown(limits, tree_enter, tree_leave),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
