/* SPDX-License-Identifier: Apache-2.0 */
#include "border/words.h"

#include <fcntl.h>
#include <string.h>
#include <sys/mman.h>
#include <unistd.h>

#include "base/auto.h"

/* The size is fixed: who serves a sandbox can be made to complain without end. */
int words_open(void)
{
	auto_fd int fd = memfd_create("stderr", MFD_CLOEXEC | MFD_ALLOW_SEALING);

	if (fd < 0 || ftruncate(fd, WORDS_MAX) < 0 ||
	    fcntl(fd, F_ADD_SEALS, F_SEAL_GROW | F_SEAL_SHRINK | F_SEAL_SEAL) < 0)
		return -1;
	return take_fd(&fd);
}

void words_reset(int fd)
{
	static const char nothing[WORDS_MAX];

	(void)!pwrite(fd, nothing, sizeof(nothing), 0);
	(void)lseek(fd, 0, SEEK_SET);
}

void words_last(int fd, struct buf *ret)
{
	char text[WORDS_MAX + 1];
	ssize_t n = pread(fd, text, WORDS_MAX, 0);
	char *line;

	if (n <= 0)
		return;
	text[n] = '\0';
	for (size_t len = strlen(text); len > 0 && text[len - 1] == '\n'; len--)
		text[len - 1] = '\0';
	if (!text[0])
		return;
	line = strrchr(text, '\n');
	buf_puts(ret, ": ");
	buf_visible(ret, line ? line + 1 : text);
}
