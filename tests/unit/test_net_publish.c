/* SPDX-License-Identifier: Apache-2.0 */
#include "spec/net_publish.h"

#include <errno.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include "base/auto.h"

static void reads_each_form(void **state)
{
	static const struct {
		const char *text, *addr;
		uint16_t port, inside;
	} rows[] = {
		{ "3000", "127.0.0.1", 3000, 3000 },
		{ "8080:3000", "127.0.0.1", 8080, 3000 },
		{ "127.0.0.1:8080:3000", "127.0.0.1", 8080, 3000 },
		{ "127.0.0.2:8080", "127.0.0.2", 8080, 8080 },
		{ "[::1]:8080:3000", "::1", 8080, 3000 },
		{ "[::1]:1", "::1", 1, 1 },
		{ "65535:65535", "127.0.0.1", 65535, 65535 },
		{ "0.0.0.0:80:3000", "0.0.0.0", 80, 3000 },
		{ "[::]:80:3000", "::", 80, 3000 },
		{ "192.168.1.5:80", "192.168.1.5", 80, 80 },
		{ "[fd00::5]:80", "fd00::5", 80, 80 },
		{ "00080", "127.0.0.1", 80, 80 },
	};

	(void)state;
	for (size_t i = 0; i < N_ELEMENTS(rows); i++) {
		struct net_publish got;
		char addr[NET_ADDR_SIZE];
		struct err e;

		assert_int_equal(net_publish_parse(rows[i].text, &got, &e), 0);
		net_addr_print(&got.addr, addr);
		assert_string_equal(addr, rows[i].addr);
		assert_int_equal(got.port, rows[i].port);
		assert_int_equal(got.inside, rows[i].inside);
	}
}

static void refuses_everything_else(void **state)
{
	static const char *const texts[] = {
		"",
		":",
		"0",
		"3000:0",
		"65536",
		"99999",
		"100000",
		"18446744073709551617",
		"-1",
		"+80",
		" 80",
		"80 ",
		"80:",
		":80",
		"80:90:",
		"80:90:100",
		"80/udp",
		"http",
		"localhost:80",
		"127.0.0.1",
		"127.0.0.1:",
		"127.0.0.1::80",
		"127.0.0.1:80:",
		"127.0.0.1:80:90:100",
		"127.1:80",
		"127.0.0.01:80",
		"127.0.0.1.:80",
		"256.0.0.1:80",
		"*:80",
		"::1:80",
		"[::1]",
		"[::1]:",
		"[::1",
		"[",
		"[]:80",
		"[::1]80",
		"[127.0.0.1]:80",
		"[fe80::1%eth0]:80",
		"80-90",
		"0x50",
	};

	(void)state;
	for (size_t i = 0; i < N_ELEMENTS(texts); i++) {
		struct net_publish got = { .port = 7 };
		struct err e;
		int r = net_publish_parse(texts[i], &got, &e);

		if (r != -EINVAL)
			print_error("'%s' is taken\n", texts[i]);
		assert_int_equal(r, -EINVAL);
		assert_int_equal(got.port, 7);
	}
}

static void tells_the_right_forms(void **state)
{
	struct net_publish got;
	struct err e;

	(void)state;
	assert_int_equal(net_publish_parse("web", &got, &e), -EINVAL);
	assert_string_equal(e.msg,
			    "'web' is no port to publish: write PORT, PORT:INSIDE or "
			    "ADDRESS:PORT:INSIDE, such as 3000, 8080:3000 or [::1]:8080:3000; a "
			    "port is a number from 1 to 65535");
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(reads_each_form),
		cmocka_unit_test(refuses_everything_else),
		cmocka_unit_test(tells_the_right_forms),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
