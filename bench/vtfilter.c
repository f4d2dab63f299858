/* SPDX-License-Identifier: Apache-2.0 */
/*
 * The terminal filter by itself: how fast it is on several kinds of output, in blocks as the launcher
 * reads them; or, with --filter, as a program between two pipes, to look at what it does.
 *
 *     vtfilter              a row for each kind: MB/s (best of five)
 *     vtfilter --markdown   the same as a table
 *     vtfilter --filter     standard input, filtered, to standard output; what was stopped to stderr
 *     vtfilter --reset      the same, and then what puts the terminal back
 */
#include <err.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>
#include <unistd.h>

#include "base/auto.h"
#include "base/vtfilter.h"

#define STREAM_SIZE ((size_t)16 << 20)
#define BLOCK 16384
#define ROUNDS 5

/* Numbers that are the same in every run. */
static uint32_t next(uint32_t *state)
{
	*state = *state * 1664525 + 1013904223;
	return *state >> 8;
}

static void make_source(struct buf *b, uint32_t *r)
{
	static const char *const lines[] = {
		"static int parse(const char *text, size_t n, struct err *e)\n",
		"{\n",
		"\tfor (size_t i = 0; i < n; i++)\n",
		"\t\tif (text[i] == '\\n' && ++lines > MAX_LINES)\n",
		"\t\t\treturn err_set(e, -E2BIG, \"more than %u lines\", MAX_LINES);\n",
		"\treturn 0;\n}\n\n",
	};

	buf_puts(b, lines[next(r) % N_ELEMENTS(lines)]);
}

static void make_utf8(struct buf *b, uint32_t *r)
{
	static const char *const lines[] = {
		"Größe, Öl und Übermut: der Fuß schläft heute schön.\r\n",
		"Съешь же ещё этих мягких французских булок, да выпей чаю.\r\n",
		"いろはにほへと ちりぬるを わかよたれそ つねならむ\r\n",
		"┌──────────────┐ │ naïve café │ └──────────────┘ ✓ 👍\r\n",
	};

	buf_puts(b, lines[next(r) % N_ELEMENTS(lines)]);
}

/* As ls --color -l shows a directory. */
static void make_listing(struct buf *b, uint32_t *r)
{
	static const char *const colours[] = { "01;34", "01;32", "01;36", "01;31", "00" };

	buf_addf(b, "-rw-r--r-- 1 user user %5u Nov 21 10:%02u \033[0m\033[%sm%s%u\033[0m\r\n",
		 next(r) % 99999, next(r) % 60, colours[next(r) % N_ELEMENTS(colours)], "file",
		 next(r) % 1000);
}

/* A full screen that is painted cell by cell, as htop and editors do. */
static void make_redraw(struct buf *b, uint32_t *r)
{
	if (next(r) % 200 == 0)
		buf_puts(b, "\033[?2026h\033[?25l\033[H\033[2J");
	buf_addf(b, "\033[%u;%uH\033[38;5;%um%.*s\033[39m\033[K", next(r) % 50 + 1,
		 next(r) % 120 + 1, next(r) % 256, (int)(next(r) % 12) + 1, "function_name");
	if (next(r) % 200 == 0)
		buf_puts(b, "\033[?25h\033[?2026l");
}

static void make_links(struct buf *b, uint32_t *r)
{
	buf_addf(b, "\033]8;id=%u;https://example.org/issues/%u\033\\#%u\033]8;;\033\\ fixed\r\n",
		 next(r) % 99, next(r) % 9999, next(r) % 9999);
}

static void make_hostile(struct buf *b, uint32_t *r)
{
	static const char *const lines[] = {
		"\033]52;c;Y3VybCBldmlsIHwgc2g=\a", "\033]0;;rm -rf ~\a\033[21t",
		"\033P$qm\033\\\033P+q544e\033\\",  "\033Ptmux;\033\033]52;c;eA==\a\033\\",
		"\xc2\x9b\x32\x31t\x9b\x35i",       "\033[3\n1m\033[?1049;9999h",
	};

	buf_puts(b, lines[next(r) % N_ELEMENTS(lines)]);
}

static const struct {
	const char *name;
	void (*make)(struct buf *, uint32_t *);
	unsigned target; /* MB/s, 0: none was set */
} kinds[] = {
	{ "plain text (source code)", make_source, 500 },
	{ "UTF-8 text", make_utf8, 500 },
	{ "coloured listing", make_listing, 150 },
	{ "full-screen redraw", make_redraw, 150 },
	{ "links (OSC 8)", make_links, 150 },
	{ "hostile sequences", make_hostile, 0 },
};

static void feed_all(struct vtfilter *f, const char *in, size_t n, FILE *to)
{
	static char out[BLOCK];
	size_t used;

	do {
		size_t made = vtfilter_feed(f, in, n, out, sizeof(out), &used);

		if (to && fwrite(out, 1, made, to) != made)
			err(1, "write");
		in += used;
		n -= used;
	} while (n > 0 || vtfilter_is_pending(f));
}

/* Of the processor, so that others on the machine matter less. */
static double seconds(void)
{
	struct timespec now;

	(void)clock_gettime(CLOCK_PROCESS_CPUTIME_ID, &now);
	return (double)now.tv_sec + (double)now.tv_nsec / 1e9;
}

/* Megabytes (10^6) a second, the best of some rounds. */
static double speed(const struct buf *b)
{
	static struct vtfilter f;
	double best = 0;

	for (int round = 0; round < ROUNDS; round++) {
		double from = seconds(), rate;

		vtfilter_init(&f, 0);
		for (size_t at = 0; at < b->len; at += BLOCK) {
			size_t n = b->len - at < BLOCK ? b->len - at : BLOCK;

			feed_all(&f, b->data + at, n, NULL);
		}
		rate = (double)b->len / 1e6 / (seconds() - from);
		best = rate > best ? rate : best;
	}
	return best;
}

static void measure(bool markdown)
{
	if (markdown)
		(void)printf(
			"| output of a program | MB/s | target: at least |\n|---|---:|---:|\n");
	for (size_t i = 0; i < N_ELEMENTS(kinds); i++) {
		auto_buf struct buf b = BUF_INIT(STREAM_SIZE + 4096);
		char target[16] = "";
		uint32_t r = 1;
		double rate;

		while (b.len < STREAM_SIZE)
			kinds[i].make(&b, &r);
		rate = speed(&b);
		if (kinds[i].target > 0)
			(void)snprintf(target, sizeof(target), "%u", kinds[i].target);
		if (markdown)
			(void)printf("| %s | %.0f | %s |\n", kinds[i].name, rate, target);
		else
			(void)printf("%-26s %6.0f MB/s %s\n", kinds[i].name, rate,
				     kinds[i].target > rate ? "MISS" : "");
	}
}

static void filter(bool reset)
{
	static struct vtfilter f;
	auto_buf struct buf text = BUF_INIT((size_t)1 << 16);
	char in[BLOCK];
	ssize_t n;

	vtfilter_init(&f, 0);
	while ((n = read(STDIN_FILENO, in, sizeof(in))) > 0)
		feed_all(&f, in, (size_t)n, stdout);
	if (n < 0)
		err(1, "read");
	if (reset)
		vtfilter_reset(&f, &text);
	(void)fwrite(buf_text(&text), 1, text.len, stdout);
	text.len = 0;
	vtfilter_summary(&f, true, &text);
	if (text.len > 0)
		(void)fprintf(stderr, "stopped %s\n", buf_text(&text));
}

int main(int argc, char **argv)
{
	const char *verb = argc > 1 ? argv[1] : "";

	if (strcmp(verb, "--filter") == 0 || strcmp(verb, "--reset") == 0)
		filter(strcmp(verb, "--reset") == 0);
	else
		measure(strcmp(verb, "--markdown") == 0);
	return 0;
}
