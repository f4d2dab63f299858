/* SPDX-License-Identifier: Apache-2.0 */
/* "claude-sandbox net ask": in another terminal, a person decides about hosts that no rule does (ask_hosts). */
#include <errno.h>
#include <stdio.h>
#include <string.h>
#include <unistd.h>

#include "base/auto.h"
#include "base/io.h"
#include "launch/net.h"

static void tell_host(const char *place, const char *via)
{
	auto_buf struct buf b = BUF_INIT((size_t)4096);

	buf_puts(&b, "The sandbox wants to reach ");
	buf_visible(&b, place);
	buf_puts(&b, " (");
	buf_visible(&b, via);
	buf_puts(&b, "). [y]es, also on other ports; this [p]ort only; [n]o; later: ");
	(void)fputs(buf_text(&b), stderr);
}

/* "ask HOST:PORT VIA". What is answered is kept as a rule of the project. */
static int decide(struct launch *l, char *line, struct err *e)
{
	char *rest = NULL;
	const char *word = strtok_r(line, " ", &rest);
	const char *place = strtok_r(NULL, " ", &rest);
	const char *via = strtok_r(NULL, " ", &rest);
	const char *colon = place ? strrchr(place, ':') : NULL;
	const char *host;
	char answer[64];

	if (!word || strcmp(word, "ask") != 0 || !colon || !via)
		return 0;
	host = arena_strndup(l->arena, place, (size_t)(colon - place));
	tell_host(place, via);
	if (!fgets(answer, sizeof(answer), stdin))
		return 1;
	switch (answer[0]) {
	case 'y':
	case 'Y':
		return net_add(l, NET_ALLOW, host, e);
	case 'p':
	case 'P':
		return net_add(l, NET_ALLOW, place, e);
	case 'n':
	case 'N':
		return net_add(l, NET_DENY, host, e);
	default:
		return 0;
	}
}

int net_ask(struct launch *l, int n, char *const words[], struct err *e)
{
	auto_fd int fd = -1;
	FILE *lines = NULL;
	char line[2048];
	int r = n > 1 ? err_set(e, EINVAL, "the form is: claude-sandbox net ask [DIR]")
		      : load_config(l, n > 0 ? words[0] : ".", e);

	if (r == 0)
		r = net_connect(l, &fd, e);
	if (r == -ENOENT || r == -ENOTCONN)
		return err_set(
			e, -r,
			"no sandbox with a filtered network runs here; start one with --ask-hosts");
	if (r == 0)
		r = io_write_all(fd, "watch\n", strlen("watch\n"), e);
	if (r < 0)
		return r;
	lines = fdopen(fd, "r");
	if (!lines)
		return err_sys(e, "fdopen");
	(void)take_fd(&fd);
	while (r == 0 && fgets(line, sizeof(line), lines)) {
		line[strcspn(line, "\n")] = '\0';
		r = decide(l, line, e);
	}
	(void)fclose(lines);
	return r < 0 ? r : 0;
}
