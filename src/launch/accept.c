/* SPDX-License-Identifier: Apache-2.0 */
/*
 * claude-sandbox accept: a person lets a project's own .claude-sandbox.json have what it asks for beyond
 * tightening, after having seen it. What is stored is about the bytes that were read here, once.
 */
#include <errno.h>
#include <stdio.h>
#include <string.h>
#include <unistd.h>

#include "base/auto.h"
#include "base/io.h"
#include "base/path.h"
#include "host/probe.h"
#include "launch/launch.h"
#include "spec/accepted.h"
#include "spec/project.h"

/* The layers as a start has them, less what was accepted before: all that is asked for is shown. */
static int load(struct launch *l, const struct config_layer **ret_layer, struct err *e)
{
	int r = probe_config_layers(&l->facts, &l->options, l->arena, l->layers, MAX_LAYERS,
				    &l->n_layers, e);

	*ret_layer = NULL;
	for (size_t i = 0; r == 0 && i < l->n_layers; i++) {
		if (!l->layers[i].tighten_only)
			continue;
		l->layers[i].accepted = (struct field_mask){ 0 };
		*ret_layer = &l->layers[i];
	}
	return r < 0 ? r : config_merge(l->layers, l->n_layers, l->arena, &l->config, e);
}

/* A place that a project may not have is not to be had by way of its file either. */
static int check_places(struct launch *l, const struct config_layer *layer, struct err *e)
{
	struct config strict = layer->values;

	strict.allow_unsafe_project = false;
	for (size_t i = 0; i < layer->values.extra_bind.n; i++) {
		const char *path = path_expand_home(l->arena, l->facts.home,
						    layer->values.extra_bind.items[i]);
		const char *real = facts_path(&l->facts, path)->real;
		int r = project_check(&strict, &l->facts, "extra_bind", real ? real : path,
				      l->arena, e);

		if (r < 0)
			return r;
	}
	return 0;
}

/* What can be granted; the rest is named. */
static struct field_mask show(const struct launch *l, struct buf *b)
{
	struct field_mask granted = { 0 };
	size_t n = 0;

	buf_puts(b,
		 "The project's .claude-sandbox.json asks for more than your settings give it:\n");
	for (size_t i = 0; config_fields[i].name; i++) {
		bool may = accepted_may(&config_fields[i]);

		if (!field_mask_has(&l->config.refused_rows, i))
			continue;
		field_mask_put(&granted, i, may);
		buf_puts(b, "  ");
		buf_visible(b, l->config.refused.items[n++]);
		buf_puts(b, may ? "\n" : "  (never: put it into your own config file)\n");
	}
	return granted;
}

static bool agrees(void)
{
	char line[64];

	(void)fprintf(stderr, "Accept this, for exactly this file, from the next start on? [y/N] ");
	return fgets(line, sizeof(line), stdin) && (line[0] == 'y' || line[0] == 'Y');
}

static bool has_any(const struct field_mask *m)
{
	for (size_t i = 0; i < N_ELEMENTS(m->words); i++)
		if (m->words[i])
			return true;
	return false;
}

static int store(struct launch *l, const char *hash, const struct field_mask *granted,
		 struct err *e)
{
	const char *path = accepted_path(&l->facts, l->arena);
	auto_buf struct buf b = BUF_INIT(ACCEPTED_MAX);
	int r = io_mkdir_all(path_parent(l->arena, path), 0700, e);

	accepted_text(hash, granted, &b);
	return r < 0 ? r : io_write_file(path, buf_text(&b), b.len, 0600, e);
}

static int accept(struct launch *l, bool is_sure, struct err *e)
{
	const struct config_layer *layer = NULL;
	auto_buf struct buf b = BUF_INIT(OUTPUT_MAX);
	struct field_mask granted;
	int r = load(l, &layer, e);

	if (r == 0)
		r = probe_config(&l->facts, layer ? &layer->values : &l->config.config, l->arena,
				 e);
	if (r == 0 && layer)
		r = check_places(l, layer, e);
	if (r < 0)
		return r;
	if (!layer || l->config.refused.n == 0) {
		say("the project asks for nothing that would have to be accepted");
		return 0;
	}
	granted = show(l, &b);
	(void)fputs(buf_text(&b), stderr);
	if (!has_any(&granted))
		return err_set(e, EPERM, "nothing of this can be accepted");
	if (!is_sure && (!isatty(STDIN_FILENO) || !isatty(STDERR_FILENO)))
		return err_set(e, EPERM,
			       "nobody can be asked without a terminal; if you agree: "
			       "claude-sandbox accept --yes DIR");
	if (!is_sure && !agrees())
		return err_set(e, ECANCELED, "nothing was accepted");
	return store(l, layer->hash, &granted, e);
}

static int take_back(struct launch *l, struct err *e)
{
	const char *path = accepted_path(&l->facts, l->arena);

	if (unlink(path) < 0 && errno != ENOENT)
		return err_sys(e, "cannot remove %s", path);
	say("what the project's .claude-sandbox.json asks for is no longer accepted");
	return 0;
}

int word_accept(struct launch *l, int n, char *const words[])
{
	bool is_sure = n > 0 && strcmp(words[0], "--yes") == 0;
	bool revokes = n > 0 && strcmp(words[0], "--revoke") == 0;
	int first = is_sure || revokes;
	struct err e;
	int r = probe_project(&l->facts, n > first ? words[first] : ".", l->arena, &e);

	if (r == 0 && n > first + 1)
		r = err_set(&e, EINVAL,
			    "'%s' is too much: claude-sandbox accept [--yes | --revoke] [DIR]",
			    words[first + 1]);
	if (r == 0)
		r = revokes ? take_back(l, &e) : accept(l, is_sure, &e);
	return r < 0 ? fail(&e, EXIT_REFUSED) : 0;
}
