/* SPDX-License-Identifier: Apache-2.0 */
/* Connections through a carrier in a child, with both ends in our hands. Who may be reached: test_publish.c. */
#include "run/carry.h"

#include <dirent.h>
#include <errno.h>
#include <fcntl.h>
#include <netinet/in.h>
#include <poll.h>
#include <setjmp.h>
#include <signal.h>
#include <stdarg.h>
#include <stdio.h>
#include <string.h>
#include <sys/prctl.h>
#include <sys/resource.h>
#include <sys/socket.h>
#include <sys/wait.h>
#include <time.h>
#include <unistd.h>

#include <cmocka.h>

#include "base/auto.h"
#include "run/listener.h"
#include "spec/net_sockaddr.h"

#define PATIENCE_MS 5000
#define LOTS ((size_t)16 << 20) /* more than the kernel holds on the way */
#define ENOUGH_FDS 1000

static const struct net_addr loopback = { .octets = { [10] = 0xff, 0xff, 127, 0, 0, 1 } };

struct bench {
	int listener; /* what stands inside */
	uint16_t port;
	int end;
	pid_t pid;
};

static uint16_t port_of(int listener)
{
	struct sockaddr_in at = { 0 };
	socklen_t len = sizeof(at);

	assert_int_equal(getsockname(listener, (struct sockaddr *)&at, &len), 0);
	return ntohs(at.sin_port);
}

/* @n_spare: descriptors that the child may have beyond those it has. */
static int child_main(const struct carry_port *port, int end, int n_spare)
{
	int next = fcntl(end, F_DUPFD_CLOEXEC, 0);
	const struct rlimit few = { .rlim_cur = (rlim_t)(next + n_spare),
				    .rlim_max = (rlim_t)(next + n_spare) };

	(void)close(next);
	if (prctl(PR_SET_PDEATHSIG, SIGKILL) < 0 || setrlimit(RLIMIT_NOFILE, &few) < 0)
		return 1;
	return carry(port, 1, end) < 0;
}

static struct bench start(int n_spare)
{
	struct bench b = { .listener = listener_open(&loopback, 0, SOCK_STREAM) };
	auto_fd int outside = listener_open(&loopback, 0, SOCK_STREAM);
	const struct carry_port port = { .listen = outside, .inside = port_of(b.listener) };
	auto_fd int end = -1;
	const int little = 65536;
	int pair[2];

	(void)setsockopt(b.listener, SOL_SOCKET, SO_RCVBUF, &little, sizeof(little));
	assert_int_equal(pipe2(pair, O_CLOEXEC), 0);
	end = pair[0];
	b.end = pair[1];
	b.port = port_of(outside);
	b.pid = fork();
	assert_true(b.pid >= 0);
	if (b.pid == 0) {
		(void)close(b.end);
		_exit(child_main(&port, end, n_spare));
	}
	return b;
}

/* It is told to end, and it was not a signal that ended it. */
static void stop(struct bench *b)
{
	int status = -1;

	close_fd(&b->end);
	assert_int_equal(waitpid(b->pid, &status, 0), b->pid);
	assert_int_equal(status, 0);
	close_fd(&b->listener);
}

static void awaits(int fd, short events)
{
	struct pollfd p = { .fd = fd, .events = events };

	assert_int_equal(poll(&p, 1, PATIENCE_MS), 1);
}

static void set_timeouts(int fd)
{
	const struct timeval limit = { .tv_sec = PATIENCE_MS / 1000 };

	(void)setsockopt(fd, SOL_SOCKET, SO_RCVTIMEO, &limit, sizeof(limit));
	(void)setsockopt(fd, SOL_SOCKET, SO_SNDTIMEO, &limit, sizeof(limit));
}

static void connect_both(const struct bench *b, int *ret_outside, int *ret_inside)
{
	const struct net_sockaddr a = net_sockaddr_make(&loopback, b->port);
	int outside = socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0);
	int inside;

	assert_int_equal(connect(outside, &a.any, a.len), 0);
	awaits(b->listener, POLLIN);
	inside = accept4(b->listener, NULL, NULL, SOCK_CLOEXEC);
	assert_true(inside >= 0);
	set_timeouts(outside);
	set_timeouts(inside);
	*ret_outside = outside;
	*ret_inside = inside;
}

static void passes(int from, int to, const char *text)
{
	char got[16] = "";
	ssize_t len = (ssize_t)strlen(text);

	assert_int_equal(send(from, text, (size_t)len, MSG_NOSIGNAL), len);
	assert_int_equal(recv(to, got, (size_t)len, MSG_WAITALL), len);
	assert_string_equal(got, text);
}

static void ends(int from, int to)
{
	char byte;

	assert_int_equal(shutdown(from, SHUT_WR), 0);
	assert_int_equal(read(to, &byte, 1), 0);
}

static void is_reset(int fd)
{
	char byte;

	assert_int_equal(read(fd, &byte, 1), -1);
	assert_int_equal(errno, ECONNRESET);
}

static void reset(int *fd)
{
	const struct linger now = { .l_onoff = 1 };

	assert_int_equal(setsockopt(*fd, SOL_SOCKET, SO_LINGER, &now, sizeof(now)), 0);
	close_fd(fd);
}

static void each_direction_ends_by_itself(void **state)
{
	struct bench b = start(ENOUGH_FDS);

	(void)state;
	for (int first = 0; first < 2; first++) {
		int fds[2];

		connect_both(&b, &fds[0], &fds[1]);
		passes(fds[0], fds[1], "hello");
		ends(fds[first], fds[!first]);
		passes(fds[!first], fds[first], "and on");
		ends(fds[!first], fds[first]);
		close_fd(&fds[0]);
		close_fd(&fds[1]);
	}
	stop(&b);
}

static unsigned char nth(size_t at)
{
	return (unsigned char)(at * 7 >> 3);
}

/* As much as goes without waiting, and no more than @most at a time. */
static size_t push(int fd, size_t at, size_t most)
{
	static unsigned char bytes[65536];
	size_t len = LOTS - at < most ? LOTS - at : most;
	ssize_t n;

	for (size_t i = 0; i < len; i++)
		bytes[i] = nth(at + i);
	n = len == 0 ? 0 : send(fd, bytes, len, MSG_DONTWAIT | MSG_NOSIGNAL);
	assert_true(n >= 0 || errno == EAGAIN);
	return n < 0 ? 0 : (size_t)n;
}

static size_t pull(int fd, size_t at, size_t most)
{
	static unsigned char bytes[65536];
	ssize_t n = recv(fd, bytes, most, MSG_DONTWAIT);

	assert_true(n > 0 || (n < 0 && errno == EAGAIN));
	for (ssize_t i = 0; i < n; i++)
		if (bytes[i] != nth(at + (size_t)i))
			fail();
	return n < 0 ? 0 : (size_t)n;
}

/* Inside all is read in small pieces. */
static void much_passes(int n_spare)
{
	const size_t most[2] = { 65536, 4096 };
	struct bench b = start(n_spare);
	size_t sent[2] = { 0 };
	size_t got[2] = { 0 };
	struct pollfd p[2] = { 0 };

	connect_both(&b, &p[0].fd, &p[1].fd);
	while (got[0] < LOTS || got[1] < LOTS) {
		for (int side = 0; side < 2; side++)
			p[side].events = (short)((got[side] < LOTS ? POLLIN : 0) |
						 (sent[side] < LOTS ? POLLOUT : 0));
		assert_true(poll(p, 2, PATIENCE_MS) > 0);
		for (int side = 0; side < 2; side++) {
			sent[side] += push(p[side].fd, sent[side], 65536);
			if (got[side] < LOTS)
				got[side] += pull(p[side].fd, got[side], most[side]);
		}
	}
	for (int side = 0; side < 2; side++)
		ends(p[side].fd, p[!side].fd);
	close_fd(&p[0].fd);
	close_fd(&p[1].fd);
	stop(&b);
}

static void much_passes_both_ways_at_once(void **state)
{
	(void)state;
	much_passes(ENOUGH_FDS);
}

/* Enough descriptors for the one connection, and none for a pipe. */
static void without_pipes_as_well(void **state)
{
	(void)state;
	much_passes(2);
}

static void a_reset_is_passed_on(void **state)
{
	struct bench b = start(ENOUGH_FDS);

	(void)state;
	for (int first = 0; first < 2; first++)
		for (int has_ended = 0; has_ended < 2; has_ended++) {
			int fds[2];

			connect_both(&b, &fds[0], &fds[1]);
			passes(fds[0], fds[1], "hello");
			if (has_ended) /* the other waits for nothing any more, and is told at its next word */
				ends(fds[first], fds[!first]);
			reset(&fds[first]);
			(void)usleep(50000);
			if (has_ended)
				assert_int_equal(send(fds[!first], "x", 1, MSG_NOSIGNAL), -1);
			else
				is_reset(fds[!first]);
			close_fd(&fds[!first]);
		}
	stop(&b);
}

/* Bytes wait on the way to a reader that reads nothing: that takes no processor time. */
static void whoever_waits_costs_nothing(pid_t pid)
{
	struct timespec before, after;
	clockid_t its_clock;

	assert_int_equal(clock_getcpuclockid(pid, &its_clock), 0);
	assert_int_equal(clock_gettime(its_clock, &before), 0);
	(void)usleep(200000);
	assert_int_equal(clock_gettime(its_clock, &after), 0);
	assert_int_equal(after.tv_sec, before.tv_sec);
	assert_true(after.tv_nsec - before.tv_nsec < 5000000);
}

static size_t count_descriptors(pid_t pid)
{
	char path[64];
	size_t n = 0;
	DIR *d;

	(void)snprintf(path, sizeof(path), "/proc/%d/fd", pid);
	d = opendir(path);
	assert_non_null(d);
	while (readdir(d))
		n++;
	(void)closedir(d);
	return n;
}

/* One that has said all, takes nothing and goes: to write to it is EPIPE, which comes with a signal. */
static void one_goes(int n_spare)
{
	static const char zeroes[65536];
	struct bench b = start(n_spare);
	struct pollfd p = { .events = POLLOUT };
	int inside, outside, others[2];
	size_t had;

	connect_both(&b, &others[0], &others[1]);
	connect_both(&b, &outside, &inside);
	passes(others[0], others[1], "hello");
	had = count_descriptors(b.pid);
	ends(inside, outside);
	p.fd = outside;
	while (poll(&p, 1, 200) == 1)
		(void)!send(outside, zeroes, sizeof(zeroes), MSG_DONTWAIT | MSG_NOSIGNAL);
	whoever_waits_costs_nothing(b.pid);
	passes(others[0], others[1], "hello");
	close_fd(&inside); /* with a reset, as not all was read */
	awaits(outside, POLLHUP);
	(void)usleep(20000);
	assert_int_equal(count_descriptors(b.pid), had - 2); /* its pipe was not left behind */
	passes(others[1], others[0], "hello");
	close_fd(&outside);
	close_fd(&others[0]);
	close_fd(&others[1]);
	stop(&b);
}

static void nobody_else_suffers(void **state)
{
	(void)state;
	one_goes(ENOUGH_FDS);
}

static void nor_without_pipes(void **state)
{
	(void)state;
	one_goes(4);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(each_direction_ends_by_itself),
		cmocka_unit_test(much_passes_both_ways_at_once),
		cmocka_unit_test(without_pipes_as_well),
		cmocka_unit_test(a_reset_is_passed_on),
		cmocka_unit_test(nobody_else_suffers),
		cmocka_unit_test(nor_without_pipes),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
