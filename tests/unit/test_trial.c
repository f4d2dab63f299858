/* SPDX-License-Identifier: Apache-2.0 */
/* The promises of --security-test: each has an attack that may be tried anywhere, and is judged rightly. */
#include "spec/trial.h"

#include <limits.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <string.h>
#include <unistd.h>

#include <cmocka.h>

#include "base/auto.h"
#include "base/proc.h"

#define HOME "/home/ann"

static struct arena arena = ARENA_INIT;

static const struct facts ann = { .home = HOME, .project = HOME "/src", .machine_id = "0123" };

static struct strv ground_values(void)
{
	struct strv v = STRV_INIT(&arena);
	static const char *const names[] = { "pid",   "token", "node", "secret", "var_tmp",  "shm",
					     "dir",   "dev",   "ino",  "socket", "abstract", "port",
					     "port6", "key",   "ipc",  "queue" };

	for (size_t i = 0; i < N_ELEMENTS(names); i++)
		env_set(&v, names[i], arena_printf(&arena, "/ground/%s", names[i]));
	return v;
}

static struct trials trials_of(const struct spec *s)
{
	struct strv values = ground_values();
	struct trials t;

	trials_init(s, &ann, &values, &arena, &t);
	return t;
}

static struct trial *trial_of(const struct trials *t, const char *id)
{
	for (size_t i = 0; i < t->n; i++)
		if (strcmp(t->items[i].promise->id, id) == 0)
			return &t->items[i];
	fail_msg("no promise '%s'", id);
	return NULL;
}

static void ids_are_words_and_stand_once(void **state)
{
	size_t n = 0;

	(void)state;
	for (const struct promise *p = promises; p->id; p++, n++) {
		assert_int_equal(strspn(p->id, "abcdefghijklmnopqrstuvwxyz0123456789-"),
				 strlen(p->id));
		assert_true(p->group && p->text && p->expected);
		for (const struct promise *other = p + 1; other->id; other++)
			assert_string_not_equal(p->id, other->id);
	}
	assert_true(n >= 40);
}

/* By the probe of this build; started by hand it may not be there. */
static void every_attack_exists_and_is_inert(void **state)
{
	char exe[PATH_MAX] = "";
	const char *argv[] = { NULL, "--list", NULL };
	const char *const none[] = { NULL };
	auto_free char *text = NULL;
	int status;
	struct err e;

	(void)state;
	assert_true(readlink("/proc/self/exe", exe, sizeof(exe) - 1) > 0);
	*strrchr(exe, '/') = '\0';
	argv[0] = arena_printf(&arena, "%s/../../libexec/claude-sandbox/probe", exe);
	if (access(argv[0], X_OK) < 0) {
		print_message("no %s\n", argv[0]);
		skip();
	}
	assert_int_equal(proc_output(&(struct cmd){ .argv = argv, .envp = none }, 1 << 20, 10000,
				     &text, &status, &e),
			 0);
	for (const struct promise *p = promises; p->id; p++)
		if (!strstr(text, arena_printf(&arena, "\t%s\tinert\t", p->probe)))
			fail_msg("%s: the probe has no inert attack '%s'", p->id, p->probe);
}

static void everything_that_the_ground_tells_is_filled_in(void **state)
{
	struct mount project = { .kind = MOUNT_RW, .dst = HOME "/src", .is_guarded = true };
	const struct spec s = { .net.mode = NETWORK_NONE, .mounts = &project, .n_mounts = 1 };
	struct trials t = trials_of(&s);

	(void)state;
	for (size_t i = 0; i < t.n; i++) {
		if (!t.items[i].outside_line || !t.items[i].inside_line)
			fail_msg("%s: %s", t.items[i].promise->id, t.items[i].why);
		else
			assert_null(strchr(t.items[i].outside_line, '@'));
	}
	assert_string_equal(trial_of(&t, "home-rsa")->inside_line,
			    "home-rsa\tplain\tread-home\t" HOME "/.ssh/id_rsa");
	assert_string_equal(trial_of(&t, "init-mem")->outside_line,
			    "init-mem\tplain\tinit-mem\t/ground/pid");
	assert_string_equal(trial_of(&t, "init-mem")->inside_line, "init-mem\tplain\tinit-mem\t1");
	assert_string_equal(trial_of(&t, "fsopen")->outside_line, "fsopen\tnamespace\tfsopen\t/");
	assert_string_equal(trial_of(&t, "fsopen")->inside_line, "fsopen\tplain\tfsopen\t/");
}

static void what_the_spec_does_not_promise_is_not_tried(void **state)
{
	struct mount mounts[] = {
		{ MOUNT_RO, .dst = "/usr" },
		{ MOUNT_TMPFS, .dst = HOME "/.claude" },
		{ MOUNT_RW, .dst = HOME "/.claude/settings.json" },
		{ MOUNT_RO, .dst = HOME "/.ssh", .share = "ssh" },
		{ MOUNT_TMPFS, .dst = "/ground" },
		{ MOUNT_RO, .dst = "/ground/secret", .share = "extra_ro_binds" },
	};
	struct env_var env = { .name = "NPM_TOKEN" };
	struct spec s = { .net.mode = NETWORK_HOST,
			  .mounts = mounts,
			  .n_mounts = N_ELEMENTS(mounts),
			  .env = &env,
			  .n_env = 1 };
	static const char *const waived[] = { "home-rsa", "write-settings", "tmp",
					      "loopback", "loopback-6",     "abstract" };
	static const char *const made[] = { "home-aws", "write-usr", "var-tmp", "unix-socket" };
	struct trials t = trials_of(&s);

	(void)state;
	for (size_t i = 0; i < N_ELEMENTS(waived); i++) {
		struct trial *trial = trial_of(&t, waived[i]);

		if (waived[i][0] == 'l' || waived[i][0] == 'a')
			assert_string_equal(trial->why ? trial->why : "",
					    "the network is the host's");
		assert_null(trial->outside_line);
		assert_int_equal(trial->answer, TRIAL_NOT_TRIED);
	}
	for (size_t i = 0; i < N_ELEMENTS(made); i++)
		assert_non_null(trial_of(&t, made[i])->inside_line);
	/* A mount of the skeleton is no setting: that it shows something is a hole. */
	mounts[5].share = NULL;
	t = trials_of(&s);
	assert_non_null(trial_of(&t, "tmp")->inside_line);
	assert_null(strstr(trial_of(&t, "env-secrets")->inside_line, "NPM_TOKEN"));
	assert_non_null(strstr(trial_of(&t, "env-secrets")->inside_line, "PGPASSWORD"));
	s.landlock.scoped = 1;
	t = trials_of(&s);
	assert_non_null(trial_of(&t, "abstract")->inside_line);
}

static void answers_are_judged(void **state)
{
	static const struct {
		const char *outside, *inside;
		enum trial_answer answer;
	} rows[] = {
		{ "DONE", "REFUSED EPERM", TRIAL_HELD },
		{ "DONE", "DONE", TRIAL_FELL },
		{ "DONE", "REFUSED ENOENT", TRIAL_FELL },
		{ "DONE", "REFUSED EPERMX", TRIAL_FELL },
		{ "DONE", "REFUSED EPER", TRIAL_FELL },
		{ "DONE", "CANNOT no child", TRIAL_FELL },
		{ "DONE", NULL, TRIAL_FELL },
		{ "REFUSED EPERM", NULL, TRIAL_NOT_TRIED },
		{ "CANNOT no child", "DONE", TRIAL_NOT_TRIED },
	};
	const struct spec s = { .net.mode = NETWORK_NONE };

	(void)state;
	for (size_t i = 0; i < N_ELEMENTS(rows); i++) {
		struct trials t = trials_of(&s);
		struct trial *trial = trial_of(&t, "kcmp");

		trials_read(&t, false, arena_printf(&arena, "a note\nkcmp\t%s\n", rows[i].outside),
			    &arena);
		if (rows[i].inside)
			trials_read(&t, true, arena_printf(&arena, "kcmp\t%s", rows[i].inside),
				    &arena);
		trials_judge(&t, &(struct trial_host){ 0 }, &arena);
		if (trial->answer != rows[i].answer)
			fail_msg("row %zu: %d (%s)", i, (int)trial->answer, trial->why);
	}
}

static void what_was_seen_on_the_host_counts(void **state)
{
	const struct spec s = { .net.mode = NETWORK_NONE };
	struct trials t = trials_of(&s);

	(void)state;
	trials_read(&t, false, "signal-host\tDONE\nloopback\tDONE\n", &arena);
	assert_int_equal(trials_read(&t, true, "signal-host\tREFUSED ESRCH\n", &arena), 1);
	assert_int_equal(trials_read(&t, true, "loopback\tREFUSED ECONNREFUSED\n", &arena), 0);
	trials_judge(&t, &(struct trial_host){ .is_reached = true, .is_victim_gone = true },
		     &arena);
	assert_int_equal(trial_of(&t, "signal-host")->answer, TRIAL_FELL);
	assert_int_equal(trial_of(&t, "loopback")->answer, TRIAL_FELL);
	assert_int_equal(trials_count(&t, TRIAL_FELL), 2);

	t = trials_of(&s);
	trials_read(&t, false, "unix-socket\tDONE\nloopback\tDONE\n", &arena);
	trials_read(&t, true, "unix-socket\tDONE\nloopback\tREFUSED ECONNREFUSED\n", &arena);
	trials_judge(&t, &(struct trial_host){ .is_reached = true }, &arena);
	assert_int_equal(trial_of(&t, "unix-socket")->answer, TRIAL_FELL);
	assert_int_equal(trial_of(&t, "loopback")->answer, TRIAL_HELD);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(ids_are_words_and_stand_once),
		cmocka_unit_test(every_attack_exists_and_is_inert),
		cmocka_unit_test(everything_that_the_ground_tells_is_filled_in),
		cmocka_unit_test(what_the_spec_does_not_promise_is_not_tried),
		cmocka_unit_test(answers_are_judged),
		cmocka_unit_test(what_was_seen_on_the_host_counts),
	};
	int failed = cmocka_run_group_tests(tests, NULL, NULL);

	arena_done(&arena);
	return failed;
}
