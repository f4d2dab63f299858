/* SPDX-License-Identifier: Apache-2.0 */
/*
 * --network nat on a host of our own making: whatever is not refused on its way out of the sandbox is seen to arrive,
 * and where. The control is the same pasta without what we add.
 */
#include "run/pasta.h"

#include <errno.h>
#include <poll.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include <cmocka.h>

#include "base/auto.h"
#include "pasta_bench.h"
#include "pasta_host.h"
#include "run/netns_join.h"
#include "spec/config.h"

#define PATIENCE_MS 10000

static const struct spec nat = { .net = { .mode = NETWORK_NAT } };

static void arrives(const struct pasta_bench *b, const char *addr, const char *want)
{
	char came[NET_ADDR_SIZE];
	int r = pasta_bench_dial(b, addr, PASTA_HOST_PORT, SOCK_STREAM);

	if (r != 0) {
		pasta_host_saw(came);
		print_error("%s: %s; %s came\n", addr, strerror(r), came);
	}
	assert_int_equal(r, 0);
	pasta_host_saw(came);
	assert_string_equal(came, want);
}

static void is_refused(const struct pasta_bench *b, const char *addr)
{
	char came[NET_ADDR_SIZE];
	int r = pasta_bench_dial(b, addr, PASTA_HOST_PORT, SOCK_STREAM);

	if (r != ECONNREFUSED)
		print_error("%s: %s\n", addr, strerror(r));
	assert_int_equal(r, ECONNREFUSED);
	pasta_host_saw(came);
	assert_string_equal(came, "nobody");
}

/* pasta with nothing of ours but the way it is started; in the foreground, and we kill it. */
static int bare_main(void *data)
{
	const struct pasta_bench *b = data;
	char netns[64];
	const char *const argv[] = {
		pasta_bench_program(), "-f", "--config-net", "--netns-only", "--netns", netns, NULL
	};

	(void)snprintf(netns, sizeof(netns), "/proc/%d/ns/net", b->inside.pid);
	if (netns_join_owner(b->inside.pidfd, b->inside.pid) < 0)
		return 1;
	(void)prctl(PR_SET_PDEATHSIG, SIGKILL);
	/* NOLINTNEXTLINE(performance-no-int-to-ptr): the one way to cast const away */
	(void)execv(pasta_bench_program(), (char **)(uintptr_t)argv);
	return 1;
}

/* As anybody would start it, which does not always succeed: it looks for the network at the wrong moment. */
static void start_bare(struct pasta_bench *b)
{
	int r = -1;

	pasta_bench_make(b);
	for (int attempt = 0; attempt < 5 && r != 0; attempt++) {
		assert_int_equal(proc_fork(bare_main, b, &b->inside.pidfd, 1, &b->pasta, &b->e), 0);
		for (int i = 0; i < 100 && r != 0; i++) {
			r = pasta_bench_dial(b, "1.2.3.4", PASTA_HOST_PORT, SOCK_STREAM);
			(void)usleep(20000);
		}
		if (r != 0)
			proc_end(&b->pasta);
	}
	assert_int_equal(r, 0);
	(void)usleep(50000);
	for (;;) {
		char came[NET_ADDR_SIZE];

		pasta_host_saw(came);
		if (strcmp(came, "nobody") == 0)
			break;
	}
}

/* One of each range; all of them arrive without the wall. */
static const char *const closed[] = {
	"10.0.0.1",
	"10.255.255.254",
	"100.64.0.1",
	"100.100.100.200",
	"168.63.129.16",
	"169.254.169.254",
	"169.254.170.2",
	"172.16.0.1",
	"172.31.255.254",
	"192.0.0.192",
	"192.0.2.1",
	"192.88.99.1",
	"192.168.0.1",
	"198.18.0.5",
	"198.51.100.1",
	"203.0.113.1",
	PASTA_HOST_V4,
	PASTA_HOST_V6,
	"fd00:ec2::254",
	"fd99::1",
	"fec0::1",
	"2001::1",
	"2001:db8::1",
	"2002:a00:1::1",
	"3fff::1",
	"100::1",
	"4000::1",
	"64:ff9b::a00:1",
	"64:ff9b::a9fe:a9fe",
	"64:ff9b::808:404",
	"64:ff9b:1::a00:1",
	"::10.0.0.1",
};

static const char *const open_to_all[] = {
	"1.2.3.4",        "9.255.255.255", "11.0.0.1",         "100.63.255.255", "100.128.0.1",
	"172.15.255.255", "172.32.0.1",    "192.167.0.1",      "223.255.255.1",  "8.8.4.5",
	"2606:4700::1",   "2001:200::1",   "64:ff9b::102:304",
};

static void the_public_internet_is_reached(void **state)
{
	struct pasta_bench b;

	(void)state;
	pasta_bench_start(&b, &nat);
	for (size_t i = 0; i < N_ELEMENTS(open_to_all); i++)
		arrives(&b, open_to_all[i], open_to_all[i]);
	pasta_bench_end(&b);
}

static void all_else_is_refused(void **state)
{
	struct pasta_bench b;

	(void)state;
	pasta_bench_start(&b, &nat);
	for (size_t i = 0; i < N_ELEMENTS(closed); i++)
		is_refused(&b, closed[i]);
	is_refused(&b, PASTA_HOST_GATEWAY);
	is_refused(&b, "127.0.0.1");
	is_refused(&b, PASTA_HOST_ADDR);
	pasta_bench_end(&b);
}

static void without_the_wall_it_arrives(void **state)
{
	struct pasta_bench b;

	(void)state;
	start_bare(&b);
	for (size_t i = 0; i < N_ELEMENTS(closed); i++)
		arrives(&b, closed[i], closed[i]);
	arrives(&b, PASTA_HOST_GATEWAY, "127.0.0.1"); /* the host's loopback */
	pasta_bench_end(&b);
}

/* Everything that the table of addresses calls special, not only one of each. */
static void the_wall_knows_what_the_table_knows(void **state)
{
	static const uint8_t thick[] = { 10, 100, 169, 172, 192, 198, 203, 0,   1,   18,
					 19, 31,  51,  64,  88,  127, 168, 254, 255, 175 };
	unsigned n_special = 0;
	struct pasta_bench b;

	(void)state;
	pasta_bench_start(&b, &nat);
	srandom(7);
	for (int i = 0; i < 300; i++) {
		struct net_addr addr = { .octets = { [10] = 0xff, [11] = 0xff } };
		char text[NET_ADDR_SIZE];

		for (size_t o = 12; o < 16; o++)
			addr.octets[o] = (uint8_t)random();
		/* Half of them where the ranges are thick; multicast is no matter of a connection. */
		if (i % 2) {
			addr.octets[12] = thick[(size_t)random() % N_ELEMENTS(thick)];
			addr.octets[13] = thick[(size_t)random() % N_ELEMENTS(thick)];
		}
		if (addr.octets[12] == 0 || addr.octets[12] >= 224)
			continue;
		net_addr_print(&addr, text);
		if (!net_addr_special(&addr)) {
			arrives(&b, text, text);
			continue;
		}
		is_refused(&b, text);
		n_special++;
	}
	assert_true(n_special > 10);
	pasta_bench_end(&b);
}

/* An answer that says so, at once, and no silence. */
static void datagrams_are_refused_as_well(void **state)
{
	struct pasta_bench b;
	int r;

	(void)state;
	pasta_bench_start(&b, &nat);
	r = pasta_bench_dial(&b, "10.0.0.1", PASTA_HOST_DNS_PORT, SOCK_DGRAM);
	assert_true(r == EHOSTUNREACH || r == EACCES || r == EPERM || r == ECONNREFUSED);
	r = pasta_bench_dial(&b, "fd99::1", PASTA_HOST_DNS_PORT, SOCK_DGRAM);
	assert_true(r == EHOSTUNREACH || r == EACCES || r == EPERM || r == ECONNREFUSED);
	pasta_bench_end(&b);
}

static void a_hole_is_as_wide_as_it_says(void **state)
{
	struct net_hole holes[] = {
		{ .addr = pasta_host_addr("10.1.2.0"),
		  .bits = 96 + 24,
		  .first = PASTA_HOST_PORT,
		  .last = PASTA_HOST_PORT },
		{ .addr = pasta_host_addr("fd99::5"),
		  .bits = 128,
		  .first = PASTA_HOST_PORT - 1,
		  .last = PASTA_HOST_PORT + 1 },
		{ .addr = pasta_host_addr("10.3.3.3"),
		  .bits = 128,
		  .first = 1,
		  .last = PASTA_HOST_PORT - 1 },
		{ .addr = pasta_host_addr(PASTA_HOST_V4),
		  .bits = 128,
		  .first = PASTA_HOST_PORT,
		  .last = PASTA_HOST_PORT },
		{ .addr = pasta_host_addr(PASTA_HOST_GATEWAY),
		  .bits = 128,
		  .first = PASTA_HOST_PORT,
		  .last = PASTA_HOST_PORT },
	};
	const struct spec spec = {
		.net = { .mode = NETWORK_NAT, .holes = holes, .n_holes = N_ELEMENTS(holes) }
	};
	struct pasta_bench b;

	(void)state;
	pasta_bench_start(&b, &spec);
	arrives(&b, "10.1.2.3", "10.1.2.3");
	arrives(&b, "fd99::5", "fd99::5");
	arrives(&b, PASTA_HOST_V4, PASTA_HOST_V4);
	arrives(&b, PASTA_HOST_GATEWAY,
		PASTA_HOST_GATEWAY); /* and not, as it would by default, at the host's loopback */
	is_refused(&b, "10.1.3.3");
	is_refused(&b, "fd99::6");
	is_refused(&b, "10.3.3.3");
	assert_int_equal(pasta_bench_dial(&b, "10.1.2.3", PASTA_HOST_PORT + 1, SOCK_STREAM),
			 ECONNREFUSED);
	pasta_bench_end(&b);
}

static void names_are_asked_for_at_one_address(void **state)
{
	struct pollfd p = { .fd = pasta_host_dns(), .events = POLLIN };
	char query[8];
	struct pasta_bench b;

	(void)state;
	pasta_bench_start(&b, &nat);
	assert_int_equal(pasta_bench_dial(&b, NET_NAT_DNS, PASTA_HOST_DNS_PORT, SOCK_DGRAM), 0);
	assert_int_equal(poll(&p, 1, PATIENCE_MS), 1);
	assert_int_equal(recv(pasta_host_dns(), query, sizeof(query), 0), 1);
	assert_int_equal(pasta_bench_dial(&b, NET_NAT_DNS, PASTA_HOST_PORT, SOCK_STREAM),
			 ECONNREFUSED);
	pasta_bench_end(&b);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(the_public_internet_is_reached),
		cmocka_unit_test(all_else_is_refused),
		cmocka_unit_test(without_the_wall_it_arrives),
		cmocka_unit_test(the_wall_knows_what_the_table_knows),
		cmocka_unit_test(datagrams_are_refused_as_well),
		cmocka_unit_test(a_hole_is_as_wide_as_it_says),
		cmocka_unit_test(names_are_asked_for_at_one_address),
	};

	return cmocka_run_group_tests(tests, pasta_bench_setup, pasta_bench_teardown);
}
