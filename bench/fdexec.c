/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Opens files at given descriptor numbers and becomes a program: gives bare bwrap the data
 * descriptors that our launcher would give it. Opened anew in each run, so that every run
 * reads them from the start.
 *
 *     fdexec [NUMBER=FILE]... -- PROGRAM [ARGUMENT]...
 */
#include <err.h>
#include <errno.h>
#include <fcntl.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

static void give(const char *word)
{
	char *end;
	long number = strtol(word, &end, 10);
	int fd;

	if (end == word || *end != '=' || number < 3 || number > 1023)
		errx(125, "not NUMBER=FILE: %s", word);
	fd = open(end + 1, strcmp(end + 1, "/dev/null") == 0 ? O_RDWR : O_RDONLY);
	if (fd < 0 || (fd != number && dup2(fd, (int)number) < 0))
		err(125, "%s", word);
	if (fd != number)
		(void)close(fd);
}

int main(int argc, char **argv)
{
	int i = 1;

	for (; i < argc && strcmp(argv[i], "--") != 0; i++)
		give(argv[i]);
	if (i + 1 >= argc)
		errx(125, "usage: %s [NUMBER=FILE]... -- PROGRAM [ARGUMENT]...", argv[0]);
	(void)execv(argv[i + 1], argv + i + 1);
	err(errno == ENOENT ? 127 : 126, "%s", argv[i + 1]);
}
