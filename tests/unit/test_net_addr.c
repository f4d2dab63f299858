/* SPDX-License-Identifier: Apache-2.0 */
#include "spec/net_addr.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include "base/auto.h"
#include "net_addr_of.h"

#define PUBLIC NULL
#define METADATA "a metadata service"
#define LOOPBACK "loopback"
#define LINK_LOCAL "link-local"
#define PRIVATE "private"
#define MULTICAST "multicast"
#define RESERVED "reserved"

/* clang-format off */
static const struct {
	const char *text, *shown;
	const char *special;
} rows[] = {
	/* IPv4: public, and the edges of each range */
	{ "1.1.1.1", "1.1.1.1", PUBLIC },
	{ "8.8.8.8", "8.8.8.8", PUBLIC },
	{ "140.82.121.4", "140.82.121.4", PUBLIC },
	{ "0.0.0.0", "0.0.0.0", LOOPBACK },
	{ "0.0.0.1", "0.0.0.1", RESERVED },
	{ "0.255.255.255", "0.255.255.255", RESERVED },
	{ "1.0.0.0", "1.0.0.0", PUBLIC },
	{ "9.255.255.255", "9.255.255.255", PUBLIC },
	{ "10.0.0.0", "10.0.0.0", PRIVATE },
	{ "10.255.255.255", "10.255.255.255", PRIVATE },
	{ "11.0.0.0", "11.0.0.0", PUBLIC },
	{ "100.63.255.255", "100.63.255.255", PUBLIC },
	{ "100.64.0.0", "100.64.0.0", PRIVATE },
	{ "100.127.255.255", "100.127.255.255", PRIVATE },
	{ "100.128.0.0", "100.128.0.0", PUBLIC },
	{ "126.255.255.255", "126.255.255.255", PUBLIC },
	{ "127.0.0.0", "127.0.0.0", LOOPBACK },
	{ "127.0.0.1", "127.0.0.1", LOOPBACK },
	{ "127.255.255.255", "127.255.255.255", LOOPBACK },
	{ "128.0.0.0", "128.0.0.0", PUBLIC },
	{ "169.253.255.255", "169.253.255.255", PUBLIC },
	{ "169.254.0.0", "169.254.0.0", LINK_LOCAL },
	{ "169.254.255.255", "169.254.255.255", LINK_LOCAL },
	{ "169.255.0.0", "169.255.0.0", PUBLIC },
	{ "172.15.255.255", "172.15.255.255", PUBLIC },
	{ "172.16.0.0", "172.16.0.0", PRIVATE },
	{ "172.31.255.255", "172.31.255.255", PRIVATE },
	{ "172.32.0.0", "172.32.0.0", PUBLIC },
	{ "191.255.255.255", "191.255.255.255", PUBLIC },
	{ "192.0.0.0", "192.0.0.0", RESERVED },
	{ "192.0.0.8", "192.0.0.8", RESERVED },
	{ "192.0.0.9", "192.0.0.9", RESERVED },
	{ "192.0.0.10", "192.0.0.10", RESERVED },
	{ "192.0.0.170", "192.0.0.170", RESERVED },
	{ "192.0.0.255", "192.0.0.255", RESERVED },
	{ "192.0.1.0", "192.0.1.0", PUBLIC },
	{ "192.0.2.0", "192.0.2.0", RESERVED },
	{ "192.0.2.255", "192.0.2.255", RESERVED },
	{ "192.0.3.0", "192.0.3.0", PUBLIC },
	{ "192.31.195.255", "192.31.195.255", PUBLIC },
	{ "192.31.196.1", "192.31.196.1", RESERVED },
	{ "192.31.197.0", "192.31.197.0", PUBLIC },
	{ "192.52.193.1", "192.52.193.1", RESERVED },
	{ "192.52.194.0", "192.52.194.0", PUBLIC },
	{ "192.88.98.255", "192.88.98.255", PUBLIC },
	{ "192.88.99.1", "192.88.99.1", RESERVED },
	{ "192.88.100.0", "192.88.100.0", PUBLIC },
	{ "192.167.255.255", "192.167.255.255", PUBLIC },
	{ "192.168.0.0", "192.168.0.0", PRIVATE },
	{ "192.168.255.255", "192.168.255.255", PRIVATE },
	{ "192.169.0.0", "192.169.0.0", PUBLIC },
	{ "192.175.48.6", "192.175.48.6", RESERVED },
	{ "192.175.49.0", "192.175.49.0", PUBLIC },
	{ "198.17.255.255", "198.17.255.255", PUBLIC },
	{ "198.18.0.0", "198.18.0.0", RESERVED },
	{ "198.19.255.255", "198.19.255.255", RESERVED },
	{ "198.20.0.0", "198.20.0.0", PUBLIC },
	{ "198.51.100.7", "198.51.100.7", RESERVED },
	{ "198.51.101.0", "198.51.101.0", PUBLIC },
	{ "203.0.112.255", "203.0.112.255", PUBLIC },
	{ "203.0.113.7", "203.0.113.7", RESERVED },
	{ "203.0.114.0", "203.0.114.0", PUBLIC },
	{ "223.255.255.255", "223.255.255.255", PUBLIC },
	{ "224.0.0.0", "224.0.0.0", MULTICAST },
	{ "224.0.0.251", "224.0.0.251", MULTICAST },
	{ "239.255.255.255", "239.255.255.255", MULTICAST },
	{ "240.0.0.0", "240.0.0.0", RESERVED },
	{ "255.255.255.254", "255.255.255.254", RESERVED },
	{ "255.255.255.255", "255.255.255.255", RESERVED },
	/* metadata services, and their neighbours */
	{ "169.254.169.254", "169.254.169.254", METADATA },
	{ "169.254.169.253", "169.254.169.253", LINK_LOCAL },
	{ "169.254.169.250", "169.254.169.250", METADATA },
	{ "169.254.170.2", "169.254.170.2", METADATA },
	{ "169.254.170.23", "169.254.170.23", METADATA },
	{ "169.254.42.42", "169.254.42.42", METADATA },
	{ "169.254.0.23", "169.254.0.23", METADATA },
	{ "100.100.100.200", "100.100.100.200", METADATA },
	{ "100.100.100.201", "100.100.100.201", PRIVATE },
	{ "100.96.0.96", "100.96.0.96", METADATA },
	{ "168.63.129.16", "168.63.129.16", METADATA },
	{ "168.63.129.15", "168.63.129.15", PUBLIC },
	{ "168.63.129.17", "168.63.129.17", PUBLIC },
	{ "192.0.0.192", "192.0.0.192", METADATA },
	{ "192.0.0.193", "192.0.0.193", RESERVED },
	/* IPv6 */
	{ "::", "::", LOOPBACK },
	{ "0:0:0:0:0:0:0:0", "::", LOOPBACK },
	{ "::0", "::", LOOPBACK },
	{ "::1", "::1", LOOPBACK },
	{ "0:0:0:0:0:0:0:1", "::1", LOOPBACK },
	{ "0000:0000:0000:0000:0000:0000:0000:0001", "::1", LOOPBACK },
	{ "::0001", "::1", LOOPBACK },
	{ "::0.0.0.1", "::1", LOOPBACK },
	{ "::2", "::2", RESERVED },
	{ "2606:4700:4700::1111", "2606:4700:4700::1111", PUBLIC },
	{ "2A00:1450:4001:82B::200E", "2a00:1450:4001:82b::200e", PUBLIC },
	{ "2000::", "2000::", PUBLIC },
	{ "1fff:ffff::", "1fff:ffff::", RESERVED },
	{ "3ffe:ffff::1", "3ffe:ffff::1", PUBLIC },
	{ "3fff::1", "3fff::1", RESERVED },
	{ "3fff:fff:ffff::1", "3fff:fff:ffff::1", RESERVED },
	{ "3fff:1000::", "3fff:1000::", PUBLIC },
	{ "3fff:ffff:ffff:ffff:ffff:ffff:ffff:ffff", "3fff:ffff:ffff:ffff:ffff:ffff:ffff:ffff", PUBLIC },
	{ "4000::", "4000::", RESERVED },
	{ "5f00::1", "5f00::1", RESERVED },
	{ "100:0:0:1::1", "100:0:0:1::1", RESERVED },
	{ "2001:1::1", "2001:1::1", RESERVED },
	{ "2001:1::2", "2001:1::2", RESERVED },
	{ "2001:1::3", "2001:1::3", RESERVED },
	{ "2001:2::1", "2001:2::1", RESERVED },
	{ "2001:4:112::1", "2001:4:112::1", RESERVED },
	{ "2001:10::1", "2001:10::1", RESERVED },
	{ "2001:30::1", "2001:30::1", RESERVED },
	{ "2001:1ff:ffff::", "2001:1ff:ffff::", RESERVED },
	{ "2001:200::", "2001:200::", PUBLIC },
	{ "2001:4860:4860::8888", "2001:4860:4860::8888", PUBLIC },
	{ "2001:db7:ffff::1", "2001:db7:ffff::1", PUBLIC },
	{ "2001:db8::1", "2001:db8::1", RESERVED },
	{ "2001:db8:ffff:ffff:ffff:ffff:ffff:ffff", "2001:db8:ffff:ffff:ffff:ffff:ffff:ffff", RESERVED },
	{ "2001:db9::1", "2001:db9::1", PUBLIC },
	{ "2620:4f:8000::1", "2620:4f:8000::1", RESERVED },
	{ "fbff::1", "fbff::1", RESERVED },
	{ "fc00::", "fc00::", PRIVATE },
	{ "fd00::1", "fd00::1", PRIVATE },
	{ "fdff:ffff::1", "fdff:ffff::1", PRIVATE },
	{ "fe00::1", "fe00::1", RESERVED },
	{ "fe80::1", "fe80::1", LINK_LOCAL },
	{ "febf:ffff::1", "febf:ffff::1", LINK_LOCAL },
	{ "fec0::1", "fec0::1", PRIVATE },
	{ "feff::1", "feff::1", PRIVATE },
	{ "ff00::", "ff00::", MULTICAST },
	{ "ff02::1", "ff02::1", MULTICAST },
	{ "ffff:ffff:ffff:ffff:ffff:ffff:ffff:ffff", "ffff:ffff:ffff:ffff:ffff:ffff:ffff:ffff", MULTICAST },
	{ "fd00:ec2::254", "fd00:ec2::254", METADATA },
	{ "fd00:0ec2:0:0:0:0:0:0254", "fd00:ec2::254", METADATA },
	{ "fd00:ec2::253", "fd00:ec2::253", PRIVATE },
	{ "fd00:ec2::23", "fd00:ec2::23", METADATA },
	{ "fd20:ce::254", "fd20:ce::254", METADATA },
	{ "fd00:42::42", "fd00:42::42", METADATA },
	{ "fd00:c1::a9fe:a9fe", "fd00:c1::a9fe:a9fe", METADATA },
	{ "fe80::a9fe:a9fe", "fe80::a9fe:a9fe", METADATA },
	/* mapped: the same address */
	{ "::ffff:1.1.1.1", "1.1.1.1", PUBLIC },
	{ "::ffff:127.0.0.1", "127.0.0.1", LOOPBACK },
	{ "::ffff:7f00:1", "127.0.0.1", LOOPBACK },
	{ "::FFFF:7F00:0001", "127.0.0.1", LOOPBACK },
	{ "0:0:0:0:0:ffff:10.0.0.1", "10.0.0.1", PRIVATE },
	{ "::ffff:a9fe:a9fe", "169.254.169.254", METADATA },
	{ "::ffff:0.0.0.0", "0.0.0.0", LOOPBACK },
	{ "::ffff:168.63.129.16", "168.63.129.16", METADATA },
	/* compatible and translated */
	{ "::127.0.0.1", "::127.0.0.1", LOOPBACK },
	{ "::10.0.0.1", "::10.0.0.1", PRIVATE },
	{ "::8.8.8.8", "::8.8.8.8", RESERVED },
	{ "::a9fe:a9fe", "::169.254.169.254", METADATA },
	{ "::ffff:0:127.0.0.1", "::ffff:0:7f00:1", LOOPBACK },
	{ "::ffff:0:8.8.8.8", "::ffff:0:808:808", RESERVED },
	{ "::fffe:8.8.8.8", "::fffe:808:808", RESERVED },
	/* NAT64 */
	{ "64:ff9b::8.8.8.8", "64:ff9b::808:808", PUBLIC },
	{ "64:ff9b::127.0.0.1", "64:ff9b::7f00:1", LOOPBACK },
	{ "64:ff9b::a00:1", "64:ff9b::a00:1", PRIVATE },
	{ "64:ff9b::169.254.169.254", "64:ff9b::a9fe:a9fe", METADATA },
	{ "64:ff9b::224.0.0.1", "64:ff9b::e000:1", MULTICAST },
	{ "64:ff9b::", "64:ff9b::", LOOPBACK },
	{ "64:ff9b:0:0:0:1:808:808", "64:ff9b::1:808:808", RESERVED },
	{ "64:ff9b:1::8.8.8.8", "64:ff9b:1::808:808", LOOPBACK }, /* with a prefix of 48 bits it carries 0.0.0.0 */
	{ "64:ff9b:1:808:8:800::", "64:ff9b:1:808:8:800::", LOOPBACK },
	{ "64:ff9b:1:808:8:800:808:808", "64:ff9b:1:808:8:800:808:808", RESERVED },
	{ "64:ff9b:1:808:8:800:169.254.169.254", "64:ff9b:1:808:8:800:a9fe:a9fe", METADATA },
	{ "64:ff9b:1:a9fe:a9:fe00::", "64:ff9b:1:a9fe:a9:fe00::", METADATA },
	{ "64:ff9b:2::8.8.8.8", "64:ff9b:2::808:808", RESERVED },
	/* 6to4 */
	{ "2002:808:808::1", "2002:808:808::1", RESERVED },
	{ "2002:7f00:1::", "2002:7f00:1::", LOOPBACK },
	{ "2002:a00:1::1", "2002:a00:1::1", PRIVATE },
	{ "2002:a9fe:a9fe::1", "2002:a9fe:a9fe::1", METADATA },
	{ "2003::1", "2003::1", PUBLIC },
	/* Teredo: the server as it is, the client with its bits turned over */
	{ "2001:0:808:808::f7f7:f7f7", "2001:0:808:808::f7f7:f7f7", RESERVED },
	{ "2001:0:a00:1::f7f7:f7f7", "2001:0:a00:1::f7f7:f7f7", PRIVATE },
	{ "2001:0:808:808::80ff:fffe", "2001:0:808:808::80ff:fffe", LOOPBACK },
	{ "2001:0:808:808::5601:5601", "2001:0:808:808::5601:5601", METADATA },
	{ "2001:0:a9fe:a9fe::f7f7:f7f7", "2001:0:a9fe:a9fe::f7f7:f7f7", METADATA },
	/* ISATAP, below any prefix */
	{ "2a00:1450::5efe:8.8.8.8", "2a00:1450::5efe:808:808", PUBLIC },
	{ "2a00:1450::5efe:10.0.0.1", "2a00:1450::5efe:a00:1", PRIVATE },
	{ "2a00:1450::200:5efe:10.0.0.1", "2a00:1450::200:5efe:a00:1", PRIVATE },
	{ "2a00:1450::200:5efe:127.0.0.1", "2a00:1450::200:5efe:7f00:1", LOOPBACK },
	{ "2a00:1450::5efe:169.254.169.254", "2a00:1450::5efe:a9fe:a9fe", METADATA },
	{ "2a00:1450::300:5efe:10.0.0.1", "2a00:1450::300:5efe:a00:1", PUBLIC },
	{ "fe80::5efe:192.168.0.1", "fe80::5efe:c0a8:1", LINK_LOCAL },
	{ "fe80::200:5efe:169.254.169.254", "fe80::200:5efe:a9fe:a9fe", METADATA },
};

static const char *const none[] = {
	"", "0", "1", "127.1", "127.0.1", "127.0.0.1.", ".127.0.0.1", "127.0.0.1.1", "127..0.1", "127.0.0.",
	"127.0.0.01", "127.0.0.001", "0127.0.0.1", "0177.0.0.1", "00.0.0.0", "0x7f.0.0.1", "0x7f000001",
	"2130706433", "256.0.0.1", "1.2.3.256", "1.2.3.4294967297", "1.2.3.-4", "1.2.3.+4", " 1.2.3.4",
	"1.2.3.4 ", "1.2.3.4\n", "1.2.3.4/32", "1.2.3.4:80", "a.b.c.d", "\xef\xbc\x91.1.1.1", ":", ":::",
	"1:::2", "1::2::3", ":1", "1:", "1:2:3:4:5:6:7", "1:2:3:4:5:6:7:8:9", "::12345", "::00001", "::g",
	"::-1", "::1.2.3", "::1.2.3.04", "::1.2.3.256", "::1.2.3.4:5", "::ffff:0x7f.0.0.1", "[::1]", "::1%lo",
	"fe80::1%1", "fe80::1%25eth0", "::1/128", " ::1", "::1 ", "localhost",
	"0000:0000:0000:0000:0000:0000:0000:0000:0001", "ffff:ffff:ffff:ffff:ffff:ffff:255.255.255.2555",
};
/* clang-format on */

static void spellings(void **state)
{
	(void)state;
	for (size_t i = 0; i < N_ELEMENTS(rows); i++) {
		struct net_addr addr, again;
		char shown[NET_ADDR_SIZE] = "";
		int r = net_addr_parse(rows[i].text, strlen(rows[i].text), &addr);
		const char *special;

		if (r != 0)
			fail_msg("row %zu: '%s': got %d", i, rows[i].text, r);
		net_addr_print(&addr, shown);
		if (strcmp(shown, rows[i].shown) != 0)
			fail_msg("row %zu: '%s': got '%s', want '%s'", i, rows[i].text, shown,
				 rows[i].shown);
		assert_int_equal(net_addr_is_v4(&addr), strchr(shown, ':') == NULL);
		assert_int_equal(net_addr_parse(shown, strlen(shown), &again), 0);
		assert_memory_equal(&addr, &again, sizeof(addr));
		special = net_addr_special(&addr);
		if (strcmp(special ?: "public", rows[i].special ?: "public") != 0)
			fail_msg("row %zu: '%s': got %s, want %s", i, rows[i].text,
				 special ?: "public", rows[i].special ?: "public");
		assert_int_equal(net_addr_is_metadata(&addr),
				 rows[i].special && strcmp(rows[i].special, METADATA) == 0);
	}
}

static void no_addresses(void **state)
{
	(void)state;
	for (size_t i = 0; i < N_ELEMENTS(none); i++) {
		struct net_addr addr;

		if (net_addr_parse(none[i], strlen(none[i]), &addr) != -22)
			fail_msg("'%s' is taken for an address", none[i]);
	}
}

static void lengths(void **state)
{
	struct net_addr addr;
	char shown[NET_ADDR_SIZE];

	(void)state;
	assert_int_equal(net_addr_parse("1.2.3.45", 7, &addr), 0);
	net_addr_print(&addr, shown);
	assert_string_equal(shown, "1.2.3.4");
	assert_int_equal(net_addr_parse("1.2.3.4\0", 8, &addr), -22);
	assert_int_equal(net_addr_parse("1.2.3.4\0.5", 10, &addr), -22);
	assert_int_equal(net_addr_parse("ffff:ffff:ffff:ffff:ffff:ffff:255.255.255.255", 45, &addr),
			 0);
	assert_int_equal(net_addr_parse("1.2.3.4", 0, &addr), -22);
}

static void carried(void **state)
{
	static const struct {
		const char *addr, *want[3];
	} all[] = {
		{ "1.2.3.4", { 0 } },
		{ "2a00::1", { 0 } },
		{ "::1.2.3.4", { "1.2.3.4" } },
		{ "64:ff9b::1.2.3.4", { "1.2.3.4" } },
		{ "2002:102:304::1", { "1.2.3.4" } },
		{ "2001:0:102:304::fefd:fcfb", { "1.2.3.4", "1.2.3.4" } },
		{ "2a00::5efe:1.2.3.4", { "1.2.3.4" } },
		{ "2002:102:304::5efe:5.6.7.8", { "1.2.3.4", "5.6.7.8" } },
		{ "64:ff9b:1:102:3:400:5.6.7.8", { "5.6.7.8", "1.2.3.4" } },
	};

	(void)state;
	for (size_t i = 0; i < N_ELEMENTS(all); i++) {
		struct net_addr addr = make(all[i].addr), got[NET_ADDR_CARRIED_MAX];
		size_t n = net_addr_carried(&addr, got);

		for (size_t k = 0; k < n; k++) {
			char shown[NET_ADDR_SIZE];

			net_addr_print(&got[k], shown);
			assert_non_null(all[i].want[k]);
			assert_string_equal(shown, all[i].want[k]);
		}
		assert_null(all[i].want[n]);
	}
}

static void loopback(void **state)
{
	static const struct {
		const char *addr;
		bool want;
	} all[] = {
		{ "127.0.0.1", true },  { "127.0.0.0", true },        { "127.255.255.255", true },
		{ "::1", true },        { "::ffff:127.0.0.1", true }, { "126.255.255.255", false },
		{ "128.0.0.0", false }, { "0.0.0.0", false },         { "::", false },
		{ "::2", false },       { "::127.0.0.1", false },     { "fe80::1", false },
	};
	const struct net_addr v4 = make("127.0.0.1");
	const struct net_addr v6 = make("::1");

	(void)state;
	assert_memory_equal(&net_addr_loopback, &v4, sizeof(v4));
	assert_memory_equal(&net_addr_loopback6, &v6, sizeof(v6));
	for (size_t i = 0; i < N_ELEMENTS(all); i++) {
		struct net_addr addr = make(all[i].addr);

		if (net_addr_is_loopback(&addr) != all[i].want)
			fail_msg("%s: want %d", all[i].addr, all[i].want);
	}
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(spellings), cmocka_unit_test(no_addresses),
		cmocka_unit_test(lengths),   cmocka_unit_test(carried),
		cmocka_unit_test(loopback),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
