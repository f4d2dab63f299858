/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Runs a fuzz target over stored inputs, under any compiler and without a fuzzer. Each input
 * ends where an unmapped page begins, so that reading one byte too far is a crash even where
 * there is no sanitizer.
 *
 *     replay_config DIR|FILE...
 */
#include <err.h>
#include <errno.h>
#include <fcntl.h>
#include <fts.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/stat.h>
#include <unistd.h>

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

static void read_input(const char *path, uint8_t *data, size_t size)
{
	int fd = open(path, O_RDONLY | O_CLOEXEC);

	if (fd < 0)
		err(1, "%s", path);
	for (size_t done = 0; done < size;) {
		ssize_t n = read(fd, data + done, size - done);

		if (n <= 0)
			err(1, "%s: cannot read %zu bytes", path, size);
		done += (size_t)n;
	}
	(void)close(fd);
}

static void replay_file(const char *path, size_t size)
{
	size_t page = (size_t)sysconf(_SC_PAGESIZE);
	size_t room = (size / page + 1) * page;
	uint8_t *pages =
		mmap(NULL, room + page, PROT_READ | PROT_WRITE, MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);

	if (pages == MAP_FAILED || mprotect(pages + room, page, PROT_NONE) != 0)
		err(1, "%s: cannot map %zu bytes", path, room);
	read_input(path, pages + room - size, size);
	/* Printed first, so that the last line names the input that crashed. */
	(void)printf("%s\n", path);
	(void)fflush(stdout);
	(void)LLVMFuzzerTestOneInput(pages + room - size, size);
	(void)munmap(pages, room + page);
}

int main(int argc, char **argv)
{
	FTS *tree = fts_open(argv + 1, FTS_PHYSICAL | FTS_NOCHDIR, NULL);
	unsigned n_inputs = 0;

	if (argc < 2 || !tree)
		errx(1, "usage: %s DIR|FILE...", argv[0]);
	for (FTSENT *entry; (entry = fts_read(tree)) != NULL;) {
		if (entry->fts_info == FTS_NS || entry->fts_info == FTS_DNR)
			errx(1, "%s: %s", entry->fts_path, strerror(entry->fts_errno));
		if (entry->fts_info != FTS_F)
			continue;
		replay_file(entry->fts_accpath, (size_t)entry->fts_statp->st_size);
		n_inputs++;
	}
	(void)fts_close(tree);
	(void)printf("replayed %u inputs\n", n_inputs);
	return n_inputs > 0 ? 0 : 1;
}
