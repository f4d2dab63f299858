/* SPDX-License-Identifier: Apache-2.0 */
/*
 * claude-sandbox review: what a sandbox with --review changed, and accepting or discarding it. What is
 * printed came from inside, so all of it goes through buf_visible().
 */
#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "base/auto.h"
#include "base/path.h"
#include "base/proc.h"
#include "border/beneath.h"
#include "host/probe.h"
#include "host/program.h"
#include "launch/review.h"
#include "spec/identity.h"

#define DIFF_MAX ((size_t)1 << 20)
#define DIFF_MS 10000
#define DIFF_FILE_MAX ((off_t)8 << 20) /* diff(1) reads all of it into memory */
#define DIFF_FIRST_FD 10

static bool is_below(const char *path, const char *dir)
{
	size_t len = strlen(dir);

	return strncmp(path, dir, len) == 0 && (path[len] == '\0' || path[len] == '/');
}

/* Everything in a git directory that no tool obeys is one thing: half a repository is none. */
static size_t group_of(const struct review_row *row)
{
	return row->answer == REVIEW_FREE ? review_git_dir(row->path) : 0;
}

bool review_same_group(const struct review_row *a, const struct review_row *b)
{
	size_t n = group_of(a);

	return n > 0 && n == group_of(b) && strncmp(a->path, b->path, n) == 0;
}

/* How much longer the log of a repository's HEAD has become: the number only, it is hostile text. */
static size_t count_lines(int root, const char *path)
{
	auto_fd int fd = beneath_open(root, path, O_RDONLY | O_NONBLOCK | O_NOCTTY);
	char chunk[4096];
	size_t lines = 0;
	ssize_t n;

	for (size_t total = 0; total < DIFF_MAX; total += (size_t)n) {
		n = fd < 0 ? 0 : read(fd, chunk, sizeof(chunk));
		if (n <= 0)
			break;
		for (ssize_t i = 0; i < n; i++)
			lines += chunk[i] == '\n';
	}
	return lines;
}

void review_group_line(struct launch *l, const struct review *r, size_t first, struct buf *b)
{
	size_t len = group_of(&r->rows[first]);
	const char *dir = arena_strndup(l->arena, r->rows[first].path, len);
	const char *log = arena_printf(l->arena, "%s/logs/HEAD", dir);
	size_t now = count_lines(r->layer, log);
	size_t before = count_lines(r->project, log);
	size_t n = 0;

	for (size_t i = 0; i < r->n; i++)
		n += review_same_group(&r->rows[first], &r->rows[i]);
	buf_puts(b, "git repository ");
	buf_visible(b, dir);
	buf_addf(b, ": %zu file%s", n, n == 1 ? "" : "s");
	if (now > before)
		buf_addf(b, ", %zu new commit%s or other move%s of HEAD", now - before,
			 now - before == 1 ? "" : "s", now - before == 1 ? "" : "s");
}

/* Whether a row before @i is of the same group, so that it has been told already. */
bool review_is_told(const struct review *r, size_t i)
{
	for (size_t k = 0; k < i && group_of(&r->rows[i]) > 0; k++)
		if (review_same_group(&r->rows[i], &r->rows[k]))
			return true;
	return false;
}

static void list_risks(const struct review *r, struct buf *b)
{
	bool is_first = true;

	for (size_t i = 0; i < r->n; i++) {
		if (r->rows[i].answer == REVIEW_FREE)
			continue;
		if (is_first)
			buf_puts(b, "Only by its own name, or not at all:\n");
		is_first = false;
		buf_puts(b, "  ");
		review_line(&r->rows[i], b);
		buf_puts(b, "\n");
	}
	if (!is_first)
		buf_puts(b, "\n");
}

static void list(struct launch *l, const struct review *r, struct buf *b)
{
	size_t last_group = r->n; /* rows of one git directory come one after the other */

	list_risks(r, b);
	for (size_t i = 0; i < r->n; i++) {
		if (r->rows[i].answer != REVIEW_FREE)
			continue;
		if (last_group < r->n && review_same_group(&r->rows[last_group], &r->rows[i]))
			continue;
		buf_puts(b, "  ");
		if (group_of(&r->rows[i]) > 0) {
			last_group = i;
			review_group_line(l, r, i, b);
		} else {
			review_line(&r->rows[i], b);
		}
		buf_puts(b, "\n");
	}
	review_summary(r, b);
	buf_puts(b, "\n");
}

/* Lines of diff(1) for a terminal: hostile bytes in them, and our own newlines between. */
static void add_lines(char *text, struct buf *b)
{
	for (char *line; (line = strsep(&text, "\n"));) {
		for (char *part; (part = strsep(&line, "\t"));) {
			buf_visible(b, part);
			if (line)
				buf_puts(b, "\t");
		}
		if (text)
			buf_puts(b, "\n");
	}
}

/* A side without such a file is an empty one. -1: there is nothing that could be compared. */
static int open_side(int root, const char *path, const struct review_side *side)
{
	auto_fd int fd = -1;
	struct stat st;

	if (!side->is_there || side->is_whiteout)
		return open("/dev/null", O_RDONLY | O_CLOEXEC);
	/* Looked at once it is open: a sandbox that runs may put something else there at any time. */
	fd = beneath_open(root, path, O_RDONLY | O_NONBLOCK | O_NOCTTY);
	if (fd < 0 || fstat(fd, &st) < 0 || !S_ISREG(st.st_mode) || st.st_size > DIFF_FILE_MAX)
		return -1;
	return take_fd(&fd);
}

void review_diff(struct launch *l, const struct review *r, const struct review_row *row,
		 struct buf *b)
{
	static const char *const env[] = { "LC_ALL=C.UTF-8", NULL };
	auto_fd int old = open_side(r->project, row->path, &row->host);
	auto_fd int new = open_side(r->layer, row->path, &row->layer);
	const struct proc_fd fds[] = { { old, DIFF_FIRST_FD }, { new, DIFF_FIRST_FD + 1 } };
	auto_buf struct buf name = BUF_INIT(65536);
	auto_free char *text = NULL;
	struct strv argv = STRV_INIT(l->arena);
	const char *program = NULL;
	int status = 0;
	struct err e;

	if (old < 0 || new < 0 || row->n_below ||
	    (row->kind != REVIEW_DELETED && !S_ISREG(row->layer.mode)))
		return;
	if (program_find("diff", l->arena, &program, &e) < 0) {
		buf_puts(b, "(no program diff here: install diffutils)\n");
		return;
	}
	buf_visible(&name, row->path);
	strv_add(&argv, program, "-u", "--label", arena_printf(l->arena, "a/%s", buf_text(&name)),
		 "--label", arena_printf(l->arena, "b/%s", buf_text(&name)), "--",
		 "/proc/self/fd/10", "/proc/self/fd/11");
	if (proc_output(
		    &(struct cmd){ .argv = strv_argv(&argv), .envp = env, .fds = fds, .n_fds = 2 },
		    DIFF_MAX, DIFF_MS, &text, &status, &e) < 0) {
		buf_addf(b, "(no diff: %s)\n", e.msg);
		return;
	}
	add_lines(text, b);
}

static int show(struct launch *l, const struct review *r)
{
	auto_buf struct buf b = BUF_INIT(OUTPUT_MAX);

	list(l, r, &b);
	for (size_t i = 0; i < r->n; i++)
		if (group_of(&r->rows[i]) == 0)
			review_diff(l, r, &r->rows[i], &b);
	return print(&b);
}

/* A word given as a path: below the project, or absolute in it. NULL: neither. */
static const char *relative(struct launch *l, const char *word)
{
	const char *path = path_join(l->arena, l->facts.project, word);

	if (!path_below(path, l->facts.project))
		return NULL;
	path += strlen(l->facts.project);
	return *path == '/' ? path + 1 : path;
}

/* Marks what the words mean. All that is free in a directory; what asks for its name only by that. */
static int choose(struct launch *l, const struct review *r, int n, char *const words[],
		  bool *chosen, struct err *e)
{
	for (int i = 0; i < n; i++) {
		const char *path = relative(l, words[i]);
		bool is_found = false;

		for (size_t k = 0; path && k < r->n; k++) {
			bool is_it = strcmp(r->rows[k].path, path) == 0;

			if (!is_it && (*path && !is_below(r->rows[k].path, path)))
				continue;
			is_found = true;
			chosen[k] |= is_it || r->rows[k].answer == REVIEW_FREE;
		}
		if (!is_found && !(path && !*path))
			return err_set(e, ENOENT, "nothing waits for review at %s", words[i]);
	}
	return 0;
}

/* Objects of git before what names them, so that an end in between leaves a whole repository. */
static bool comes_early(const struct review_row *row)
{
	size_t git = review_git_dir(row->path);

	return git > 0 && strncmp(row->path + git, "/objects", 8) == 0;
}

/* When nothing waits any more, what overlayfs keeps goes as well. */
static int tidy(struct launch *l, const struct review *r, struct err *e)
{
	auto_review struct review now = REVIEW_NONE;
	int code = review_open(&r->dirs, l->facts.project, l->arena, &now, e);

	if (code < 0)
		return code;
	return now.n == 0 ? review_discard_all(&r->dirs, e) : 0;
}

int review_accept_rows(struct launch *l, struct review *r, const bool *chosen)
{
	const struct review_row **done = arena_alloc(l->arena, (r->n + 1) * sizeof(void *));
	size_t n_done = 0;
	size_t n_failed = 0;
	struct err e;

	for (unsigned pass = 0; pass < 2; pass++)
		for (size_t i = 0; i < r->n; i++) {
			if (!chosen[i] || comes_early(&r->rows[i]) != (pass == 0))
				continue;
			if (review_accept(r, &r->rows[i], &e) < 0) {
				n_failed++;
				say(e.msg);
				continue;
			}
			done[n_done++] = &r->rows[i];
		}
	if (review_settle(r, done, n_done, &e) < 0 || tidy(l, r, &e) < 0)
		return fail(&e, EXIT_REFUSED);
	say(arena_printf(l->arena, "review: %zu of %zu changes accepted", n_done, r->n));
	return n_failed > 0 ? EXIT_REFUSED : 0;
}

static int accept_words(struct launch *l, struct review *r, int n, char *const words[])
{
	bool *chosen = arena_alloc(l->arena, r->n + 1);
	static char all[] = ".";
	char *const everything[] = { all };
	struct err e;

	if (n == 0 && isatty(STDIN_FILENO) && isatty(STDERR_FILENO))
		return review_ask(l, r);
	if (choose(l, r, n > 0 ? n : 1, n > 0 ? words : everything, chosen, &e) < 0)
		return fail(&e, EXIT_REFUSED);
	return review_accept_rows(l, r, chosen);
}

static int discard_words(struct launch *l, struct review *r, int n, char *const words[])
{
	bool *chosen = arena_alloc(l->arena, r->n + 1);
	struct err e = { 0 };
	int code = choose(l, r, n, words, chosen, &e);

	for (int i = 0; i < n && code == 0; i++) {
		const char *path = relative(l, words[i]);

		code = *path ? review_discard(r, path, &e) : review_discard_all(&r->dirs, &e);
	}
	if (code == 0)
		code = n == 0 ? review_discard_all(&r->dirs, &e) : tidy(l, r, &e);
	if (code == -ENOENT && n > 0 && e.code == 0)
		code = 0;
	return code < 0 ? fail(&e, EXIT_REFUSED) : 0;
}

int word_review(struct launch *l, int n, char *const words[])
{
	auto_review struct review r = REVIEW_NONE;
	auto_fd int lock = -1;
	bool accepts = n > 0 && strcmp(words[0], "accept") == 0;
	bool discards = n > 0 && strcmp(words[0], "discard") == 0;
	int first = accepts || discards ? 1 : 0;
	struct review_dirs dirs;
	struct err e;
	int code = probe_project(&l->facts, n > first ? words[first] : ".", l->arena, &e);

	if (code == 0 && n > first + 1 && !first)
		code = err_set(&e, EINVAL, "'%s' is too much: claude-sandbox review [DIR]",
			       words[first + 1]);
	if (code < 0)
		return fail(&e, EXIT_REFUSED);
	review_dirs_of(identity_state_dir(&l->facts, l->arena), l->arena, &dirs);
	if (first && access(dirs.dir, F_OK) == 0)
		code = review_hold(&dirs, &lock, &e);
	if (code == 0)
		code = review_open(&dirs, l->facts.project, l->arena, &r, &e);
	if (code < 0)
		return fail(&e, EXIT_REFUSED);
	words += n > first ? first + 1 : n;
	n -= n > first ? first + 1 : n;
	if (accepts)
		return accept_words(l, &r, n, words);
	return discards ? discard_words(l, &r, n, words) : show(l, &r);
}
