/* SPDX-License-Identifier: Apache-2.0 */
/* What listens on the host for a sandbox: what is said when it cannot, and what is left when somebody ends. */
#include "run/publish.h"

#include <errno.h>
#include <poll.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include <cmocka.h>

#include "publish_bench.h"

static void awaits_end(const struct publish_bench *b)
{
	struct pollfd p = { .fd = b->publish.child.pidfd, .events = POLLIN };

	assert_int_equal(poll(&p, 1, PATIENCE_MS), 1);
	assert_int_equal(dial(b->wants[0].port), -ECONNREFUSED);
}

static void it_ends_with_the_sandbox(void **state)
{
	struct publish_bench b;

	(void)state;
	publish_bench_start(&b);
	asks(b.wants[0].port);
	close_fd(&b.end[1]);
	awaits_end(&b);
	publish_bench_end(&b);
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
	struct publish_bench b;

	(void)state;
	publish_bench_start(&b);
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
	publish_bench_end(&b);
}

/* Whoever started it is killed: it goes, though it went into a user namespace meanwhile. */
static void it_ends_with_its_starter(void **state)
{
	struct publish_bench b;
	int pair[2];
	pid_t starter;
	uint16_t port;

	(void)state;
	publish_bench_start(&b);
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
	publish_bench_end(&b);
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

/* Inside, ports from 1024 on are everybody's, and he has no right to the others, whoever runs this test. */
static int publish_81(void *told)
{
	struct net_publish want = { v4_loopback, 81, 81 };
	const struct spec_net net = { .publish = &want, .n_publish = 1 };
	struct publish p = PUBLISH_NONE;
	struct err e = { 0 };
	int r = publish_listen(&p, &net, &e);

	(void)!write(*(const int *)told, e.msg, strlen(e.msg));
	return r;
}

static void a_port_of_root_is_told(void **state)
{
	struct netns_child inside;
	char sentence[256] = "";
	int told[2];

	(void)state;
	assert_int_equal(pipe2(told, O_CLOEXEC | O_NONBLOCK), 0);
	netns_child_need(&inside, 0);
	assert_int_equal(netns_child_run(&inside, publish_81, &told[1]), -EACCES);
	assert_true(read(told[0], sentence, sizeof(sentence) - 1) > 0);
	assert_string_equal(sentence,
			    "cannot publish port 81 on 127.0.0.1:81, which only root may use; "
			    "take one from 1024 on: --publish 8081:81");
	netns_child_end(&inside);
	close_fd(&told[0]);
	close_fd(&told[1]);
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
