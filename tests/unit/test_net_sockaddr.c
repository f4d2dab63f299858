/* SPDX-License-Identifier: Apache-2.0 */
#include "spec/net_sockaddr.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>
#include <sys/un.h>

#include <cmocka.h>

#include "base/auto.h"

static const struct {
	const char *addr, *text; /* with port 258 */
	int family;
	uint8_t bytes[28]; /* from the port on */
} rows[] = {
	{ "1.2.3.4", "1.2.3.4:258", AF_INET, { 1, 2, 1, 2, 3, 4 } },
	{ "127.0.0.1", "127.0.0.1:258", AF_INET, { 1, 2, 127, 0, 0, 1 } },
	{ "::1", "[::1]:258", AF_INET6, { 1, 2, 0, 0, 0, 0, [21] = 1 } },
	{ "fe80::5", "[fe80::5]:258", AF_INET6, { 1, 2, 0, 0, 0, 0, 0xfe, 0x80, [21] = 5 } },
};

static void there_and_back(void **state)
{
	(void)state;
	for (size_t i = 0; i < N_ELEMENTS(rows); i++) {
		bool is_v4 = rows[i].family == AF_INET;
		struct net_addr addr, got;
		struct net_sockaddr sa;
		char text[NET_SOCKADDR_SIZE];

		assert_int_equal(net_addr_parse(rows[i].addr, strlen(rows[i].addr), &addr), 0);
		sa = net_sockaddr_make(&addr, 258);
		assert_int_equal(sa.any.sa_family, rows[i].family);
		assert_int_equal(sa.len, is_v4 ? sizeof(sa.v4) : sizeof(sa.v6));
		assert_memory_equal((const char *)&sa.any + sizeof(sa_family_t), rows[i].bytes,
				    sa.len - sizeof(sa_family_t));
		assert_true(net_sockaddr_addr(&sa.any, &got));
		assert_memory_equal(&got, &addr, sizeof(addr));
		net_sockaddr_print(&addr, 258, text);
		assert_string_equal(text, rows[i].text);
	}
}

static void other_families_have_no_address(void **state)
{
	const struct sockaddr_un other = { .sun_family = AF_UNIX };
	struct net_addr got = net_addr_loopback;

	(void)state;
	assert_false(net_sockaddr_addr((const struct sockaddr *)&other, &got));
	assert_false(net_sockaddr_addr(NULL, &got));
	assert_memory_equal(&got, &net_addr_loopback, sizeof(got));
}

/* The longest that there is fits. */
static void the_longest_text(void **state)
{
	static const char longest[] = "1111:2222:3333:4444:5555:6666:7777:8888";
	char text[NET_SOCKADDR_SIZE];
	struct net_addr addr;

	(void)state;
	assert_int_equal(net_addr_parse(longest, strlen(longest), &addr), 0);
	net_sockaddr_print(&addr, 65535, text);
	assert_string_equal(text, "[1111:2222:3333:4444:5555:6666:7777:8888]:65535");
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(there_and_back),
		cmocka_unit_test(other_families_have_no_address),
		cmocka_unit_test(the_longest_text),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
