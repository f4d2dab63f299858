/* SPDX-License-Identifier: Apache-2.0 */
#include "bus/handshake.h"

#include <errno.h>
#include <fcntl.h>
#include <poll.h>
#include <stdbool.h>
#include <stdio.h>
#include <string.h>
#include <sys/socket.h>
#include <unistd.h>

#include "base/auto.h"
#include "base/buf.h"

#define LINES_MAX 512
#define ANSWER_MS 5000

static int put(int fd, const char *text, size_t len)
{
	ssize_t n = len > 0 ? send(fd, text, len, MSG_NOSIGNAL) : 0;

	if (n < 0)
		return -errno;
	return (size_t)n == len ? 0 : -EIO;
}

/* One line, its end taken away. */
static int read_line(int fd, char text[static LINES_MAX])
{
	struct pollfd p = { .fd = fd, .events = POLLIN };

	for (size_t len = 0; len < LINES_MAX - 1;) {
		if (poll(&p, 1, ANSWER_MS) <= 0)
			return -ETIMEDOUT;
		if (recv(fd, text + len, 1, 0) <= 0)
			return -ECONNRESET;
		if (text[len++] == '\n') {
			text[len] = '\0';
			text[strcspn(text, "\r\n")] = '\0';
			return 0;
		}
	}
	return -EBADMSG;
}

/* As ourselves, which the kernel vouches for; "OK GUID" is the answer. */
static int greet(int fd, char answer[static LINES_MAX])
{
	static const char begin[] = "BEGIN\r\n";
	auto_buf struct buf uid = BUF_INIT(32);
	auto_buf struct buf hello = BUF_INIT(LINES_MAX);
	int r;

	buf_addf(&uid, "%u", (unsigned)geteuid());
	buf_add(&hello, "", 1);
	buf_puts(&hello, "AUTH EXTERNAL ");
	for (size_t i = 0; i < uid.len; i++)
		buf_addf(&hello, "%02x", (unsigned char)uid.data[i]);
	buf_puts(&hello, "\r\n");
	r = put(fd, hello.data, hello.len);
	if (r == 0)
		r = read_line(fd, answer);
	if (r == 0 && strncmp(answer, "OK ", strlen("OK ")) != 0)
		r = -EPERM;
	return r < 0 ? r : put(fd, begin, strlen(begin));
}

/* Answers to what sd-bus asks; *ret_rest is what follows its BEGIN. NULL: that is not here. */
static const char *answer_lines(const char *text, const char *ok, struct buf *ret)
{
	for (const char *line = text; *line;) {
		const char *end = strstr(line, "\r\n");
		size_t len = end ? (size_t)(end - line) : 0;

		if (!end)
			return NULL;
		if (strncmp(line, "BEGIN", len) == 0)
			return end + strlen("\r\n");
		if (strncmp(line, "AUTH EXTERNAL", len) == 0)
			buf_puts(ret, "DATA\r\n");
		else if (strncmp(line, "AUTH ", strlen("AUTH ")) == 0 ||
			 strncmp(line, "DATA", strlen("DATA")) == 0)
			buf_addf(ret, "%s\r\n", ok);
		else
			buf_puts(ret, "ERROR\r\n");
		line = end + strlen("\r\n");
	}
	return NULL;
}

/* sd-bus has written its greeting to the other end of @theirs. */
static int play_server(sd_bus *bus, int theirs, const char *ok, int fd)
{
	auto_buf struct buf answers = BUF_INIT((size_t)8 * LINES_MAX);
	char text[LINES_MAX + 1];
	ssize_t n = recv(theirs, text, LINES_MAX, MSG_DONTWAIT);
	const char *rest;
	int r;

	if (n < 1)
		return -EPROTO;
	text[n] = '\0';
	rest = answer_lines(text + 1, ok, &answers); /* a NUL comes first */
	if (!rest)
		return -EPROTO;
	r = put(theirs, buf_text(&answers), answers.len);
	if (r == 0)
		r = sd_bus_process(bus, NULL);
	if (r >= 0)
		r = put(fd, rest, (size_t)(text + n - rest));
	if (r < 0)
		return r;
	/* It may have gone on to messages already. */
	n = recv(theirs, text, LINES_MAX, MSG_DONTWAIT);
	return n > 0 ? put(fd, text, (size_t)n) : 0;
}

int handshake_start(sd_bus *bus, int fd)
{
	char ok[LINES_MAX];
	auto_fd int theirs = -1;
	int pair[2];
	int r = greet(fd, ok);

	if (r < 0)
		return r;
	if (socketpair(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0, pair) < 0)
		return -errno;
	theirs = pair[1];
	r = sd_bus_set_fd(bus, pair[0], pair[0]);
	if (r < 0) {
		(void)close(pair[0]);
		return r;
	}
	r = sd_bus_start(bus);
	if (r >= 0)
		r = play_server(bus, theirs, ok, fd);
	if (r < 0)
		return r;
	return fcntl(fd, F_SETFL, O_NONBLOCK) < 0 || dup3(fd, pair[0], O_CLOEXEC) < 0 ? -errno : 0;
}
