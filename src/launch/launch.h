/* SPDX-License-Identifier: Apache-2.0 */
/* What the launcher's files share. */
#pragma once

#include <stdbool.h>

#include "base/arena.h"
#include "base/buf.h"
#include "base/err.h"
#include "plan/plan.h"
#include "run/registry.h"
#include "spec/config.h"
#include "spec/facts.h"
#include "spec/spec.h"

#define EXIT_REFUSED 1
#define EXIT_SETUP 125
#define MAX_LAYERS 8
#define OUTPUT_MAX ((size_t)64 << 20)

struct launch {
	struct arena *arena;
	char *const *argv;  /* as we were called */
	int n_options;      /* argv up to the first word that is no option */
	char *const *words; /* after the options */
	int n_words;
	bool dashes;
	struct config_layer layers[MAX_LAYERS];
	size_t n_layers;
	struct config options;
	struct field_mask options_set;
	struct config_result config;
	struct cmdline cmdline;
	struct facts facts;
	struct spec spec;
	struct plan plan;
};

/* "claude-sandbox: " and the sentence, one line on stderr, whatever bytes it carries. */
void say(const char *sentence);

/* The same for an error of ours; returns @status. */
int fail(const struct err *e, int status);

/* To stdout; the exit status. */
int print(const struct buf *b);

/* The exit status for what run_plan() and its like answered. */
int finish(const struct launch *l, int r, int status, const struct err *e);

/* Into l->config: the settings that a start in @dir would have. */
int load_config(struct launch *l, const char *dir, struct err *e);

/* True if the first word is one of those that stand instead of a directory. */
bool word_is_given(const struct launch *l);

/* Does it; the exit status. */
int word_run(struct launch *l);

/* The word "promote" (promote.c). */
int promote_run(struct launch *l, int n, char *const words[]);

int word_review(struct launch *l, int n, char *const words[]);
int word_net(struct launch *l, int n, char *const words[]);
int word_accept(struct launch *l, int n, char *const words[]);
int word_bind(struct launch *l, int n, char *const words[]);
void words_help(struct buf *b);

/* "check [DIR] [restore PATH...]"; the exit status. */
int check_word(struct launch *l, int n, char *const words[]);

/* What sessions that have ended since left in their records, on stderr. */
void tell_record(const char *state);

/* True if the options ask for something about running sandboxes: --list, --stop, --enter, ... */
bool verb_is_asked(const struct config *options);

/* Does it; the exit status. The host has been probed, no config is read. */
int verb_run(struct launch *l);

/* The command of --security-test in place of the agent, which need not be installed for it. */
int security_test_command(struct launch *l, struct err *e);

/* --security-test; the exit status. The plan is built, nothing has been started. */
int security_test(struct launch *l);
