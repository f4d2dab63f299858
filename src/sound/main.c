/* SPDX-License-Identifier: Apache-2.0 */
/*
 *     sound SERVER [COOKIE]
 *
 * Between the programs inside a sandbox and the sound server of the host, whose socket is SERVER: they play, and
 * do nothing else there. It runs outside, in a cell (src/plan/cell.h) where those two files are; the socket
 * that listens inside is its descriptor SOUND_LISTEN_FD.
 */
#include <errno.h>
#include <fcntl.h>
#include <poll.h>
#include <stdio.h>
#include <string.h>
#include <sys/prctl.h>
#include <sys/socket.h>
#include <sys/un.h>
#include <unistd.h>

#include "base/auto.h"
#include "sound/args.h"
#include "sound/call.h"
#include "sound/confine.h"

#define SOUND_LISTEN_FD 3 /* CELL_LISTEN_FD of src/plan/cell.h */

/* A server of PulseAudio serves 64 in all, those of the user's own programs included. */
#define CALLS_MAX 16

struct sound {
	struct sockaddr_un server;
	uint8_t cookie[COOKIE_SIZE]; /* zeros: there is none, and some servers ask for none */
	struct call *calls[CALLS_MAX];
	size_t n_calls;
};

static int set_server(struct sound *s, const char *path)
{
	size_t len = strlen(path);

	s->server.sun_family = AF_UNIX;
	if (len >= sizeof(s->server.sun_path))
		return -ENAMETOOLONG;
	memcpy(s->server.sun_path, path, len);
	return 0;
}

static int read_cookie(struct sound *s, const char *path)
{
	auto_fd int fd = open(path, O_RDONLY | O_CLOEXEC);

	if (fd < 0)
		return -errno;
	if (read(fd, s->cookie, sizeof(s->cookie)) != sizeof(s->cookie))
		memset(s->cookie, 0, sizeof(s->cookie));
	return 0;
}

/* Its socket does not block. */
static int dial(const struct sound *s)
{
	auto_fd int fd = socket(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC | SOCK_NONBLOCK, 0);

	if (fd < 0 || connect(fd, (const struct sockaddr *)&s->server, sizeof(s->server)) < 0)
		return -errno;
	return take_fd(&fd);
}

/* False: the server has gone, and where the next one listens only a new cell sees. */
static bool admit(struct sound *s)
{
	auto_fd int client = accept4(SOUND_LISTEN_FD, NULL, NULL, SOCK_CLOEXEC | SOCK_NONBLOCK);
	struct call *c;
	int server;

	if (client < 0)
		return true;
	server = dial(s);
	if (server < 0)
		return server != -ECONNREFUSED || s->n_calls > 0;
	c = call_new(client, server, s->cookie);
	if (!c) {
		(void)close(server);
		return true;
	}
	client = -1;
	s->calls[s->n_calls++] = c;
	return true;
}

static void go(struct sound *s, const struct pollfd *p)
{
	size_t kept = 0;

	for (size_t i = 0; i < s->n_calls; i++)
		if (call_go(s->calls[i], p + CALL_FDS * i))
			s->calls[kept++] = s->calls[i];
		else
			s->calls[i] = call_free(s->calls[i]);
	s->n_calls = kept;
}

static void serve(struct sound *s)
{
	struct pollfd p[1 + CALL_FDS * CALLS_MAX];

	for (bool goes_on = true; goes_on;) {
		p[0] = (struct pollfd){ .fd = s->n_calls < CALLS_MAX ? SOUND_LISTEN_FD : -1,
					.events = POLLIN };
		for (size_t i = 0; i < s->n_calls; i++)
			call_poll(s->calls[i], p + 1 + CALL_FDS * i);
		if (poll(p, 1 + CALL_FDS * s->n_calls, -1) < 0)
			continue;
		go(s, p + 1);
		if (p[0].revents)
			goes_on = admit(s);
	}
}

static int start(struct sound *s, int argc, char *argv[])
{
	int r;

	if (argc < 2 || argc > 3 || fcntl(SOUND_LISTEN_FD, F_GETFD) < 0) {
		(void)fprintf(stderr, "sound: this program is started by claude-sandbox\n");
		return -EINVAL;
	}
	(void)prctl(PR_SET_NAME, "csb-sound");
	r = set_server(s, argv[1]);
	if (r == 0 && argc > 2)
		r = read_cookie(s, argv[2]);
	if (r == 0)
		r = sound_confine();
	if (r < 0)
		(void)fprintf(stderr, "sound: %s\n", strerrordesc_np(-r));
	return r;
}

int main(int argc, char *argv[])
{
	static struct sound sound;

	if (start(&sound, argc, argv) < 0)
		return 1;
	serve(&sound);
	return 0;
}
