/* SPDX-License-Identifier: Apache-2.0 */
/*
 * --security-test: each promise of the spec is attacked (src/probe), first outside, where the attack must
 * work, then in a sandbox that our own program starts with the caller's own options. Nothing is stubbed:
 * what the payload meets there is what the agent would meet. The attacks change nothing; what they look
 * for on the host is made by ourselves and goes with us.
 */
#include <errno.h>
#include <fcntl.h>
#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/random.h>
#include <sys/stat.h>
#include <unistd.h>

#include "base/auto.h"
#include "base/io.h"
#include "base/path.h"
#include "base/proc.h"
#include "launch/ground.h"
#include "launch/launch.h"
#include "spec/trial.h"

#define STRAY_FD 9 /* a directory that the caller "forgot" */
#define TIMEOUT_MS 120000
#define BATCH_MAX ((size_t)60 << 10) /* less than a pipe holds */

struct test {
	struct launch *launch;
	struct arena *arena;
	const char *probe;
	struct strv env;
	struct ground ground;
	int stray;
	struct trials trials;
};

int security_test_command(struct launch *l, struct err *e)
{
	const char *dir = l->facts.init ? path_parent(l->arena, l->facts.init) : NULL;
	const char *probe = dir ? path_join(l->arena, dir, "probe") : NULL;

	if (l->cmdline.command.n || l->cmdline.agent_args.n)
		return err_set(e, EINVAL,
			       "--security-test starts a program of its own in the sandbox; leave "
			       "out the words after the directory");
	if (!probe || access(probe, X_OK) < 0)
		return err_set(e, ENOENT,
			       "our own program libexec/claude-sandbox/probe is missing; build or "
			       "install claude-sandbox again, in its source directory with: "
			       "./dev build");
	strv_add(&l->cmdline.command, probe, "--batch");
	return 0;
}

/* A place for what is to be out of sight: not one that the settings show. */
static const char *place(const struct launch *l)
{
	const char *asked = env_get(&l->facts.env, "TMPDIR");
	struct stat st;

	if (asked && asked[0] == '/' && stat(asked, &st) == 0 && S_ISDIR(st.st_mode) &&
	    !spec_shows(&l->spec, asked))
		return asked;
	return "/tmp";
}

/* The caller's, and a harmless value for each variable that must not get in and is not set. */
static struct strv canary_env(const struct launch *l)
{
	struct strv env = STRV_INIT(l->arena);

	strv_addn(&env, l->facts.env.items, l->facts.env.n);
	for (const struct promise *p = promises; p->id; p++)
		for (size_t i = 0; p->when == WHEN_NOT_PASSED && p->args[i]; i++)
			if (!env_get(&env, p->args[i]))
				env_set(&env, p->args[i], "/nonexistent");
	return env;
}

static bool takes_next(const char *word, struct arena *a)
{
	for (const struct field *row = config_fields; row->name; row++)
		if (!(row->flags & FIELD_NO_OPTION) && row->type != FIELD_BOOL &&
		    strcmp(word, arena_printf(a, "--%s", field_option(row, a))) == 0)
			return true;
	return false;
}

/* The caller's own words, without those that ask for this test. */
static void add_options(const struct launch *l, struct strv *argv)
{
	for (int i = 1; i < l->n_options; i++) {
		const char *word = l->argv[i];

		if (strcmp(word, "--security-test") == 0 || strcmp(word, "--json") == 0 ||
		    strcmp(word, "--") == 0)
			continue;
		strv_add(argv, word);
		if (takes_next(word, l->arena) && i + 1 < l->n_options) {
			i++;
			strv_add(argv, l->argv[i]);
		}
	}
}

static struct strv inside_argv(const struct test *t)
{
	const struct launch *l = t->launch;
	struct strv argv = STRV_INIT(t->arena);

	strv_add(&argv, l->facts.exe);
	add_options(l, &argv);
	strv_add(&argv, "--new", "--exec");
	if (!spec_shows(&l->spec, t->probe))
		strv_add(&argv, "--extra-ro", t->probe);
	strv_add(&argv, l->facts.project, t->probe, "--batch");
	return argv;
}

/* All of @b waits in the pipe before anybody reads: a pipe holds 64 KiB. */
static int pipe_with(const struct buf *b, int *ret_fd, struct err *e)
{
	auto_fd int in = -1;
	auto_fd int out = -1;
	int ends[2];
	int r;

	if (buf_full(b))
		return err_set(e, E2BIG, "the attacks of the self test are too long for a pipe");
	if (pipe2(ends, O_CLOEXEC) < 0)
		return err_sys(e, "cannot make a pipe");
	out = ends[0];
	in = ends[1];
	r = io_write_all(in, buf_text(b), b->len, e);
	if (r == 0)
		*ret_fd = take_fd(&out);
	return r;
}

/* The probe's answers outside or inside; *ret_status is what the program ended with. */
static int run_batch(struct test *t, const struct strv *argv, bool inside, int *ret_status,
		     struct err *e)
{
	auto_buf struct buf lines = BUF_INIT(BATCH_MAX);
	auto_free char *text = NULL;
	auto_fd int in = -1;
	size_t unanswered;
	int r;

	trials_batch(&t->trials, inside, &lines);
	r = pipe_with(&lines, &in, e);
	if (r < 0)
		return r;
	{
		const struct proc_fd fds[] = { { in, STDIN_FILENO }, { t->stray, STRAY_FD } };
		const struct cmd cmd = { .argv = strv_argv(argv),
					 .envp = strv_argv(&t->env),
					 .fds = fds,
					 .n_fds = N_ELEMENTS(fds),
					 .die_with_parent = true };

		r = proc_output(&cmd, OUTPUT_MAX, TIMEOUT_MS, &text, ret_status, e);
	}
	if (r < 0)
		return r;
	unanswered = trials_read(&t->trials, inside, text, t->arena);
	text[strcspn(text, "\n")] = '\0';
	/* Inside, an attack without an answer has fallen; outside, nothing would be known of it. */
	if (!inside && *ret_status == 0 && unanswered > 0)
		return err_set(e, EIO, "the self test has no answer to %zu attacks outside: %s",
			       unanswered, text);
	if (*ret_status != 0)
		return err_set(e, EIO, "the self test could not be run %s (status %d): %s",
			       inside ? "inside" : "outside", *ret_status, text);
	return 0;
}

static int try_all(struct test *t, struct err *e)
{
	struct strv outside = STRV_INIT(t->arena);
	const struct strv inside = inside_argv(t);
	struct trial_host host = { 0 };
	long before, after;
	int status = 0;
	int r;

	strv_add(&outside, t->probe, "--batch");
	trials_init(&t->launch->spec, &t->launch->facts, &t->ground.values, t->arena, &t->trials);
	r = run_batch(t, &outside, false, &status, e);
	if (r < 0)
		return r;
	before = ground_connections(&t->ground);
	r = run_batch(t, &inside, true, &status, e);
	if (r < 0)
		return r;
	after = ground_connections(&t->ground);
	host.is_victim_gone = before < 0 || after < 0;
	host.is_reached = after > before;
	trials_judge(&t->trials, &host, t->arena);
	return 0;
}

static int report(const struct launch *l, const struct trials *t)
{
	auto_buf struct buf b = BUF_INIT(OUTPUT_MAX);

	if (l->config.config.json)
		trials_print_json(t, &b);
	else
		trials_print(t, &b);
	return print(&b) != 0 || trials_count(t, TRIAL_FELL) > 0 ? EXIT_REFUSED : 0;
}

static int prepare(struct launch *l, struct test *t, struct err *e)
{
	uint64_t number = 0;
	int r;

	t->probe = l->cmdline.command.items[0];
	while (number == 0)
		if (getrandom(&number, sizeof(number), 0) != sizeof(number))
			number = 0;
	r = ground_start(t->probe, place(l), arena_printf(l->arena, "csb-%016" PRIx64, number),
			 l->arena, &t->ground, e);
	if (r < 0)
		return r;
	t->env = canary_env(l);
	t->stray = open(env_get(&t->ground.values, "dir"), O_RDONLY | O_DIRECTORY | O_CLOEXEC);
	return t->stray < 0 ? err_sys(e, "cannot open what the self test has made") : 0;
}

int security_test(struct launch *l)
{
	struct test t = { .launch = l, .arena = l->arena, .ground = GROUND_NONE, .stray = -1 };
	struct err e;
	int r = prepare(l, &t, &e);

	if (r == 0)
		r = try_all(&t, &e);
	auto_fd_done(&t.stray);
	ground_done(&t.ground);
	if (r < 0)
		return fail(&e, r == -EINVAL ? EXIT_REFUSED : EXIT_SETUP);
	return report(l, &t.trials);
}
