/* SPDX-License-Identifier: Apache-2.0 */
/*
 * The launcher: parse, probe, build, render, then print or run. Errors travel up as values and are
 * printed here, once, as one sentence; the exit status is the payload's, 1 for what we refuse,
 * 125 for a sandbox that could not be set up.
 */
#include <errno.h>
#include <fcntl.h>
#include <linux/close_range.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/random.h>
#include <sys/resource.h>
#include <unistd.h>

#include "base/auto.h"
#include "base/io.h"
#include "base/path.h"
#include "host/doctor.h"
#include "host/probe.h"
#include "launch/launch.h"
#include "plan/plan.h"
#include "run/run.h"
#include "run/seccomp.h"
#include "run/stdio.h"
#include "run/walls.h"
#include "spec/spec.h"

void say(const char *sentence)
{
	auto_buf struct buf b = BUF_INIT((size_t)4 * ERR_MSG_MAX);

	buf_visible(&b, sentence);
	(void)fprintf(stderr, "claude-sandbox: %s\n", buf_text(&b));
}

int fail(const struct err *e, int status)
{
	say(e->msg);
	return status;
}

int print(const struct buf *b)
{
	struct err e;

	if (io_write_all(STDOUT_FILENO, buf_text(b), b->len, &e) == 0)
		return 0;
	return e.code == -EPIPE ? 0 : fail(&e, EXIT_REFUSED);
}

/* Whatever the caller left open stays outside: 0 to 2 exist, nothing above survives an exec. */
static int tidy_descriptors(void)
{
	int fd;

	do
		fd = open("/dev/null", O_RDWR);
	while (fd >= 0 && fd < 3);
	if (fd < 0)
		return -errno;
	(void)close(fd);
	return close_range(3, ~0U, CLOSE_RANGE_CLOEXEC) < 0 ? -errno : 0;
}

/* The program under its other two names is the same program with another backend. */
static void backend_from_name(const char *argv0, struct config *options, struct field_mask *set)
{
	static const struct {
		const char *name;
		enum backend backend;
	} names[] = {
		{ "claude-sandbox-container", BACKEND_CONTAINER },
		{ "claude-sandbox-vm", BACKEND_VM },
	};

	for (size_t i = 0; argv0 && i < N_ELEMENTS(names); i++) {
		if (strcmp(path_base(argv0), names[i].name) != 0)
			continue;
		options->backend = names[i].backend;
		field_mask_put(set,
			       field_index(config_fields, field_find(config_fields, "backend")),
			       true);
	}
}

static int parse_options(struct launch *l, int argc, char *argv[], struct err *e)
{
	int next;
	int r;

	config_init(&l->options, l->arena);
	backend_from_name(argv[0], &l->options, &l->options_set);
	r = field_parse_args(config_fields, &l->options, &l->options_set, argc, argv, l->arena,
			     &next, &l->dashes, e);
	if (r < 0)
		return r;
	l->argv = argv;
	l->n_options = next;
	l->words = argv + next;
	l->n_words = argc - next;
	return 0;
}

static int print_help(void)
{
	auto_buf struct buf b = BUF_INIT(OUTPUT_MAX);

	buf_puts(&b,
		 "Usage: claude-sandbox [OPTIONS] [PROJECT_DIR] [AGENT ARGS...] [-- COMMAND...]\n\n"
		 "Runs a coding agent on PROJECT_DIR (default: .) in a sandbox that it cannot "
		 "leave.\n"
		 "Options come before the directory; the words after it go to the agent. After --, "
		 "a\n"
		 "first word that starts with '-' means arguments for the agent, anything else is "
		 "a\n"
		 "command that replaces it.\n");
	field_help(config_fields, &b);
	words_help(&b);
	buf_puts(&b, "\nExit status: the payload's (128 + n for signal n); 1 usage or refused, 125 "
		     "the sandbox\n"
		     "could not be set up, 126 and 127 as a shell.\n");
	return print(&b);
}

static int print_syscalls(const struct launch *l)
{
	auto_buf struct buf b = BUF_INIT(OUTPUT_MAX);
	struct strv names = STRV_INIT(l->arena);

	seccomp_names(l->arena, &names);
	buf_puts(&b, "Available syscall names:\n");
	for (size_t i = 0; i < names.n; i++)
		buf_addf(&b, "  %s%s\n", names.items[i],
			 seccomp_refuses(SECCOMP_TRACE, names.items[i]) ? " [blocked by default]"
									: "");
	return print(&b);
}

int load_config(struct launch *l, const char *dir, struct err *e)
{
	int r = probe_project(&l->facts, dir, l->arena, e);

	if (r == 0)
		r = probe_config_layers(&l->facts, &l->options, l->arena, l->layers, MAX_LAYERS - 1,
					&l->n_layers, e);
	if (r < 0)
		return r;
	l->layers[l->n_layers++] = (struct config_layer){ .origin = "option",
							  .values = l->options,
							  .set = l->options_set };
	return config_merge(l->layers, l->n_layers, l->arena, &l->config, e);
}

static int configure(struct launch *l, struct err *e)
{
	int r = cmdline_split(&l->options, l->words, l->n_words, l->dashes, l->arena, &l->cmdline,
			      e);

	if (r == 0)
		r = load_config(l, l->cmdline.project, e);
	return r < 0 ? r : probe_config(&l->facts, &l->config.config, l->arena, e);
}

static int run_doctor(const struct launch *l)
{
	auto_buf struct buf b = BUF_INIT(OUTPUT_MAX);
	unsigned failed = 0;

	doctor_run(&l->facts, &l->config.config, l->config.config.json, &b, &failed);
	return print(&b) != 0 || failed > 0 ? EXIT_REFUSED : 0;
}

static int build(struct launch *l, struct err *e)
{
	int r = plan_check_backend(&l->config.config, e);

	if (r == 0)
		r = spec_build(&l->config, &l->facts, &l->cmdline, l->arena, &l->spec, e);

	return r < 0 ? r : plan_render(&l->spec, &l->facts, l->arena, &l->plan, e);
}

static int explain(const struct launch *l)
{
	auto_buf struct buf b = BUF_INIT(OUTPUT_MAX);

	if (l->config.config.json)
		spec_print_json(&l->spec, &l->config, &b);
	else
		spec_print(&l->spec, &l->config, &b);
	return print(&b);
}

static int dry_run(const struct launch *l)
{
	auto_buf struct buf b = BUF_INIT(OUTPUT_MAX);
	void *walls = NULL;
	size_t size = 0;
	struct err e;

	if (l->spec.review.dir && err_set(&e, ENOTSUP,
					  "--dry-run cannot print the layer of --review, which no "
					  "program mounts but this one; see --explain") < 0)
		return fail(&e, EXIT_REFUSED);
	if (walls_pack(&l->spec, true, l->arena, &walls, &size, &e) < 0)
		return fail(&e, EXIT_REFUSED);
	if (l->config.config.json)
		plan_print_json(&l->plan, &b);
	else
		plan_print(&l->plan, walls, size, &b);
	return print(&b);
}

/* A shell that sees us die of ^C's signal ends its loop and its line; a 130 would not tell it. */
static int die_of(int sig)
{
	const struct rlimit no_core = { 0, 0 };
	sigset_t set;

	(void)setrlimit(RLIMIT_CORE, &no_core);
	(void)signal(sig, SIG_DFL);
	sigemptyset(&set);
	(void)sigaddset(&set, sig);
	(void)sigprocmask(SIG_UNBLOCK, &set, NULL);
	(void)raise(sig);
	return 128 + sig;
}

int finish(const struct launch *l, int r, int status, const struct err *e)
{
	const char *remedy;

	if (r == RUN_NOT_EXECUTED)
		return fail(e, status);
	if (r == RUN_REFUSED)
		return fail(e, EXIT_REFUSED);
	if (r == 0)
		return status < 0 ? die_of(-status) : status;
	remedy = doctor_userns_remedy(l->arena);
	if (!remedy)
		return fail(e, EXIT_SETUP);
	say(remedy);
	return EXIT_SETUP;
}

/* A separate sandbox has a name that nobody derives from the project. */
static const char *sandbox_name(const struct launch *l)
{
	unsigned number = 0;

	if (!l->config.config.new_sandbox)
		return l->spec.name;
	while (number == 0)
		if (getrandom(&number, sizeof(number), 0) < 0)
			number = 0;
	return arena_printf(l->arena, "%s.%08x", l->spec.name, number);
}

static int start(struct launch *l)
{
	auto_registry struct registry registry = REGISTRY_NONE;
	const struct config *c = &l->config.config;
	struct run_how how = { .registry = &registry,
			       .detach = c->detach,
			       .lingers = c->tmux,
			       .raw = c->terminal == TERMINAL_RAW,
			       .env = &l->facts.env,
			       .limits = &l->facts.limits,
			       .say = say };
	int status = 0;
	struct err e;
	int r;

	tell_record(l->spec.state);
	for (size_t i = 0; i < l->spec.notes.n; i++)
		say(arena_printf(l->arena, "note: %s", l->spec.notes.items[i]));
	if (c->verbose) {
		auto_buf struct buf b = BUF_INIT(OUTPUT_MAX);

		spec_print(&l->spec, &l->config, &b);
		(void)fputs(buf_text(&b), stderr);
	}
	how.name = sandbox_name(l);
	if (stdio_check(&e) < 0)
		return fail(&e, EXIT_REFUSED);
	if (registry_open(l->facts.runtime_root, true, &registry, &e) < 0)
		return fail(&e, EXIT_SETUP);
	r = run_plan(&l->plan, &how, &status, &e);
	if (r == 0 && status == 0 && c->detach)
		return puts(how.name) < 0;
	return finish(l, r, status, &e);
}

static int launch(struct launch *l, int argc, char *argv[], char *envp[])
{
	struct err e = { 0 };

	if (parse_options(l, argc, argv, &e) < 0)
		return fail(&e, EXIT_REFUSED);
	if (l->options.help)
		return print_help();
	if (l->options.version)
		return puts("claude-sandbox " CSB_VERSION) < 0;
	if (l->options.list_syscalls)
		return print_syscalls(l);
	if (probe_host(envp, l->arena, &l->facts, &e) < 0)
		return fail(&e, EXIT_REFUSED);
	if (verb_is_asked(&l->options))
		return verb_run(l);
	if (word_is_given(l))
		return word_run(l);
	if (configure(l, &e) < 0)
		return fail(&e, EXIT_REFUSED);
	if (l->config.config.test)
		return run_doctor(l);
	if ((l->config.config.security_test && security_test_command(l, &e) < 0) ||
	    build(l, &e) < 0)
		return fail(&e, EXIT_REFUSED);
	if (l->config.config.explain)
		return explain(l);
	if (l->config.config.dry_run)
		return dry_run(l);
	if (l->config.config.security_test)
		return security_test(l);
	return start(l);
}

int main(int argc, char *argv[], char *envp[])
{
	auto_arena struct arena arena = ARENA_INIT;
	struct launch l = { .arena = &arena };

	(void)signal(SIGCHLD,
		     SIG_DFL); /* ignored, as some callers leave it, nothing can be waited for */
	if (tidy_descriptors() < 0) {
		perror("claude-sandbox: /dev/null");
		return EXIT_SETUP;
	}
	return launch(&l, argc, argv, envp);
}
