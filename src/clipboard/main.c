/* SPDX-License-Identifier: Apache-2.0 */
/*
 * The clipboard between the host's screen ($DISPLAY) and a sandbox's. It runs outside, in a cell of its own, and has
 * what it was born with (plan/cell.h): the connection to the sandbox's screen, the key to that, and the log.
 *
 *     clipboard in|out|both WINDOW     WINDOW: by which name the host's screen knows the sandbox's (WM_CLASS)
 */
#include <errno.h>
#include <poll.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/prctl.h>
#include <unistd.h>

#include "base/auto.h"
#include "base/xauthority.h"
#include "clipboard/bridge.h"

#define SCREEN_FD 3
#define LOG_FD 4
#define COOKIE_FD 5
#define COOKIE_MAX 512

/* A server that is held by one of its clients does not answer; the other side is not to wait for it as long. */
#define STALLED_S 10

/* By a handler, since the first process of a cell ends of no other signal. */
static void stalled(int number)
{
	static const char why[] = "one of the screens did not answer for 10 seconds\n";

	(void)number;
	(void)!write(STDERR_FILENO, why, sizeof(why) - 1);
	_exit(1);
}

static int read_words(struct bridge *b, int argc, char **argv, struct err *e)
{
	const char *way = argc == 3 ? argv[1] : "";

	b->is_open[DIRECTION_IN] = strcmp(way, "in") == 0 || strcmp(way, "both") == 0;
	b->is_open[DIRECTION_OUT] = strcmp(way, "out") == 0 || strcmp(way, "both") == 0;
	b->window = argc == 3 ? argv[2] : NULL;
	b->journal.fd = LOG_FD;
	return b->is_open[DIRECTION_IN] || b->is_open[DIRECTION_OUT]
		       ? 0
		       : err_set(e, EINVAL, "this program is started by claude-sandbox");
}

static int connect_host(struct bridge *b, struct err *e)
{
	int screen = 0;
	int r = side_init(&b->host, xcb_connect(NULL, &screen), screen, e);

	return r < 0 ? err_wrap(e, "your own screen") : 0;
}

/* Others read the same memfd: its position stays. */
static int connect_screen(struct bridge *b, struct err *e)
{
	char file[COOKIE_MAX];
	ssize_t len = pread(COOKIE_FD, file, sizeof(file), 0);
	struct xauthority key;
	size_t at = 0;
	xcb_auth_info_t auth;
	int r;

	if (len < 0 || xauthority_take(file, (size_t)len, &at, &key) < 0)
		return err_set(e, EBADMSG, "the key to the sandbox's screen is none");
	auth = (xcb_auth_info_t){ .namelen = (int)key.name.len,
				  .name = strndup(key.name.at, key.name.len),
				  .datalen = (int)key.key.len,
				  .data = file + (key.key.at - file) };
	if (!auth.name)
		abort();
	r = side_init(&b->screen, xcb_connect_to_fd(SCREEN_FD, &auth), 0, e);
	free(auth.name);
	return r < 0 ? err_wrap(e, "the sandbox's screen") : 0;
}

/* False: one of both servers has gone. */
static bool round_once(struct bridge *b)
{
	struct pollfd p[] = { { .fd = xcb_get_file_descriptor(b->host.c), .events = POLLIN },
			      { .fd = xcb_get_file_descriptor(b->screen.c), .events = POLLIN } };

	bool has_more;

	(void)alarm(STALLED_S);
	has_more = bridge_work(b);
	(void)alarm(0);
	if (xcb_connection_has_error(b->host.c) || xcb_connection_has_error(b->screen.c))
		return false;
	(void)poll(p, N_ELEMENTS(p), has_more ? 0 : bridge_timeout_ms(b));
	return true;
}

int main(int argc, char **argv)
{
	static struct bridge bridge;
	const struct sigaction on_alarm = { .sa_handler = stalled };
	struct err e = { 0 };
	int r;

	(void)signal(SIGPIPE, SIG_IGN);
	(void)sigaction(SIGALRM, &on_alarm, NULL);
	(void)prctl(PR_SET_NAME, "csb-clipboard");
	(void)prctl(PR_SET_DUMPABLE, 0, 0, 0, 0);
	r = read_words(&bridge, argc, argv, &e);
	(void)alarm(STALLED_S);
	if (r == 0)
		r = connect_screen(&bridge, &e);
	if (r == 0)
		r = connect_host(&bridge, &e);
	if (r < 0) {
		(void)fprintf(stderr, "%s\n", e.msg);
		return 1;
	}
	side_yield(&bridge.screen);
	bridge_begin(&bridge);
	while (round_once(&bridge))
		;
	return 0;
}
