/* SPDX-License-Identifier: Apache-2.0 */
#include "run/note.h"

#include <string.h>
#include <unistd.h>

void note_read(const int *fds, size_t n_fds, struct buf *notes)
{
	char text[1024];
	off_t at = 0;
	ssize_t n;

	while (n_fds == 1 && (n = pread(fds[0], text, sizeof(text), at)) > 0) {
		buf_add(notes, text, (size_t)n);
		at += n;
	}
}

void note_say(const struct buf *notes, void (*say)(const char *sentence))
{
	if (notes->len == 0)
		return;
	for (char *at = notes->data, *one; (one = strsep(&at, "\n"));)
		if (*one)
			say(one);
}
