/* SPDX-License-Identifier: Apache-2.0 */
#include "spec/gitconfig_write.h"

#include <stdbool.h>
#include <string.h>

#include "spec/gitconfig_read.h"

/* In quotes. In a section header (@is_header) only '"' and '\' are escaped: a tab is a tab. */
static void put_quoted(struct buf *out, const char *text, size_t len, bool is_header)
{
	static const char bytes[] = "\"\\\t\b\n", names[] = "\"\\tbn";

	buf_puts(out, "\"");
	for (size_t i = 0; i < len; i++) {
		const char *at = strchr(bytes, text[i]);

		if (at && (!is_header || at < bytes + 2))
			buf_addf(out, "\\%c", names[at - bytes]);
		else
			buf_add(out, text + i, 1);
	}
	buf_puts(out, "\"");
}

static void put_header(struct buf *out, const struct gitconfig_name *p)
{
	buf_puts(out, "[");
	buf_add(out, p->section, p->section_len);
	if (p->sub) {
		buf_puts(out, " ");
		put_quoted(out, p->sub, p->sub_len, true);
	}
	buf_puts(out, "]\n");
}

void gitconfig_write(struct gitconfig_writer *w, const char *name, size_t section_len,
		     const char *value)
{
	struct gitconfig_name n = gitconfig_split(name);

	if (!w->header || strncmp(w->header, name, section_len + 1) != 0 ||
	    w->header[section_len + 1] != '\0') {
		w->header = arena_strndup(w->arena, name, section_len + 1);
		put_header(w->out, &n);
	}
	buf_addf(w->out, "\t%s", n.key);
	if (value) {
		buf_puts(w->out, " = ");
		put_quoted(w->out, value, strlen(value), false);
	}
	buf_puts(w->out, "\n");
}
