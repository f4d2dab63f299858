/* SPDX-License-Identifier: Apache-2.0 */
#include "spec/net_rules.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include "base/auto.h"
#include "repeat.h"

/* --- refusals ------------------------------------------------------------------------------ */

#define NO_PATH "rules have no path"
#define NO_PORT "is no port; write a number from 1 to 65535"
#define NO_NAME "is no name of a host"
#define ONE_PORT "has one port or one range, such as 'localhost:8080'"
#define ONE_HOST "names one host, one address or a network"

/* clang-format off */
static const struct {
	enum net_list list;
	const char *text, *want;
} refused[] = {
	{ NET_ALLOW, "", "rule '': it is empty; write a host, such as 'github.com', or leave it out" },
	{ NET_ALLOW, " ", "begins or ends with a space" },
	{ NET_ALLOW, " x.example", "begins or ends with a space" },
	{ NET_ALLOW, "x.example ", "begins or ends with a space" },
	{ NET_ALLOW, "x.\texample", "rule 'x.\\x09example': it has a tab, a line's end or another control byte" },
	{ NET_ALLOW, "x.example\n", "control byte" },
	{ NET_ALLOW, "x\x1b[2J", "rule 'x\\x1b[2J': it has a tab" },
	{ NET_ALLOW, "x\x7f", "not ASCII" },
	{ NET_ALLOW, "b\xc3\xbc" "cher.example", "write such a name in the form that begins with 'xn--'" },
	{ NET_ALLOW, "\xff", "rule '\\xff': it has bytes that are not ASCII" },
	/* what people paste */
	{ NET_ALLOW, "https://github.com/", "rule 'https://github.com/': it is a URL; write the host alone: 'github.com'" },
	{ NET_ALLOW, "http://u:p@x.example:80/y?z#a", "it is a URL; write the host alone: 'x.example'" },
	{ NET_ALLOW, "GET https://x.example/", "it is a URL; write the host alone: 'x.example'" },
	{ NET_ALLOW, "https://[::1]:80/", "it is a URL; write the host alone: '[::1]:80'" },
	{ NET_ALLOW, "https://", "it is a URL; write the host alone" },
	{ NET_ALLOW, "ssh://git@github.com/x", "it is a URL; write the host alone: 'github.com'" },
	{ NET_ALLOW, "git@github.com", "rules have no user; write the host alone: 'github.com'" },
	{ NET_ALLOW, "git@github.com:x/y.git", "rules have no user; write the host alone: 'github.com'" },
	{ NET_ALLOW, "github.com:x/y.git", NO_PATH "; write the host alone: 'github.com'" },
	{ NET_ALLOW, "github.com/x", NO_PATH ", and only addresses have a prefix; write 'github.com'" },
	{ NET_ALLOW, "github.com/", NO_PATH },
	{ NET_ALLOW, "github.com:443/", NO_PATH },
	{ NET_ALLOW, "github.com/24", NO_PATH },
	{ NET_ALLOW, "*.github.com/24", NO_PATH },
	{ NET_ALLOW, "github.com?x=y", NO_NAME },
	{ NET_ALLOW, "github.com#x", NO_NAME },
	{ NET_ALLOW, ".github.com", "write '*.github.com' for all names below 'github.com'" },
	{ NET_ALLOW, "github.com 443", "before a space stand HTTP methods in upper case, as in 'GET,HEAD example.com', and 'github.com' is none" },
	{ NET_ALLOW, "github.com, gitlab.com", "before a space stand HTTP methods" },
	{ NET_ALLOW, "github.com,gitlab.com", NO_NAME },
	/* methods */
	{ NET_ALLOW, "get x.example", "and 'get' is none" },
	{ NET_ALLOW, "GET, x.example", "and '' is none" },
	{ NET_ALLOW, ",GET x.example", "and '' is none" },
	{ NET_ALLOW, "GET1 x.example", "and 'GET1' is none" },
	{ NET_ALLOW, "* x.example", "and '*' is none" },
	{ NET_ALLOW, "GET  x.example", "it has a space too many" },
	{ NET_ALLOW, "GET x.example 443", "it has a space too many" },
	{ NET_ALLOW, "GET, POST x.example", "and '' is none" },
	/* ports */
	{ NET_ALLOW, "x.example:", "after the colon stands a port" },
	{ NET_ALLOW, "x.example:*", "ports have no wildcards" },
	{ NET_ALLOW, "x.example:80?", "ports have no wildcards" },
	{ NET_ALLOW, "x.example:0", "'0' " NO_PORT },
	{ NET_ALLOW, "x.example:65536", "'65536' " NO_PORT },
	{ NET_ALLOW, "x.example:99999999999999999999", NO_PORT },
	{ NET_ALLOW, "x.example:-1", "'' " NO_PORT },
	{ NET_ALLOW, "x.example:80-", "'' " NO_PORT },
	{ NET_ALLOW, "x.example:0-80", "'0' " NO_PORT },
	{ NET_ALLOW, "x.example:1-2-3", "'2-3' " NO_PORT },
	{ NET_ALLOW, "x.example:+80", "'+80' " NO_PORT },
	{ NET_ALLOW, "x.example:0x50", "'0x50' " NO_PORT },
	{ NET_ALLOW, "x.example:https", "'https' " NO_PORT },
	{ NET_ALLOW, "x.example:80,", "'' " NO_PORT },
	{ NET_ALLOW, "x.example:,80", "'' " NO_PORT },
	{ NET_ALLOW, "x.example:443-80", "the range of ports is reversed; write 80-443" },
	{ NET_ALLOW, "x.example:80:443", "it has two colons" },
	{ NET_ALLOW, ":443", "it has no host" },
	{ NET_ALLOW, "GET :443", "it has no host" },
	/* addresses */
	{ NET_ALLOW, "::1", "IPv6 stands in brackets; write '[::1]'" },
	{ NET_ALLOW, "fd00::/8", "IPv6 stands in brackets; write '[fd00::]/8'" },
	{ NET_ALLOW, "fe80::1%eth0", "IPv6 stands in brackets; write '[fe80::1]'" },
	{ NET_ALLOW, "::ffff:1.2.3.4", "IPv6 stands in brackets" },
	{ NET_ALLOW, "1:2:3", "it has two colons" },
	{ NET_ALLOW, "[::1", "the bracket is not closed" },
	{ NET_ALLOW, "[::1]x", "after the bracket stands nothing" },
	{ NET_ALLOW, "[::1]443", "after the bracket stands nothing" },
	{ NET_ALLOW, "[::1%lo]", "an address has no zone here; write '[::1]'" },
	{ NET_ALLOW, "[fd00::/8]", "the prefix stands after the bracket; write '[fd00::]/8'" },
	{ NET_ALLOW, "[1.2.3.4]", "it is an address of IPv4; write '1.2.3.4'" },
	{ NET_ALLOW, "[::ffff:1.2.3.4]:80", "it is an address of IPv4; write '1.2.3.4'" },
	{ NET_ALLOW, "[]", "is no IPv6 address" },
	{ NET_ALLOW, "[::1]/129", "'/129' is no prefix; write one from /0 to /128" },
	{ NET_ALLOW, "10.0.0.0/33", "'/33' is no prefix; write one from /0 to /32" },
	{ NET_ALLOW, "10.0.0.0/", "'/' is no prefix" },
	{ NET_ALLOW, "10.0.0.0/255.0.0.0", "is no prefix" },
	{ NET_ALLOW, "10.0.0.0/-8", "is no prefix" },
	{ NET_ALLOW, "10.1.2.3/8", "write the network '10.0.0.0/8', or the address without a prefix" },
	{ NET_ALLOW, "[fd00::1]/8:443", "write the network '[fd00::]/8'" },
	{ NET_ALLOW, "10.0.0.1/0", "write the network '0.0.0.0/0'" },
	{ NET_ALLOW, "127.1", "'127.1' ends like an address and is none; write four decimal numbers such as 127.0.0.1" },
	{ NET_ALLOW, "0x7f000001:80", "ends like an address" },
	{ NET_ALLOW, "2130706433", "ends like an address" },
	{ NET_ALLOW, "127.0.0.01", "ends like an address" },
	{ NET_ALLOW, "256.1.1.1", "ends like an address" },
	/* globs */
	{ NET_ALLOW, "10.*", "a glob never matches an address; write a network such as 10.0.0.0/8" },
	{ NET_ALLOW, "192.168.?.1:80", "a glob never matches an address" },
	{ NET_ALLOW, "x[abc].example", "globs have '*' and '?' but no classes" },
	{ NET_ALLOW, "[abc].example", "globs have '*' and '?' but no classes" },
	{ NET_ALLOW, "[a-z]*.example:443", "globs have '*' and '?' but no classes" },
	{ NET_ALLOW, "{a,b}.example", "no alternatives" },
	{ NET_ALLOW, "!x.example", "no alternatives" },
	{ NET_ALLOW, "*..example", NO_NAME },
	{ NET_ALLOW, ".*.example", "a name does not begin with a dot" },
	{ NET_ALLOW, "*.", "" }, /* as "*", see below */
	{ NET_ALLOW, "*.example.1", "ends like an address" },
	{ NET_ALLOW, "-*.example", NO_NAME },
	{ NET_ALLOW, "*.exa\\mple", NO_NAME },
	/* names */
	{ NET_ALLOW, ".", "a name does not begin with a dot" },
	{ NET_ALLOW, "a..b", NO_NAME },
	{ NET_ALLOW, "-a.example", NO_NAME },
	{ NET_ALLOW, "a%2e.example", NO_NAME },
	{ NET_ALLOW, "a'b", NO_NAME },
	/* presets */
	{ NET_ALLOW, "@", "after '@' stands the name of a preset" },
	{ NET_ALLOW, "@:443", "after '@' stands the name of a preset" },
	{ NET_ALLOW, "@level", "rule '@level': there is no such preset; write one of @agent, @public, @github, @gitlab, @bitbucket, @npm, @pypi, @crates, @go, @maven, @rubygems, @packagist, @debian, @ubuntu, @nix, @docker, @huggingface" },
	{ NET_ALLOW, "@GitHub", "there is no such preset" },
	{ NET_DENY, "@nothing:80", "there is no such preset" },
	{ NET_ALLOW, "@*", "there is no such preset" },
	{ NET_ALLOW, "@github:8080", "rule '@github:8080': no rule of this preset has these ports and methods; write '@github' alone" },
	{ NET_ALLOW, "@github:0", NO_PORT },
	/* the local list */
	{ NET_LOCAL, "localhost", ONE_PORT },
	{ NET_LOCAL, "localhost:80,443", ONE_PORT },
	{ NET_LOCAL, "10.0.0.0/8", ONE_PORT },
	{ NET_LOCAL, "GET localhost:80", "has no methods" },
	{ NET_LOCAL, "*:80", ONE_HOST },
	{ NET_LOCAL, "*.example:80", ONE_HOST },
	{ NET_LOCAL, "@agent:80", ONE_HOST },
	{ NET_LOCAL, "@github", ONE_HOST },
};
/* clang-format on */

static void refuse(void **state)
{
	(void)state;
	for (size_t i = 0; i < N_ELEMENTS(refused); i++) {
		auto_arena struct arena a = ARENA_INIT;
		struct net_rules rules = { 0 };
		struct err e = { 0 };
		int r = net_rules_add(&rules, refused[i].list, refused[i].text, NULL, &a, &e);

		assert_int_equal(r, net_rules_check(refused[i].list, refused[i].text, &e));
		if (refused[i].want[0] == '\0') {
			assert_int_equal(r, 0);
			continue;
		}
		if (r != -22 || e.code != -22 || !strstr(e.msg, refused[i].want))
			fail_msg("row %zu: '%s': got %d '%s', want '%s'", i, refused[i].text, r,
				 e.msg, refused[i].want);
		assert_true(strncmp(e.msg, "rule '", 6) == 0);
		for (size_t l = 0; l < N_NET_LISTS; l++)
			assert_int_equal(rules.n[l], 0);
	}
}

static void bounds(void **state)
{
	auto_arena struct arena a = ARENA_INIT;
	struct net_rules rules = { 0 };
	struct err e = { 0 };
	const char *ports = arena_printf(&a, "x.example:%s1", repeat(&a, "1,", NET_PORTS_MAX - 1));

	(void)state;
	assert_int_equal(net_rules_check(NET_ALLOW, repeat(&a, "a", NET_RULE_TEXT_MAX + 1), &e),
			 -22);
	assert_non_null(strstr(e.msg, "aaa...': it is longer than 1024 bytes"));
	assert_int_equal(net_rules_check(NET_ALLOW, repeat(&a, "a", NET_RULE_TEXT_MAX), &e), -22);
	assert_int_equal(net_rules_check(NET_ALLOW, ports, &e), 0);
	assert_int_equal(net_rules_check(NET_ALLOW, arena_printf(&a, "%s,1", ports), &e), -22);
	assert_non_null(strstr(e.msg, "it has more than 64 ports"));
	for (size_t i = 0; i < NET_RULES_MAX; i++)
		assert_int_equal(net_rules_add(&rules, NET_DENY, "x.example", NULL, &a, &e), 0);
	assert_int_equal(net_rules_add(&rules, NET_DENY, "x.example", NULL, &a, &e), -22);
	assert_string_equal(
		e.msg, "rule 'x.example': there are more than 4096 rules in its list; leave some "
		       "out, or write globs or networks");
	assert_int_equal(rules.n[NET_DENY], NET_RULES_MAX);
	assert_int_equal(net_rules_add(&rules, NET_ALLOW, "x.example", NULL, &a, &e), 0);
}

/* --- presets ------------------------------------------------------------------------------- */

/* Every rule of every preset is one, is no preset, and has its ports; only @public is for all names. */
static void presets(void **state)
{
	(void)state;
	for (const struct net_preset *p = net_presets; p->name; p++) {
		auto_arena struct arena a = ARENA_INIT;
		struct net_rules rules = { 0 };
		struct err e = { 0 };
		size_t n = 0;

		assert_true(p->why[0] != '\0');
		for (; p->rules[n]; n++) {
			if (net_rules_add(&rules, NET_ALLOW, p->rules[n], NULL, &a, &e) < 0)
				fail_msg("%s: %s", p->name, e.msg);
			if (strcmp(p->name, "public") != 0 &&
			    rules.rules[NET_ALLOW][n].ports.n == 0)
				fail_msg("%s: '%s' has no ports", p->name, p->rules[n]);
		}
		assert_true(n > 0);
		assert_int_equal(rules.n[NET_ALLOW], n);
		for (enum net_list list = NET_ALLOW; list <= NET_DENY; list++)
			assert_int_equal(net_rules_add(&rules, list,
						       arena_printf(&a, "@%s", p->name), NULL, &a,
						       &e),
					 0);
		assert_int_equal(rules.n[NET_DENY], n);
	}
}

static void agent(void **state)
{
	auto_arena struct arena a = ARENA_INIT;
	struct strv hosts = STRV_INIT(&a);
	struct net_rules rules = { 0 };
	struct err e = { 0 };

	(void)state;
	/* An agent that has no hosts is none that is wrong. */
	assert_int_equal(net_rules_add(&rules, NET_ALLOW, "@agent", NULL, &a, &e), 0);
	assert_int_equal(net_rules_add(&rules, NET_ALLOW, "@agent:443", &hosts, &a, &e), 0);
	assert_int_equal(rules.n[NET_ALLOW], 0);
	strv_add(&hosts, "GET,HEAD x.example:80", "y.example:443");
	assert_int_equal(net_rules_add(&rules, NET_ALLOW, "POST,HEAD @agent:80", &hosts, &a, &e),
			 0);
	assert_int_equal(rules.n[NET_ALLOW], 1);
	assert_int_equal(rules.rules[NET_ALLOW][0].methods.n, 1);
	assert_string_equal(rules.rules[NET_ALLOW][0].methods.items[0], "HEAD");
	assert_int_equal(net_rules_add(&rules, NET_ALLOW, "PUT @agent:80", &hosts, &a, &e), -22);
	strv_add(&hosts, "@github");
	assert_int_equal(net_rules_add(&rules, NET_ALLOW, "@agent", &hosts, &a, &e), -22);
	assert_string_equal(e.msg, "rule '@agent': rule '@github': a preset has no presets");
	assert_int_equal(rules.n[NET_ALLOW], 1);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(refuse),
		cmocka_unit_test(bounds),
		cmocka_unit_test(presets),
		cmocka_unit_test(agent),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
