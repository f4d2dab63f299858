/* SPDX-License-Identifier: Apache-2.0 */
/*
 * A plan as a command for bash, and as JSON.
 *
 * The command stands in a subshell, so that nothing of it stays in the shell it is pasted into.
 * Three things differ from the plan. Init runs without a launcher (--standalone). The environment
 * cannot come over the channel, so bwrap gets it, as options that it reads from a pipe (--args):
 * no value, and no secret, shows in any argv. The walls go by an unlinked file, since here-
 * strings hold no NUL bytes and init maps it.
 */
#include "plan/parts.h"

#include <stdbool.h>
#include <stdint.h>
#include <string.h>

#include "base/auto.h"

static void base64(struct buf *b, const void *data, size_t size)
{
	static const char digits[] = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz"
				     "0123456789+/";
	const uint8_t *bytes = data;

	for (size_t i = 0; i < size; i += 3) {
		size_t left = size - i;
		uint32_t three = (uint32_t)bytes[i] << 16 |
				 (left > 1 ? (uint32_t)bytes[i + 1] << 8 : 0) |
				 (left > 2 ? (uint32_t)bytes[i + 2] : 0);
		char four[4] = { digits[three >> 18], digits[three >> 12 & 63],
				 left > 1 ? digits[three >> 6 & 63] : '=',
				 left > 2 ? digits[three & 63] : '=' };

		buf_add(b, four, sizeof(four));
	}
}

/* Only a name that is one for bash too can be referred to; no agent needs another. */
static bool is_identifier(const char *name)
{
	static const char words[] = "_ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz"
				    "0123456789";

	return *name && (*name < '0' || *name > '9') && name[strspn(name, words)] == '\0';
}

/* The numbers after the plan's own data: bwrap's options by pipe, then the walls. */
static int last_number(const struct plan *p)
{
	int last = PLAN_FIRST_DATA_FD - 1;

	for (size_t i = 0; i < p->n_fds; i++)
		if (p->fds[i].number > last)
			last = p->fds[i].number;
	return last;
}

static void print_head(const struct plan *p, struct buf *b)
{
	size_t n = 0;

	buf_puts(b, "# For bash: the same sandbox without the launcher. The program gets this "
		    "terminal instead\n# of one of its own, and what it changes in copied "
		    "files is lost. The limits\n# of memory, processes and processors are the "
		    "launcher's work and not part of it.\n");
	for (size_t i = 0; i < p->spec->n_env; i++) {
		const struct env_var *v = &p->spec->env[i];

		if (v->secret && is_identifier(v->name))
			buf_addf(b, "%s %s", n++ ? "," : "# Taken from your environment:", v->name);
	}
	buf_puts(b, n ? ".\n(\n" : "(\n");
}

static void print_dirs(const struct spec *s, struct buf *b)
{
	for (size_t i = 0; i < s->n_dirs; i++) {
		buf_puts(b, "mkdir -p -m 0700 -- ");
		buf_shell(b, s->dirs[i].path);
		buf_puts(b, " &&\n");
	}
}

static void print_files(const struct spec *s, struct buf *b)
{
	for (size_t i = 0; i < s->n_files; i++) {
		buf_puts(b, "{ test -e ");
		buf_shell(b, s->files[i].path);
		buf_puts(b, " || printf %s ");
		buf_shell(b, s->files[i].text);
		buf_puts(b, " > ");
		buf_shell(b, s->files[i].path);
		buf_puts(b, "; } &&\n");
	}
}

static void print_walls(int number, const void *walls, size_t size, struct buf *b)
{
	if (!walls || size == 0)
		return;
	buf_puts(b, "walls=$(mktemp) && base64 -d > \"$walls\" <<< ");
	base64(b, walls, size);
	buf_addf(b, " &&\nexec %d< \"$walls\" && rm -f -- \"$walls\" &&\n", number);
}

/* An option and its operands share a line, and so do mode and size that go before. */
static void print_word(const struct strv *argv, size_t i, struct buf *b)
{
	bool is_option = strncmp(argv->items[i], "--", 2) == 0;
	bool goes_on = i > 2 && (strcmp(argv->items[i - 2], "--perms") == 0 ||
				 strcmp(argv->items[i - 2], "--size") == 0);

	buf_puts(b, is_option && !goes_on ? " \\\n  " : " ");
	buf_shell(b, argv->items[i]);
}

/*
 * The wrapper's words up to the mounts, with the two that the channel would have made good:
 * --clearenv becomes the options of the pipe, --chdir goes to the payload's directory.
 */
static void print_wrapper(const struct plan *p, int options, struct buf *b)
{
	bool env_done = false;
	bool cwd_done = false;

	buf_puts(b, "exec ");
	buf_shell(b, p->argv.items[0]);
	for (size_t i = 1; i < p->n_wrapper; i++) {
		const char *word = p->argv.items[i];

		if (!env_done && strcmp(word, "--clearenv") == 0) {
			buf_addf(b, " \\\n  --args %d", options);
			env_done = true;
		} else if (!cwd_done && strcmp(word, "--chdir") == 0 && i + 1 < p->n_wrapper) {
			print_word(&p->argv, i, b);
			buf_puts(b, " ");
			buf_shell(b, p->job.cwd);
			cwd_done = true;
			i++;
		} else {
			print_word(&p->argv, i, b);
		}
	}
}

static void print_init(const struct plan *p, int walls, struct buf *b)
{
	buf_puts(b, " ");
	buf_shell(b, p->argv.items[p->n_wrapper]);
	buf_addf(b, " --standalone %d --", walls);
	for (size_t i = 0; i < p->job.argv.n; i++) {
		buf_puts(b, " ");
		buf_shell(b, p->job.argv.items[i]);
	}
}

/* A here-string ends in a newline of its own. */
static void print_text(int number, const char *text, struct buf *b)
{
	size_t len = strlen(text);
	struct buf line = BUF_INIT(b->max);

	if (len == 0) {
		buf_addf(b, " \\\n  %d< /dev/null", number);
		return;
	}
	if (text[len - 1] == '\n') {
		buf_addf(b, " \\\n  %d<<< ", number);
		buf_add(&line, text, len - 1);
		buf_shell(b, buf_text(&line));
	} else {
		buf_addf(b, " \\\n  %d< <(printf %%s ", number);
		buf_shell(b, text);
		buf_puts(b, ")");
	}
	buf_done(&line);
}

/* ${NAME+..} adds no words if the caller has no such variable. */
static void print_environment(const struct spec *s, int number, struct buf *b)
{
	buf_addf(b, " \\\n  %d< <(printf '%%s\\0' --clearenv", number);
	for (size_t i = 0; i < s->n_env; i++) {
		const struct env_var *v = &s->env[i];

		if (v->secret && !is_identifier(v->name))
			continue;
		if (v->secret) {
			buf_addf(b, " \\\n    ${%s+--setenv %s \"$%s\"}", v->name, v->name,
				 v->name);
			continue;
		}
		buf_puts(b, " \\\n    --setenv ");
		buf_shell(b, v->name);
		buf_puts(b, " ");
		buf_shell(b, v->value);
	}
	buf_puts(b, ")");
}

static void print_fd(const struct plan_fd *fd, struct buf *b)
{
	switch (fd->kind) {
	case PLAN_FD_TEXT:
		print_text(fd->number, fd->text, b);
		return;
	case PLAN_FD_FILE:
		buf_addf(b, " \\\n  %d< ", fd->number);
		buf_shell(b, fd->path);
		return;
	case PLAN_FD_LOGIN:
		/* Nobody would renew it: what could, stays outside. */
		buf_addf(b,
			 " \\\n  %d< <(sed -E 's/(\"refreshToken\" *: *)\"[^\"]*\"/\\1\"\"/g' -- ",
			 fd->number);
		buf_shell(b, fd->path);
		buf_puts(b, ")");
		return;
	case PLAN_FD_COOKIE: /* whoever pastes this has no screen */
		buf_addf(b, " \\\n  %d< /dev/null", fd->number);
		return;
	case PLAN_FD_INFO:
		buf_addf(b, " \\\n  %d> /dev/null", fd->number);
		return;
	case PLAN_FD_CHANNEL:
	case PLAN_FD_GREETING:
	case PLAN_FD_SOURCE:
		return;
	}
}

void plan_print(const struct plan *p, const void *walls, size_t walls_size, struct buf *b)
{
	int options = last_number(p) + 1;

	if (p->starter.n > 0) {
		plan_print_container(p, b);
		return;
	}
	print_head(p, b);
	print_dirs(p->spec, b);
	print_files(p->spec, b);
	print_walls(options + 1, walls, walls_size, b);
	print_wrapper(p, options, b);
	print_init(p, options + 1, b);
	for (size_t i = 0; i < p->n_fds; i++)
		print_fd(&p->fds[i], b);
	print_environment(p->spec, options, b);
	buf_puts(b, "\n)\n");
}

static void json_words(struct buf *b, const char *key, const char *const *words, size_t n)
{
	buf_addf(b, "  \"%s\": [", key);
	for (size_t i = 0; i < n; i++) {
		buf_puts(b, i ? ", " : "");
		buf_json(b, words[i]);
	}
	buf_puts(b, "],\n");
}

static void json_fd(struct buf *b, const struct plan_fd *fd)
{
	buf_addf(b, "    { \"number\": %d, \"what\": ", fd->number);
	buf_json(b, fd->what);
	if (fd->kind == PLAN_FD_TEXT) {
		buf_puts(b, ", \"content_base64\": \"");
		base64(b, fd->text, strlen(fd->text));
		buf_puts(b, "\"");
	} else if (fd->kind == PLAN_FD_FILE || fd->kind == PLAN_FD_LOGIN ||
		   fd->kind == PLAN_FD_SOURCE) {
		buf_puts(b, ", \"path\": ");
		buf_json(b, fd->path);
	}
	buf_puts(b, " }");
}

static void json_env(struct buf *b, const struct spec *s)
{
	buf_puts(b, "  \"env\": {");
	for (size_t i = 0; i < s->n_env; i++) {
		buf_puts(b, i ? ",\n    " : "\n    ");
		buf_json(b, s->env[i].name);
		buf_puts(b, ": ");
		if (s->env[i].secret)
			buf_puts(b, "null");
		else
			buf_json(b, s->env[i].value);
	}
	buf_puts(b, s->n_env ? "\n  },\n" : "},\n");
}

void plan_print_json(const struct plan *p, struct buf *b)
{
	const char *const *argv = strv_argv(&p->argv);

	buf_puts(b, "{\n  \"backend\": ");
	buf_json(b, p->backend);
	buf_puts(b, ",\n");
	json_words(b, "argv", argv, p->argv.n);
	json_words(b, "wrapper_argv", argv, p->n_wrapper);
	buf_puts(b, "  \"fds\": [");
	for (size_t i = 0; i < p->n_fds; i++) {
		buf_puts(b, i ? ",\n" : "\n");
		json_fd(b, &p->fds[i]);
	}
	buf_puts(b, p->n_fds ? "\n  ],\n" : "],\n");
	json_env(b, p->spec);
	json_words(b, "command", strv_argv(&p->job.argv), p->job.argv.n);
	buf_puts(b, "  \"cwd\": ");
	buf_json(b, p->job.cwd);
	buf_puts(b, "\n}\n");
}
