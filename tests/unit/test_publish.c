/* SPDX-License-Identifier: Apache-2.0 */
/* Connections from the host into a network namespace, and what is left when somebody ends. */
#include "run/publish.h"

#include <arpa/inet.h>
#include <errno.h>
#include <poll.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdlib.h>
#include <sys/resource.h>
#include <sys/stat.h>
#include <time.h>
#include <unistd.h>

#include <cmocka.h>

#include "base/auto.h"
#include "netns_child.h"
#include "run/listener.h"
#include "spec/config.h"
#include "spec/net_sockaddr.h"

#define PATIENCE_MS 5000
#define BIG ((size_t)4 << 20)

static const struct net_addr v4_loopback = { .octets = { [10] = 0xff, 0xff, 127, 0, 0, 1 } };
static const struct net_addr v6_loopback = { .octets = { [15] = 1 } };

/* What stands inside at a port: sends back what it gets, in capitals, after it has got all of it. */
struct server {
	const struct net_addr *addr;
	uint16_t port;
};

static struct server server4 = { &v4_loopback, 3000 };
static struct server server6 = { &v6_loopback, 3001 };

/* In a child of its own inside; it goes with its parent. */
static void serve(int listener)
{
	static char bytes[BIG];

	for (;;) {
		int fd = accept4(listener, NULL, NULL, SOCK_CLOEXEC);
		size_t len = 0;
		ssize_t n;

		while ((n = read(fd, bytes + len, sizeof(bytes) - len)) > 0)
			len += (size_t)n;
		for (size_t i = 0; i < len; i++)
			bytes[i] = (char)(bytes[i] - 'a' + 'A');
		for (size_t at = 0; at < len && n >= 0; at += (size_t)n)
			n = write(fd, bytes + at, len - at);
		(void)close(fd);
	}
}

static int start_server(void *arg)
{
	const struct server *s = arg;
	int fd = listener_open(s->addr, s->port, SOCK_STREAM);
	pid_t parent = getpid();

	if (fd < 0)
		return -fd;
	(void)fcntl(fd, F_SETFL, 0);
	if (fork() == 0) {
		(void)prctl(PR_SET_PDEATHSIG, SIGKILL);
		if (getppid() == parent)
			serve(fd);
		_exit(0);
	}
	(void)close(fd);
	return 0;
}

struct bench {
	struct netns_child inside;
	struct publish publish;
	struct net_publish wants[2];
	struct spec_net net;
	int end[2];
	struct err e;
};

static uint16_t port_of(int listener)
{
	struct sockaddr_in at = { 0 };
	socklen_t len = sizeof(at);

	assert_int_equal(getsockname(listener, (struct sockaddr *)&at, &len), 0);
	return ntohs(at.sin_port);
}

/* Ports that are free on this host: they were a moment ago. */
static uint16_t free_port(void)
{
	int fd = listener_open(&v4_loopback, 0, SOCK_STREAM);
	uint16_t port = port_of(fd);

	(void)close(fd);
	return port;
}

static void start(struct bench *b)
{
	*b = (struct bench){ .publish = PUBLISH_NONE,
			     .wants = { { v4_loopback, free_port(), 3000 },
					{ v4_loopback, free_port(), 3001 } } };
	b->net = (struct spec_net){ .publish = b->wants, .n_publish = 2 };
	if (netns_child_start(&b->inside, 0)) {
		assert_int_equal(netns_child_run(&b->inside, start_server, &server4), 0);
		assert_int_equal(pipe2(b->end, O_CLOEXEC), 0);
		assert_int_equal(publish_listen(&b->publish, &b->net, &b->e), 0);
		assert_int_equal(publish_start(&b->publish, b->inside.pidfd, b->inside.pid,
					       b->end[0], &b->e),
				 0);
		return;
	}
	netns_child_end(&b->inside);
	print_message("[  SKIP  ] this host makes no user or network namespaces\n");
	skip();
}

static void end(struct bench *b)
{
	publish_done(&b->publish);
	netns_child_end(&b->inside);
	close_fd(&b->end[0]);
	close_fd(&b->end[1]);
}

static int dial(uint16_t port)
{
	const struct net_sockaddr a = net_sockaddr_make(&v4_loopback, port);
	const struct timeval limit = { .tv_sec = PATIENCE_MS / 1000 };
	int fd = socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0);

	assert_true(fd >= 0);
	(void)setsockopt(fd, SOL_SOCKET, SO_RCVTIMEO, &limit, sizeof(limit));
	(void)setsockopt(fd, SOL_SOCKET, SO_SNDTIMEO, &limit, sizeof(limit));
	if (connect(fd, &a.any, a.len) == 0)
		return fd;
	(void)close(fd);
	return -errno;
}

static void hears(int fd, const char *want)
{
	char text[64] = "";
	size_t len = 0;
	ssize_t n;

	while ((n = read(fd, text + len, sizeof(text) - 1 - len)) > 0)
		len += (size_t)n;
	assert_int_equal(n, 0);
	assert_string_equal(text, want);
}

static void asks(uint16_t port)
{
	auto_fd int fd = dial(port);

	assert_true(fd >= 0);
	assert_int_equal(write(fd, "hello", 5), 5);
	assert_int_equal(shutdown(fd, SHUT_WR), 0);
	hears(fd, "HELLO");
}

static void a_port_leads_inside(void **state)
{
	struct bench b;

	(void)state;
	start(&b);
	for (int i = 0; i < 3; i++)
		asks(b.wants[0].port);
	end(&b);
}

/* 127.0.0.1 first; who listens on ::1 alone, as some development servers do, is found as well. */
static void ipv6_alone_is_found(void **state)
{
	struct bench b;

	(void)state;
	start(&b);
	if (netns_child_run(&b.inside, start_server, &server6) == 0)
		asks(b.wants[1].port);
	end(&b);
}

static void without_anybody_inside_it_is_reset(void **state)
{
	struct bench b;
	char byte;

	(void)state;
	start(&b);
	for (int i = 0; i < 3; i++) {
		auto_fd int fd = dial(b.wants[1].port);

		assert_true(fd >= 0 || fd == -ECONNRESET);
		if (fd < 0)
			continue;
		assert_int_equal(read(fd, &byte, 1), -1);
		assert_int_equal(errno, ECONNRESET);
	}
	asks(b.wants[0].port);
	end(&b);
}

/* More than all buffers on the way hold, so that each side has to wait for the other. */
static void much_comes_through_whole(void **state)
{
	char *bytes = malloc(BIG);
	size_t got = 0;
	struct bench b;
	ssize_t n = 0;
	int fd;

	(void)state;
	assert_non_null(bytes);
	start(&b);
	fd = dial(b.wants[0].port);
	for (size_t i = 0; i < BIG; i++)
		bytes[i] = (char)('a' + i % 23);
	for (size_t at = 0; at < BIG; at += (size_t)n) {
		n = write(fd, bytes + at, BIG - at);
		assert_true(n > 0);
	}
	assert_int_equal(shutdown(fd, SHUT_WR), 0);
	while ((n = read(fd, bytes + got, BIG - got)) > 0)
		got += (size_t)n;
	assert_int_equal(got, BIG);
	for (size_t i = 0; i < BIG; i++)
		if (bytes[i] != (char)('A' + i % 23))
			fail();
	(void)close(fd);
	end(&b);
	free(bytes);
}

/* One that says nothing keeps nobody else waiting, and takes no processor time. */
static void idle_ones_cost_nothing(void **state)
{
	struct timespec before, after;
	clockid_t its_clock;
	struct bench b;
	int idle[20];

	(void)state;
	start(&b);
	for (size_t i = 0; i < N_ELEMENTS(idle); i++)
		idle[i] = dial(b.wants[0].port);
	/* One is reset, one has said all it has to say. */
	(void)setsockopt(idle[3], SOL_SOCKET, SO_LINGER, &(struct linger){ .l_onoff = 1 },
			 sizeof(struct linger));
	close_fd(&idle[3]);
	(void)shutdown(idle[5], SHUT_WR);
	(void)usleep(50000);
	assert_int_equal(clock_getcpuclockid(b.publish.child.pid, &its_clock), 0);
	assert_int_equal(clock_gettime(its_clock, &before), 0);
	(void)usleep(300000);
	assert_int_equal(clock_gettime(its_clock, &after), 0);
	assert_int_equal(after.tv_sec, before.tv_sec);
	assert_true(after.tv_nsec - before.tv_nsec < 5000000);
	for (size_t i = 0; i < N_ELEMENTS(idle); i++)
		close_fd(&idle[i]);
	asks(b.wants[0].port);
	end(&b);
}

/* All are accepted by the kernel; those above the most wait until one has ended, and none is lost. */
static void more_than_the_most_wait(void **state)
{
	struct bench b;
	int fds[CARRY_MAX + 10];
	struct pollfd late;

	(void)state;
	start(&b);
	for (size_t i = 0; i < N_ELEMENTS(fds); i++) {
		fds[i] = dial(b.wants[0].port);
		assert_true(fds[i] >= 0);
	}
	late = (struct pollfd){ .fd = fds[N_ELEMENTS(fds) - 1], .events = POLLIN };
	assert_int_equal(write(late.fd, "hello", 5), 5);
	assert_int_equal(shutdown(late.fd, SHUT_WR), 0);
	assert_int_equal(poll(&late, 1, 100), 0);
	for (size_t i = 0; i + 1 < N_ELEMENTS(fds); i++)
		close_fd(&fds[i]);
	hears(late.fd, "HELLO");
	(void)close(late.fd);
	end(&b);
}

static void awaits_end(const struct bench *b)
{
	struct pollfd p = { .fd = b->publish.child.pidfd, .events = POLLIN };

	assert_int_equal(poll(&p, 1, PATIENCE_MS), 1);
	assert_int_equal(dial(b->wants[0].port), -ECONNREFUSED);
}

static void it_ends_with_the_sandbox(void **state)
{
	struct bench b;

	(void)state;
	start(&b);
	asks(b.wants[0].port);
	close_fd(&b.end[1]);
	awaits_end(&b);
	end(&b);
}

/* The words of /proc/PID/status after @name. */
static void status_of(pid_t pid, const char *name, char *ret, size_t size)
{
	char path[64];
	char line[256];
	FILE *f;

	(void)snprintf(path, sizeof(path), "/proc/%d/status", pid);
	f = fopen(path, "re");
	assert_non_null(f);
	ret[0] = '\0';
	while (fgets(line, sizeof(line), f))
		if (strncmp(line, name, strlen(name)) == 0)
			(void)snprintf(ret, size, "%s", line + strlen(name));
	(void)fclose(f);
}

/* No capability, and no network but the sandbox's. */
static void it_holds_nothing(void **state)
{
	static const char *const sets[] = { "CapInh:\t", "CapPrm:\t", "CapEff:\t", "CapAmb:\t" };
	struct stat own = { 0 };
	struct stat its;
	char text[128];
	struct bench b;

	(void)state;
	start(&b);
	for (size_t i = 0; i < N_ELEMENTS(sets); i++) {
		status_of(b.publish.child.pid, sets[i], text, sizeof(text));
		assert_string_equal(text, "0000000000000000\n");
	}
	status_of(b.publish.child.pid, "NoNewPrivs:\t", text, sizeof(text));
	assert_string_equal(text, "1\n");
	(void)snprintf(text, sizeof(text), "/proc/%d/ns/net", b.publish.child.pid);
	if (stat(text, &its) == 0) { /* root alone may look */
		assert_int_equal(stat("/proc/self/ns/net", &own), 0);
		assert_true(own.st_ino != its.st_ino);
	}
	end(&b);
}

/* Whoever started it is killed: it goes, though it went into a user namespace meanwhile. */
static void it_ends_with_its_starter(void **state)
{
	struct bench b;
	int pair[2];
	pid_t starter;
	uint16_t port;

	(void)state;
	start(&b);
	publish_done(&b.publish);
	assert_int_equal(pipe2(pair, O_CLOEXEC), 0);
	assert_int_equal(publish_listen(&b.publish, &b.net, &b.e), 0);
	port = b.wants[0].port;
	starter = fork();
	assert_true(starter >= 0);
	if (starter == 0) {
		int r = publish_start(&b.publish, b.inside.pidfd, b.inside.pid, b.end[0], &b.e);

		(void)!write(pair[1], &r, sizeof(r));
		for (;;)
			(void)pause();
	} else {
		int r = -1;

		publish_done(&b.publish); /* ours of the listening sockets */
		assert_int_equal(read(pair[0], &r, sizeof(r)), sizeof(r));
		assert_int_equal(r, 0);
		asks(port);
		(void)kill(starter, SIGKILL);
		(void)waitpid(starter, NULL, 0);
	}
	for (int i = 0; i < 100; i++) {
		int fd = dial(port);

		if (fd == -ECONNREFUSED)
			break;
		close_fd(&fd);
		(void)usleep(10000);
	}
	assert_int_equal(dial(port), -ECONNREFUSED);
	(void)close(pair[0]);
	(void)close(pair[1]);
	end(&b);
}

static void a_port_that_is_taken_is_told(void **state)
{
	struct net_publish want = { v4_loopback, 0, 3000 };
	const struct spec_net net = { .publish = &want, .n_publish = 1 };
	struct publish p = PUBLISH_NONE;
	auto_fd int taken = listener_open(&v4_loopback, 0, SOCK_STREAM);
	char sentence[256];
	struct err e;

	(void)state;
	want.port = port_of(taken);
	assert_int_equal(publish_listen(&p, &net, &e), -EADDRINUSE);
	(void)snprintf(sentence, sizeof(sentence),
		       "cannot publish port 3000: something listens on 127.0.0.1:%u already (ss "
		       "-tlnp shows what); end that, or take another port: --publish OTHER:3000",
		       want.port);
	assert_string_equal(e.msg, sentence);
	assert_int_equal(p.n_ports, 0);
}

static void an_address_of_others_is_told(void **state)
{
	struct net_publish want = { { .octets = { [10] = 0xff, 0xff, 203, 0, 113, 9 } }, 8080, 80 };
	const struct spec_net net = { .publish = &want, .n_publish = 1 };
	struct publish p = PUBLISH_NONE;
	struct err e;

	(void)state;
	assert_int_equal(publish_listen(&p, &net, &e), -EADDRNOTAVAIL);
	assert_string_equal(e.msg,
			    "cannot publish port 80 on 203.0.113.9:8080, which is no address "
			    "of this host; without an address it is 127.0.0.1: --publish "
			    "8080:80");
}

static void a_port_of_root_is_told(void **state)
{
	struct net_publish want = { v4_loopback, 81, 81 };
	const struct spec_net net = { .publish = &want, .n_publish = 1 };
	struct publish p = PUBLISH_NONE;
	struct err e;

	(void)state;
	if (publish_listen(&p, &net, &e) == 0) {
		publish_done(&p);
		skip(); /* root, or a host that lets everybody */
	}
	assert_string_equal(e.msg,
			    "cannot publish port 81 on 127.0.0.1:81, which only root may use; "
			    "take one from 1024 on: --publish 8081:81");
}

static void without_ports_nothing_is_done(void **state)
{
	const struct spec_net net = { 0 };
	struct publish p = PUBLISH_NONE;
	struct err e;

	(void)state;
	assert_int_equal(publish_listen(&p, &net, &e), 0);
	assert_int_equal(publish_start(&p, -1, 0, -1, &e), 0);
	assert_int_equal(p.child.pid, 0);
	publish_done(&p);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(a_port_leads_inside),
		cmocka_unit_test(ipv6_alone_is_found),
		cmocka_unit_test(without_anybody_inside_it_is_reset),
		cmocka_unit_test(much_comes_through_whole),
		cmocka_unit_test(idle_ones_cost_nothing),
		cmocka_unit_test(more_than_the_most_wait),
		cmocka_unit_test(it_ends_with_the_sandbox),
		cmocka_unit_test(it_holds_nothing),
		cmocka_unit_test(it_ends_with_its_starter),
		cmocka_unit_test(a_port_that_is_taken_is_told),
		cmocka_unit_test(an_address_of_others_is_told),
		cmocka_unit_test(a_port_of_root_is_told),
		cmocka_unit_test(without_ports_nothing_is_done),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
