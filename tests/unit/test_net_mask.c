/* SPDX-License-Identifier: Apache-2.0 */
/* Networks: an address and how many of its bits count. */
#include "spec/net_addr.h"

#include "base/auto.h"
#include "net_addr_of.h"

static void networks(void **state)
{
	static const struct {
		const char *addr, *net;
		unsigned bits;
		bool want;
	} nets[] = {
		{ "10.1.2.3", "10.0.0.0", 104, true },
		{ "11.0.0.0", "10.0.0.0", 104, false },
		{ "10.0.0.1", "10.0.0.1", 128, true },
		{ "10.0.0.2", "10.0.0.1", 128, false },
		{ "10.0.0.3", "10.0.0.2", 127, true },
		{ "10.0.0.4", "10.0.0.2", 127, false },
		{ "1.2.3.4", "0.0.0.0", 96, true },
		{ "::1", "0.0.0.0", 96, false },
		{ "::1", "::", 0, true },
		{ "1.2.3.4", "::", 0, false },
		{ "1.2.3.4", "::", 80, false },
		{ "fd12::1", "fd00::", 8, true },
		{ "fe00::1", "fd00::", 8, false },
		{ "::a00:1", "10.0.0.0", 104, false },
	};

	(void)state;
	for (size_t i = 0; i < N_ELEMENTS(nets); i++) {
		struct net_addr addr = make(nets[i].addr), net = make(nets[i].net);

		if (net_addr_is_in(&addr, &net, nets[i].bits) != nets[i].want)
			fail_msg("row %zu: %s in %s/%u: want %s", i, nets[i].addr, nets[i].net,
				 nets[i].bits, nets[i].want ? "yes" : "no");
	}
}

static void masks(void **state)
{
	static const struct {
		const char *addr;
		unsigned bits;
		const char *want;
	} masked[] = {
		{ "10.1.2.3", 104, "10.0.0.0" },       { "10.1.2.3", 128, "10.1.2.3" },
		{ "10.1.2.3", 127, "10.1.2.2" },       { "255.255.255.255", 97, "128.0.0.0" },
		{ "255.255.255.255", 96, "0.0.0.0" },  { "ffff::1", 0, "::" },
		{ "ffff:ffff::1", 17, "ffff:8000::" }, { "fd12:3456::1", 8, "fd00::" },
	};

	(void)state;
	for (size_t i = 0; i < N_ELEMENTS(masked); i++) {
		struct net_addr addr = make(masked[i].addr);
		char shown[NET_ADDR_SIZE];

		net_addr_mask(&addr, masked[i].bits);
		net_addr_print(&addr, shown);
		assert_string_equal(shown, masked[i].want);
	}
}

int main(void)
{
	const struct CMUnitTest tests[] = { cmocka_unit_test(networks), cmocka_unit_test(masks) };

	return cmocka_run_group_tests(tests, NULL, NULL);
}
