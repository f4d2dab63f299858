/* SPDX-License-Identifier: Apache-2.0 */
/* Opens a path while a second thread changes it between a HARMLESS name of six characters and ".envrc". race N HARMLESS */
#include <fcntl.h>
#include <pthread.h>
#include <stdatomic.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

static char path[] = ".envrc";
static const char *harmless;
static atomic_bool started, over;

static void *flip(void *unused)
{
	started = 1;
	while (!over) {
		memcpy(path, ".envrc", sizeof(path));
		atomic_signal_fence(memory_order_seq_cst);
		memcpy(path, harmless, sizeof(path));
		atomic_signal_fence(memory_order_seq_cst);
	}
	return unused;
}

int main(int argc, char *argv[])
{
	int n = argc > 1 ? atoi(argv[1]) : 1000;
	pthread_t thread;

	if (argc < 3 || strlen(argv[2]) != strlen(path))
		return 2;
	harmless = argv[2];
	if (pthread_create(&thread, NULL, flip, NULL) != 0)
		return 1;
	while (!started)
		;
	for (int i = 0; i < n; i++) {
		int fd = open(path, O_WRONLY | O_CREAT, 0644);

		if (fd >= 0)
			close(fd);
	}
	over = 1;
	return pthread_join(thread, NULL);
}
