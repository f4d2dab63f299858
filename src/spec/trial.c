/* SPDX-License-Identifier: Apache-2.0 */
#include "spec/trial.h"

#include <string.h>

#include "base/path.h"

#define DONE "DONE"
#define REFUSED "REFUSED "

/* NULL: this host has no such thing. */
static const char *argument(const char *arg, bool inside, const struct facts *f,
			    const struct strv *ground, struct arena *a)
{
	if (arg[0] != '@')
		return arg;
	if (strncmp(arg, "@home/", 6) == 0)
		return path_join(a, f->home, arg + 6);
	if (strcmp(arg, "@machine_id") == 0)
		return f->machine_id;
	if (strcmp(arg, "@project") == 0)
		return f->project;
	if (strcmp(arg, "@init") == 0)
		return inside ? "1" : env_get(ground, "pid");
	return env_get(ground, arg + 1);
}

static bool is_passed(const struct spec *s, const char *name)
{
	for (size_t i = 0; i < s->n_env; i++)
		if (strcmp(s->env[i].name, name) == 0)
			return true;
	return false;
}

struct filling {
	const struct spec *spec;
	const struct facts *facts;
	const struct strv *ground;
	struct arena *arena;
};

/* NULL, with *ret_why, if there is nothing to be tried. */
static const char *line_of(const struct filling *in, const struct promise *p, bool inside,
			   const char **ret_why)
{
	struct arena *a = in->arena;
	size_t n = 0;
	const char *line =
		arena_printf(a, "%s\t%s\t%s", p->id,
			     p->in_namespace && !inside ? "namespace" : "plain", p->probe);

	for (; n < PROMISE_ARGS && p->args[n]; n++) {
		const char *arg = argument(p->args[n], inside, in->facts, in->ground, a);

		if (!arg || strpbrk(arg, "\t\n")) {
			*ret_why = arg ? "its name has a tab or a line break"
				       : "this host has no such thing, or it could not be made";
			return NULL;
		}
		if (n == 0 && (*ret_why = promise_waived(p, in->spec, arg)))
			return NULL;
		if (p->when != WHEN_NOT_PASSED || !is_passed(in->spec, arg))
			line = arena_printf(a, "%s\t%s", line, arg);
	}
	*ret_why = n == 0 ? promise_waived(p, in->spec, NULL) : NULL;
	return *ret_why ? NULL : line;
}

void trials_init(const struct spec *s, const struct facts *f, const struct strv *ground,
		 struct arena *a, struct trials *ret)
{
	const struct filling in = { .spec = s, .facts = f, .ground = ground, .arena = a };

	*ret = (struct trials){ 0 };
	for (const struct promise *p = promises; p->id; p++) {
		struct trial t = { .promise = p, .answer = TRIAL_NOT_TRIED };

		t.outside_line = line_of(&in, p, false, &t.why);
		if (t.outside_line)
			t.inside_line = line_of(&in, p, true, &t.why);
		ret->items = arena_grow(a, ret->items, ret->n, sizeof(*ret->items));
		ret->items[ret->n++] = t;
	}
}

static bool is_done(const char *answer)
{
	return answer && strcmp(answer, DONE) == 0;
}

static bool is_asked(const struct trial *t, bool inside)
{
	return t->outside_line && (!inside || is_done(t->outside));
}

void trials_batch(const struct trials *t, bool inside, struct buf *b)
{
	for (size_t i = 0; i < t->n; i++) {
		const struct trial *trial = &t->items[i];

		if (is_asked(trial, inside))
			buf_addf(b, "%s\n", inside ? trial->inside_line : trial->outside_line);
	}
}

static struct trial *find(const struct trials *t, const char *id, size_t len)
{
	for (size_t i = 0; i < t->n; i++)
		if (strlen(t->items[i].promise->id) == len &&
		    memcmp(t->items[i].promise->id, id, len) == 0)
			return &t->items[i];
	return NULL;
}

size_t trials_read(struct trials *t, bool inside, const char *text, struct arena *a)
{
	size_t unanswered = 0;

	for (const char *line = text; *line;) {
		size_t len = strcspn(line, "\n");
		size_t id = strcspn(line, "\t\n");
		struct trial *trial = id < len ? find(t, line, id) : NULL;

		if (trial)
			*(inside ? &trial->inside : &trial->outside) =
				arena_strndup(a, line + id + 1, len - id - 1);
		line += len + (line[len] == '\n');
	}
	for (size_t i = 0; i < t->n; i++) {
		const struct trial *trial = &t->items[i];

		unanswered += is_asked(trial, inside) && !(inside ? trial->inside : trial->outside);
	}
	return unanswered;
}

/* Whether @answer is "REFUSED " and one of the words that the promise expects. */
static bool is_expected(const char *expected, const char *answer)
{
	if (strncmp(answer, REFUSED, strlen(REFUSED)) != 0)
		return false;
	answer += strlen(REFUSED);
	for (const char *word = expected;;) {
		size_t len = strcspn(word, "|");

		if (strlen(answer) == len && memcmp(word, answer, len) == 0)
			return true;
		if (!word[len])
			return false;
		word += len + 1;
	}
}

static const char *not_tried(const struct trial *t, struct arena *a)
{
	bool is_path = t->promise->when == WHEN_HIDDEN || t->promise->when == WHEN_UNWRITABLE;

	if (!t->outside)
		return "no answer from outside";
	if (is_path && strcmp(t->outside, REFUSED "ENOENT") == 0)
		return "this host has no such file";
	return arena_printf(a, "it does not work outside either: %s", t->outside);
}

static bool connects(const struct promise *p)
{
	return p->when == WHEN_NO_NETWORK || p->when == WHEN_NO_ABSTRACT ||
	       strcmp(p->id, "unix-socket") == 0;
}

/* Something outside was touched, although the probe was told otherwise. */
static const char *seen_on_host(const struct promise *p, const struct trial_host *host)
{
	if (host->is_victim_gone && strcmp(p->id, "signal-host") == 0)
		return "the process on the host that was to stay alive has ended";
	if (host->is_reached && connects(p))
		return "it was refused, and yet a listener on the host was reached";
	return NULL;
}

static void judge(struct trial *t, const struct trial_host *host, struct arena *a)
{
	const struct promise *p = t->promise;

	if (!t->outside_line)
		return; /* judged when it was filled in */
	if (!is_done(t->outside)) {
		t->why = not_tried(t, a);
		return;
	}
	t->answer = TRIAL_FELL;
	if (!t->inside)
		t->why = "no answer from inside";
	else if (is_done(t->inside))
		t->why = "it works inside";
	else if (!is_expected(p->expected, t->inside))
		t->why = arena_printf(a, "it was to be refused with %s, and the answer was: %s",
				      p->expected, t->inside);
	else if (!(t->why = seen_on_host(p, host)))
		t->answer = TRIAL_HELD;
}

void trials_judge(struct trials *t, const struct trial_host *host, struct arena *a)
{
	struct trial_host unexplained = *host;

	/* A connection that an attack has told of needs no other culprit. */
	for (size_t i = 0; i < t->n; i++)
		if (connects(t->items[i].promise) && is_done(t->items[i].inside))
			unexplained.is_reached = false;
	for (size_t i = 0; i < t->n; i++)
		judge(&t->items[i], &unexplained, a);
}

size_t trials_count(const struct trials *t, enum trial_answer answer)
{
	size_t n = 0;

	for (size_t i = 0; i < t->n; i++)
		n += t->items[i].answer == answer;
	return n;
}

void trials_print(const struct trials *t, struct buf *b)
{
	static const char *const words[N_TRIAL_ANSWERS] = {
		[TRIAL_HELD] = "HELD",
		[TRIAL_FELL] = "FELL",
		[TRIAL_NOT_TRIED] = "NOT TRIED",
	};
	const char *group = "";

	for (size_t i = 0; i < t->n; i++) {
		const struct trial *trial = &t->items[i];

		if (strcmp(group, trial->promise->group) != 0)
			buf_addf(b, "%s%s\n", i ? "\n" : "", trial->promise->group);
		group = trial->promise->group;
		buf_addf(b, "  %-9s  %s", words[trial->answer], trial->promise->text);
		if (trial->why)
			buf_puts(b, " (");
		if (trial->why)
			buf_visible(b, trial->why);
		buf_puts(b, trial->why ? ")\n" : "\n");
	}
	buf_addf(b, "\n%zu promises: %zu held, %zu fell, %zu not tried\n", t->n,
		 trials_count(t, TRIAL_HELD), trials_count(t, TRIAL_FELL),
		 trials_count(t, TRIAL_NOT_TRIED));
}

static void member(struct buf *b, const char *key, const char *value)
{
	buf_addf(b, ", \"%s\": ", key);
	if (value)
		buf_json(b, value);
	else
		buf_puts(b, "null");
}

void trials_print_json(const struct trials *t, struct buf *b)
{
	static const char *const words[N_TRIAL_ANSWERS] = {
		[TRIAL_HELD] = "held",
		[TRIAL_FELL] = "fell",
		[TRIAL_NOT_TRIED] = "not_tried",
	};

	buf_addf(b, "{\n  \"held\": %zu, \"fell\": %zu, \"not_tried\": %zu,\n  \"promises\": [",
		 trials_count(t, TRIAL_HELD), trials_count(t, TRIAL_FELL),
		 trials_count(t, TRIAL_NOT_TRIED));
	for (size_t i = 0; i < t->n; i++) {
		const struct trial *trial = &t->items[i];

		buf_puts(b, i ? ",\n    { \"id\": " : "\n    { \"id\": ");
		buf_json(b, trial->promise->id);
		member(b, "group", trial->promise->group);
		member(b, "promise", trial->promise->text);
		member(b, "answer", words[trial->answer]);
		member(b, "outside", trial->outside);
		member(b, "inside", trial->inside);
		member(b, "why", trial->why);
		buf_puts(b, " }");
	}
	buf_puts(b, "\n  ]\n}\n");
}
