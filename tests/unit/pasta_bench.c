/* SPDX-License-Identifier: Apache-2.0 */
#include <errno.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdio.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/socket.h>
#include <sys/time.h>

#include <cmocka.h>

#include "base/auto.h"
#include "host/program.h"
#include "pasta_bench.h"
#include "pasta_host.h"
#include "run/pasta.h"
#include "spec/net_sockaddr.h"

static struct {
	const char *why_not; /* NULL: all tests run */
	const char *pasta;
	struct arena a;
} machine;

/* What somebody inside dials; one place for all, so that it is known there. */
static struct {
	char addr[NET_ADDR_SIZE];
	uint16_t port;
	int type;
} * wanted;

int pasta_bench_setup(void **state)
{
	struct err e;

	(void)state;
	wanted = mmap(NULL, sizeof(*wanted), PROT_READ | PROT_WRITE, MAP_SHARED | MAP_ANONYMOUS, -1,
		      0);
	if (wanted == MAP_FAILED)
		return -1;
	if (program_find("pasta", &machine.a, &machine.pasta, &e) < 0)
		machine.why_not = "pasta is not installed (package passt)";
	else
		machine.why_not = pasta_host_enter();
	return 0;
}

int pasta_bench_teardown(void **state)
{
	(void)state;
	arena_done(&machine.a);
	return 0;
}

const char *pasta_bench_program(void)
{
	return machine.pasta;
}

static int dial(void *arg)
{
	const struct net_addr addr = pasta_host_addr(wanted->addr);
	const struct net_sockaddr a = net_sockaddr_make(&addr, wanted->port);
	const struct timeval limit = { .tv_sec = 3 };
	auto_fd int fd = socket(a.any.sa_family, wanted->type | SOCK_CLOEXEC, 0);

	(void)arg;
	(void)setsockopt(fd, SOL_SOCKET, SO_SNDTIMEO, &limit, sizeof(limit));
	if (fd < 0 || connect(fd, &a.any, a.len) < 0)
		return errno;
	for (int i = 0; i < 2 && wanted->type == SOCK_DGRAM; i++)
		if (send(fd, "q", 1, 0) < 0)
			return errno;
	return 0;
}

int pasta_bench_dial(const struct pasta_bench *b, const char *addr, uint16_t port, int type)
{
	(void)snprintf(wanted->addr, sizeof(wanted->addr), "%s", addr);
	wanted->port = port;
	wanted->type = type;
	return netns_child_run(&b->inside, dial, NULL);
}

void pasta_bench_make(struct pasta_bench *b)
{
	*b = (struct pasta_bench){ .pasta = CHILD_NONE };
	if (machine.why_not) {
		print_message("[  SKIP  ] %s\n", machine.why_not);
		skip();
	}
	assert_true(netns_child_start(&b->inside, 0));
}

void pasta_bench_start(struct pasta_bench *b, const struct spec *spec)
{
	int r;

	pasta_bench_make(b);
	r = pasta_start(machine.pasta, b->inside.pidfd, b->inside.pid, spec, &b->pasta, &b->e);
	if (r < 0)
		print_error("%s\n", b->e.msg);
	assert_int_equal(r, 0);
}

void pasta_bench_end(struct pasta_bench *b)
{
	proc_end(&b->pasta);
	netns_child_end(&b->inside);
}
