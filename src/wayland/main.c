/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Asks a compositor to keep one sandbox apart from its other clients. It never reads what a sandbox writes: the
 * socket that it is born with goes to the compositor as it is.
 *
 *     wayland probe        ends well if the compositor that the environment names has security contexts
 *     wayland serve NAME   hands over the listening socket, descriptor 3, and lasts as long as the sandbox
 */
#include <errno.h>
#include <stdio.h>
#include <string.h>

#include "base/auto.h"
#include "wayland/context.h"

#define LISTEN_FD 3 /* as systemd passes them: sd_listen_fds(3) */

static int serve(struct context *c, const char *name, struct err *e)
{
	int r = context_connect(c, e);

	if (r == 0)
		r = context_hand_over(c, LISTEN_FD, name, e);
	if (r < 0)
		return r;
	(void)close(LISTEN_FD); /* the compositor has its own by now */
	return context_keep(c, e);
}

int main(int argc, char *argv[])
{
	struct context context = CONTEXT_NONE;
	struct err e = { 0 };
	int r;

	if (argc == 2 && strcmp(argv[1], "probe") == 0)
		r = context_connect(&context, &e);
	else if (argc == 3 && strcmp(argv[1], "serve") == 0)
		r = serve(&context, argv[2], &e);
	else
		r = err_set(&e, EINVAL, "this program is started by claude-sandbox");
	if (r < 0)
		(void)fprintf(stderr, "%s\n", e.msg);
	context_close(&context);
	return r < 0;
}
