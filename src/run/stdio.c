/* SPDX-License-Identifier: Apache-2.0 */
#include "run/stdio.h"

#include <errno.h>
#include <sys/stat.h>

int stdio_check(struct err *e)
{
	static const char *const names[] = { "input", "output", "error" };

	for (int fd = 0; fd < 3; fd++) {
		struct stat st;

		if (fstat(fd, &st) == 0 && S_ISDIR(st.st_mode))
			return err_set(e, EPERM,
				       "standard %s is a directory, through which the sandbox "
				       "could reach all of the host; redirect it from /dev/null",
				       names[fd]);
	}
	return 0;
}
