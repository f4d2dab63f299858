/* SPDX-License-Identifier: Apache-2.0 */
#include "launch/ground.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <unistd.h>

#include "base/auto.h"
#include "base/buf.h"

#define ANSWER_MAX ((size_t)64 << 10)

/* Reads until @end has come; false if the other side ended before. */
static bool read_until(int fd, const char *end, struct buf *b)
{
	while (!strstr(buf_text(b), end)) {
		char chunk[1024];
		ssize_t n = read(fd, chunk, sizeof(chunk));

		if (n < 0 && errno == EINTR)
			continue;
		if (n <= 0 || buf_full(b))
			return false;
		buf_add(b, chunk, (size_t)n);
	}
	return true;
}

/* Lines "NAME <tab> VALUE". */
static void read_values(char *text, struct arena *a, struct strv *ret)
{
	char *rest = NULL;

	*ret = STRV_INIT(a);
	for (char *line = strtok_r(text, "\n", &rest); line; line = strtok_r(NULL, "\n", &rest)) {
		char *tab = strchr(line, '\t');

		if (!tab)
			continue;
		*tab = '\0';
		env_set(ret, arena_strdup(a, line), arena_strdup(a, tab + 1));
	}
}

static int spawn(const char *probe, const char *parent, const char *token, struct arena *a,
		 struct ground *ret, struct err *e)
{
	const char *const argv[] = { probe, "--ground", parent, token, NULL };
	struct strv env = STRV_INIT(a);
	auto_fd int ours = -1;
	auto_fd int theirs = -1;
	int pair[2];
	int r;

	if (socketpair(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0, pair) < 0)
		return err_sys(e, "cannot make a channel to %s", probe);
	ours = pair[0];
	theirs = pair[1];
	env_set(&env, "CLAUDE_SANDBOX_TEST_TOKEN", token);
	{
		const struct proc_fd fds[] = { { theirs, STDOUT_FILENO } };
		/* In a session of its own: ^C is for us, and what it has made must go then. */
		const struct cmd cmd = { .argv = argv,
					 .envp = strv_argv(&env),
					 .fds = fds,
					 .n_fds = N_ELEMENTS(fds),
					 .own_session = true };

		r = proc_spawn(&cmd, &ret->child, e);
	}
	if (r == 0)
		ret->channel = take_fd(&ours);
	return r;
}

int ground_start(const char *probe, const char *parent, const char *token, struct arena *a,
		 struct ground *ret, struct err *e)
{
	auto_ground struct ground g = GROUND_NONE;
	auto_buf struct buf text = BUF_INIT(ANSWER_MAX);
	int r = spawn(probe, parent, token, a, &g, e);

	if (r < 0)
		return r;
	if (!read_until(g.channel, "\n\n", &text))
		return err_set(e, EIO,
			       "cannot make what the self test looks for in %s; set TMPDIR to a "
			       "directory that you can write",
			       parent);
	read_values(text.data, a, &g.values);
	*ret = g;
	g = GROUND_NONE;
	return 0;
}

long ground_connections(const struct ground *g)
{
	auto_buf struct buf text = BUF_INIT(ANSWER_MAX);

	if (send(g->channel, "\n", 1, MSG_NOSIGNAL) != 1 || !read_until(g->channel, "\n", &text))
		return -1;
	return strtol(buf_text(&text), NULL, 10);
}

void ground_done(struct ground *g)
{
	struct err ignored;
	int status;

	auto_fd_done(&g->channel);
	/* Not killed: it ends by itself, and takes away what it has made before. */
	if (g->child.pid > 0)
		(void)proc_wait(&g->child, &status, &ignored);
	*g = GROUND_NONE;
}
