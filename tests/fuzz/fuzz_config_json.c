/* SPDX-License-Identifier: Apache-2.0 */
/*
 * field_parse_json() over any bytes, with one row of each type. A refusal names the file and a
 * place; what is accepted is printed, and that text must give the same values again.
 */
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#include "base/field.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

#define PRINTED_MAX ((size_t)1 << 24)

struct settings {
	bool yolo, dry_run;
	uint64_t cpus, memory_mib;
	const char *agent;
	unsigned network;
	struct strv extra_bind, packages;
};

static const char *const network_names[] = { "none", "filtered", "nat", "host", NULL };

static const struct field rows[] = {
	F_BOOL(struct settings, yolo),
	F_BOOL(struct settings, dry_run, .flags = FIELD_NO_KEY),
	F_UINT(struct settings, cpus, .min = 1, .max = 64),
	F_UINT(struct settings, memory_mib, .flags = FIELD_SIZE, .min = 16, .max = 4096),
	F_STR(struct settings, agent),
	F_ENUM(struct settings, network, .names = network_names),
	F_LIST(struct settings, extra_bind, .alias = "binds"),
	F_MAP(struct settings, packages),
	F_END,
};

static void print(const struct settings *s, const struct field_mask *set, struct buf *b)
{
	const char *comma = "";

	buf_puts(b, "{");
	for (size_t i = 0; rows[i].name; i++) {
		if (!field_mask_has(set, i))
			continue;
		buf_puts(b, comma);
		buf_json(b, rows[i].name);
		buf_puts(b, ": ");
		field_print_json(&rows[i], s, b);
		comma = ", ";
	}
	buf_puts(b, "}");
}

static void expect(bool is_true)
{
	if (!is_true)
		abort();
}

/* "f:LINE:COLUMN: words", counted from 1. */
static void check_message(const char *msg)
{
	char *end;

	expect(strncmp(msg, "f:", 2) == 0);
	expect(strtoul(msg + 2, &end, 10) > 0 && *end == ':');
	expect(strtoul(end + 1, &end, 10) > 0 && strncmp(end, ": ", 2) == 0);
	for (const char *c = msg; *c; c++)
		expect((unsigned char)*c >= ' ' && *c != 0x7f);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	auto_arena struct arena a = ARENA_INIT;
	auto_buf struct buf first = BUF_INIT(PRINTED_MAX);
	auto_buf struct buf second = BUF_INIT(PRINTED_MAX);
	struct settings s = { 0 };
	struct settings again = { 0 };
	struct field_mask set = { 0 };
	struct field_mask set_again = { 0 };
	struct err e = { 0 };

	if (field_parse_json(rows, &s, &set, "f", (const char *)data, size, &a, &e) < 0) {
		expect(set.words[0] == 0);
		check_message(e.msg);
		return 0;
	}
	expect(!field_mask_has(&set, 1));
	print(&s, &set, &first);
	expect(field_parse_json(rows, &again, &set_again, "f", buf_text(&first), first.len, &a,
				&e) == 0);
	print(&again, &set_again, &second);
	expect(set.words[0] == set_again.words[0] &&
	       strcmp(buf_text(&first), buf_text(&second)) == 0);
	return 0;
}
