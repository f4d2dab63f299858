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

/* "a | deny b | local c": one rule for each list. */
static struct net_rules make_rules(const char *listed, struct arena *a)
{
	static const char *const prefixes[] = { [NET_DENY] = "deny ", [NET_LOCAL] = "local " };
	struct strv agent = STRV_INIT(a);
	struct net_rules rules = { 0 };
	struct err e = { 0 };

	strv_add(&agent, "api.agent.example:443", "log.agent.example:443,8443");
	while (*listed) {
		size_t len = strcspn(listed, "|");
		const char *text = arena_strndup(a, listed, listed[len] ? len - 1 : len);
		enum net_list list = NET_ALLOW;

		for (enum net_list l = NET_DENY; l <= NET_LOCAL; l++)
			if (strncmp(text, prefixes[l], strlen(prefixes[l])) == 0)
				list = l;
		text += list == NET_ALLOW ? 0 : strlen(prefixes[list]);
		if (net_rules_add(&rules, list, text, &agent, a, &e) < 0)
			fail_msg("%s", e.msg);
		listed += len + (listed[len] ? 2 : 0);
	}
	return rules;
}

static struct net_addr make_addr(const char *text)
{
	struct net_addr addr;

	if (net_addr_parse(text, strlen(text), &addr) < 0)
		fail_msg("'%s' is no address", text);
	return addr;
}

/* By address if @host is one. */
static struct net_target make_target(const char *host, uint16_t port, const char *method)
{
	struct net_target target = { .port = port, .method = method };

	if (net_addr_parse(host, strlen(host), &target.addr) < 0)
		target.name = host;
	return target;
}

/* --- judging ------------------------------------------------------------------------------- */

/* clang-format off */
static const struct {
	const char *listed;
	const char *host;
	uint16_t port;
	const char *method;
	enum net_verdict want;
	const char *rule;
} judged[] = {
	/* nothing is allowed unless it is listed */
	{ "", "github.com", 443, NULL, NET_UNDECIDED, NULL },
	{ "", "1.1.1.1", 443, NULL, NET_UNDECIDED, NULL },
	{ "", "localhost", 80, "GET", NET_UNDECIDED, NULL },
	{ "deny github.com", "gitlab.com", 443, NULL, NET_UNDECIDED, NULL },
	/* names */
	{ "github.com", "github.com", 443, NULL, NET_ALLOWED, "github.com" },
	{ "github.com", "github.com", 1, "POST", NET_ALLOWED, "github.com" },
	{ "GitHub.Com.", "github.com", 443, NULL, NET_ALLOWED, "GitHub.Com." },
	{ "github.com", "api.github.com", 443, NULL, NET_UNDECIDED, NULL },
	{ "github.com", "github.com.evil.example", 443, NULL, NET_UNDECIDED, NULL },
	{ "github.com", "xgithub.com", 443, NULL, NET_UNDECIDED, NULL },
	{ "xn--bcher-kva.example", "xn--bcher-kva.example", 443, NULL, NET_ALLOWED, "xn--bcher-kva.example" },
	/* globs */
	{ "*", "github.com", 443, NULL, NET_ALLOWED, "*" },
	{ "*", "localhost", 443, NULL, NET_ALLOWED, "*" },
	{ "*", "1.1.1.1", 443, NULL, NET_UNDECIDED, NULL },
	{ "*", "2606:4700::1111", 443, NULL, NET_UNDECIDED, NULL },
	{ "*.*", "localhost", 443, NULL, NET_UNDECIDED, NULL },
	{ "*.github.com", "github.com", 443, NULL, NET_UNDECIDED, NULL },
	{ "*.github.com", "api.github.com", 443, NULL, NET_ALLOWED, "*.github.com" },
	{ "*.GITHUB.com.", "api.github.com", 443, NULL, NET_ALLOWED, "*.GITHUB.com." },
	{ "*.github.com", "a.b.github.com", 443, NULL, NET_ALLOWED, "*.github.com" },
	{ "*.github.com", "evilgithub.com", 443, NULL, NET_UNDECIDED, NULL },
	{ "*.github.com", "github.com.evil.example", 443, NULL, NET_UNDECIDED, NULL },
	{ "*.github.com", "x.github.com.evil.example", 443, NULL, NET_UNDECIDED, NULL },
	{ "*github.com", "github.com", 443, NULL, NET_ALLOWED, "*github.com" },
	{ "*github.com", "evilgithub.com", 443, NULL, NET_ALLOWED, "*github.com" },
	{ "cdn-*.example.com", "cdn-1.example.com", 443, NULL, NET_ALLOWED, "cdn-*.example.com" },
	{ "cdn-*.example.com", "cdn-1.x.example.com", 443, NULL, NET_ALLOWED, "cdn-*.example.com" },
	{ "cdn-?.example.com", "cdn-1.example.com", 443, NULL, NET_ALLOWED, "cdn-?.example.com" },
	{ "cdn-?.example.com", "cdn-12.example.com", 443, NULL, NET_UNDECIDED, NULL },
	{ "cdn-?.example.com", "cdn-.example.com", 443, NULL, NET_UNDECIDED, NULL },
	{ "a?example.com", "a.example.com", 443, NULL, NET_UNDECIDED, NULL },
	{ "a?example.com", "axexample.com", 443, NULL, NET_ALLOWED, "a?example.com" },
	{ "eu-*.*.example.*", "eu-1.s3.example.net", 443, NULL, NET_ALLOWED, "eu-*.*.example.*" },
	{ "a*b*c.com", "axbyb-c.com", 443, NULL, NET_ALLOWED, "a*b*c.com" },
	{ "1password*", "1password.com", 443, NULL, NET_ALLOWED, "1password*" },
	/* ports */
	{ "github.com:443", "github.com", 443, NULL, NET_ALLOWED, "github.com:443" },
	{ "github.com:443", "github.com", 80, NULL, NET_UNDECIDED, NULL },
	{ "github.com:80,443", "github.com", 80, NULL, NET_ALLOWED, "github.com:80,443" },
	{ "github.com:80,443", "github.com", 81, NULL, NET_UNDECIDED, NULL },
	{ "x.example:8000-8100", "x.example", 7999, NULL, NET_UNDECIDED, NULL },
	{ "x.example:8000-8100", "x.example", 8000, NULL, NET_ALLOWED, "x.example:8000-8100" },
	{ "x.example:8000-8100", "x.example", 8100, NULL, NET_ALLOWED, "x.example:8000-8100" },
	{ "x.example:8000-8100", "x.example", 8101, NULL, NET_UNDECIDED, NULL },
	{ "x.example:1,8000-8100,9", "x.example", 9, NULL, NET_ALLOWED, "x.example:1,8000-8100,9" },
	{ "x.example:1-65535", "x.example", 65535, NULL, NET_ALLOWED, "x.example:1-65535" },
	{ "x.example:22-22", "x.example", 22, NULL, NET_ALLOWED, "x.example:22-22" },
	{ "x.example:80 | x.example:443", "x.example", 443, NULL, NET_ALLOWED, "x.example:443" },
	/* addresses and networks never match names, and names no addresses */
	{ "1.1.1.1", "1.1.1.1", 53, NULL, NET_ALLOWED, "1.1.1.1" },
	{ "1.1.1.1", "1.1.1.2", 53, NULL, NET_UNDECIDED, NULL },
	{ "1.1.1.1:53", "1.1.1.1", 54, NULL, NET_UNDECIDED, NULL },
	{ "1.1.1.0/24", "1.1.1.255", 53, NULL, NET_ALLOWED, "1.1.1.0/24" },
	{ "1.1.1.0/24:53", "1.1.2.0", 53, NULL, NET_UNDECIDED, NULL },
	{ "0.0.0.0/0", "1.1.1.1", 53, NULL, NET_ALLOWED, "0.0.0.0/0" },
	{ "0.0.0.0/0", "2606:4700::1111", 53, NULL, NET_UNDECIDED, NULL },
	{ "0.0.0.0/0", "github.com", 53, NULL, NET_UNDECIDED, NULL },
	{ "[::]/0", "2606:4700::1111", 53, NULL, NET_ALLOWED, "[::]/0" },
	{ "[::]/0", "1.1.1.1", 53, NULL, NET_UNDECIDED, NULL },
	{ "[::]/0", "::ffff:1.1.1.1", 53, NULL, NET_UNDECIDED, NULL },
	{ "1.1.1.1", "::ffff:1.1.1.1", 53, NULL, NET_ALLOWED, "1.1.1.1" },
	{ "[2606:4700::]/32:853", "2606:4700::1111", 853, NULL, NET_ALLOWED, "[2606:4700::]/32:853" },
	{ "[2606:4700::1111]:853", "2606:4700::1111", 853, NULL, NET_ALLOWED, "[2606:4700::1111]:853" },
	{ "[2606:4700::1111]:853", "2606:4700::1112", 853, NULL, NET_UNDECIDED, NULL },
	{ "8.8.8.8", "64:ff9b::808:808", 53, NULL, NET_UNDECIDED, NULL },
	/* methods */
	{ "GET,HEAD x.example", "x.example", 80, "GET", NET_ALLOWED, "GET,HEAD x.example" },
	{ "GET,HEAD x.example", "x.example", 80, "HEAD", NET_ALLOWED, "GET,HEAD x.example" },
	{ "GET,HEAD x.example", "x.example", 80, "POST", NET_UNDECIDED, NULL },
	{ "GET,HEAD x.example", "x.example", 80, "GE", NET_UNDECIDED, NULL },
	{ "GET,HEAD x.example", "x.example", 80, "get", NET_UNDECIDED, NULL },
	{ "GET,HEAD x.example", "x.example", 80, NULL, NET_UNDECIDED, NULL },
	{ "GET x.example:80", "x.example", 81, "GET", NET_UNDECIDED, NULL },
	{ "GET 1.1.1.1:80", "1.1.1.1", 80, "GET", NET_ALLOWED, "GET 1.1.1.1:80" },
	{ "GET *", "x.example", 80, "GET", NET_ALLOWED, "GET *" },
	{ "M-SEARCH x.example", "x.example", 80, "M-SEARCH", NET_ALLOWED, "M-SEARCH x.example" },
	{ "x.example | deny POST,PUT x.example", "x.example", 80, "POST", NET_DENIED, "POST,PUT x.example" },
	{ "x.example | deny POST,PUT x.example", "x.example", 80, "GET", NET_ALLOWED, "x.example" },
	{ "x.example | deny POST,PUT x.example", "x.example", 80, NULL, NET_ALLOWED, "x.example" },
	/* deny wins, wherever it stands */
	{ "* | deny evil.example", "evil.example", 443, NULL, NET_DENIED, "evil.example" },
	{ "* | deny evil.example", "evil.example", 1, "GET", NET_DENIED, "evil.example" },
	{ "* | deny evil.example", "www.evil.example", 443, NULL, NET_ALLOWED, "*" },
	{ "x.example | deny *", "x.example", 443, NULL, NET_DENIED, "*" },
	{ "x.example | x.example:443 | deny x.example:443", "x.example", 443, NULL, NET_DENIED, "x.example:443" },
	{ "x.example | deny x.example:80", "x.example", 443, NULL, NET_ALLOWED, "x.example" },
	{ "1.1.1.1 | deny 1.0.0.0/8", "1.1.1.1", 443, NULL, NET_DENIED, "1.0.0.0/8" },
	{ "1.1.1.1 | deny *", "1.1.1.1", 443, NULL, NET_ALLOWED, "1.1.1.1" },
	{ "[::]/0 | deny 8.8.8.8", "64:ff9b::808:808", 53, NULL, NET_DENIED, "8.8.8.8" },
	{ "[::]/0 | deny 10.0.0.0/8", "2002:a00:1::", 53, NULL, NET_DENIED, "10.0.0.0/8" },
	{ "deny x.example | local x.example:80", "x.example", 80, NULL, NET_DENIED, "x.example" },
	{ "deny 10.0.0.0/8:80 | local 10.0.0.1:80", "10.0.0.1", 80, NULL, NET_DENIED, "10.0.0.0/8:80" },
	/* local rules allow too */
	{ "local localhost:8080", "localhost", 8080, NULL, NET_ALLOWED, "localhost:8080" },
	{ "local localhost:8080", "localhost", 8081, NULL, NET_UNDECIDED, NULL },
	{ "local localhost:8080", "127.0.0.1", 8080, NULL, NET_UNDECIDED, NULL },
	{ "local localhost:8080", "x.localhost", 8080, NULL, NET_UNDECIDED, NULL },
	{ "local 10.0.0.0/8:5432", "10.1.2.3", 5432, NULL, NET_ALLOWED, "10.0.0.0/8:5432" },
	{ "local 10.0.0.0/8:5432", "db.example", 5432, NULL, NET_UNDECIDED, NULL },
	{ "local [::1]:8000-8002", "::1", 8001, "GET", NET_ALLOWED, "[::1]:8000-8002" },
	/* presets */
	{ "@github", "github.com", 443, NULL, NET_ALLOWED, "@github" },
	{ "@github", "github.com", 22, NULL, NET_ALLOWED, "@github" },
	{ "@github", "github.com", 80, NULL, NET_UNDECIDED, NULL },
	{ "@github", "raw.githubusercontent.com", 443, NULL, NET_ALLOWED, "@github" },
	{ "@github", "evil.github.io", 443, NULL, NET_UNDECIDED, NULL },
	{ "@github:443", "github.com", 443, NULL, NET_ALLOWED, "@github:443" },
	{ "@github:443", "github.com", 22, NULL, NET_UNDECIDED, NULL },
	{ "@github:22", "github.com", 22, NULL, NET_ALLOWED, "@github:22" },
	{ "@github:22", "api.github.com", 22, NULL, NET_UNDECIDED, NULL },
	{ "@github:1-100", "github.com", 22, NULL, NET_ALLOWED, "@github:1-100" },
	{ "@github:1-100", "github.com", 443, NULL, NET_UNDECIDED, NULL },
	{ "@public", "x.example", 25, NULL, NET_ALLOWED, "@public" },
	{ "@public:443", "x.example", 25, NULL, NET_UNDECIDED, NULL },
	{ "@public", "1.1.1.1", 443, NULL, NET_UNDECIDED, NULL },
	{ "GET @debian", "deb.debian.org", 80, "GET", NET_ALLOWED, "GET @debian" },
	{ "GET @debian:80", "deb.debian.org", 80, "POST", NET_UNDECIDED, NULL },
	{ "@agent", "api.agent.example", 443, NULL, NET_ALLOWED, "@agent" },
	{ "@agent", "api.agent.example", 8443, NULL, NET_UNDECIDED, NULL },
	{ "@agent:8443", "log.agent.example", 8443, NULL, NET_ALLOWED, "@agent:8443" },
	{ "@agent:8443", "api.agent.example", 443, NULL, NET_UNDECIDED, NULL },
	/* a denied preset stands for its hosts */
	{ "* | deny @github", "github.com", 80, NULL, NET_DENIED, "@github" },
	{ "* | deny @github", "api.github.com", 443, "GET", NET_DENIED, "@github" },
	{ "* | deny @github:80", "github.com", 80, NULL, NET_DENIED, "@github:80" },
	{ "* | deny @github:80", "github.com", 443, NULL, NET_ALLOWED, "*" },
	{ "* | deny POST @github", "github.com", 80, "POST", NET_DENIED, "POST @github" },
	{ "* | deny POST @github", "github.com", 80, "GET", NET_ALLOWED, "*" },
	{ "* | deny @public", "x.example", 80, "GET", NET_DENIED, "@public" },
	{ "@github | deny @agent", "api.agent.example", 1, NULL, NET_DENIED, "@agent" },
};
/* clang-format on */

static void judge(void **state)
{
	(void)state;
	for (size_t i = 0; i < N_ELEMENTS(judged); i++) {
		auto_arena struct arena a = ARENA_INIT;
		struct net_rules rules = make_rules(judged[i].listed, &a);
		struct net_target target =
			make_target(judged[i].host, judged[i].port, judged[i].method);
		const char *rule = "?";
		enum net_verdict got = net_rules_judge(&rules, &target, &rule);

		if (got != judged[i].want || strcmp(rule ?: "-", judged[i].rule ?: "-") != 0)
			fail_msg("row %zu: %s port %u: got %d by '%s', want %d by '%s'", i,
				 judged[i].host, (unsigned)judged[i].port, (int)got, rule ?: "-",
				 (int)judged[i].want, judged[i].rule ?: "-");
	}
}

static void may(void **state)
{
	static const struct {
		const char *listed;
		const char *name;
		bool want;
	} rows[] = {
		{ "", "x.example", false },
		{ "x.example", "x.example", true },
		{ "x.example:443", "x.example", true },
		{ "GET x.example:443", "x.example", true },
		{ "y.example", "x.example", false },
		{ "1.1.1.1 | 0.0.0.0/0", "x.example", false },
		{ "local x.example:1", "x.example", true },
		{ "local 10.0.0.0/8:1", "x.example", false },
		{ "* | deny x.example", "x.example", false },
		{ "* | deny x.example:1-65535", "x.example", false },
		{ "* | deny x.example:30000-65535,1-29999", "x.example", false },
		{ "* | deny x.example:1-9,9-65535", "x.example", false },
		{ "* | deny x.example:1-65534", "x.example", true },
		{ "* | deny x.example:2-65535", "x.example", true },
		{ "* | deny x.example:1-9,11-65535", "x.example", true },
		{ "* | deny x.example:443", "x.example", true },
		{ "* | deny GET x.example", "x.example", true },
		{ "* | deny 0.0.0.0/0", "x.example", true },
		{ "* | deny *", "x.example", false },
		{ "deny x.example | local x.example:80", "x.example", false },
	};

	(void)state;
	for (size_t i = 0; i < N_ELEMENTS(rows); i++) {
		auto_arena struct arena a = ARENA_INIT;
		struct net_rules rules = make_rules(rows[i].listed, &a);

		if (net_rules_may(&rules, rows[i].name) != rows[i].want)
			fail_msg("row %zu: want %s", i, rows[i].want ? "true" : "false");
	}
}

/* clang-format off */
static const struct {
	const char *listed;
	const char *host;
	uint16_t port;
	const char *addr;
	bool want;
} dialled[] = {
	/* public ones, unless they are denied by number */
	{ "*", "x.example", 443, "1.1.1.1", true },
	{ "*", "x.example", 443, "2606:4700::1111", true },
	{ "*", "x.example", 443, "64:ff9b::101:101", true },
	{ "1.1.1.1", "1.1.1.1", 443, "1.1.1.1", true },
	{ "* | deny 1.1.1.1", "x.example", 443, "1.1.1.1", false },
	{ "* | deny 1.0.0.0/8", "x.example", 443, "1.1.1.1", false },
	{ "* | deny 1.0.0.0/8:80", "x.example", 443, "1.1.1.1", true },
	{ "* | deny 1.0.0.0/8:443", "x.example", 443, "1.1.1.1", false },
	{ "* | deny POST 1.0.0.0/8", "x.example", 443, "1.1.1.1", true },
	{ "* | deny 1.1.1.1", "x.example", 443, "64:ff9b::101:101", false },
	{ "* | deny [2606:4700::]/32", "x.example", 443, "2606:4700::1111", false },
	{ "* | deny [::]/0", "x.example", 443, "1.1.1.1", true },
	/* special ones, unless the local list names them */
	{ "*", "x.example", 443, "127.0.0.1", false },
	{ "*", "x.example", 443, "0.0.0.0", false },
	{ "*", "x.example", 443, "10.0.0.1", false },
	{ "*", "x.example", 443, "169.254.169.254", false },
	{ "*", "x.example", 443, "168.63.129.16", false },
	{ "*", "x.example", 443, "::1", false },
	{ "*", "x.example", 443, "fd00::1", false },
	{ "*", "x.example", 443, "64:ff9b::a00:1", false },
	{ "*", "x.example", 443, "2002:7f00:1::", false },
	{ "* | 10.0.0.0/8", "10.0.0.1", 443, "10.0.0.1", false },
	{ "* | x.example", "x.example", 443, "10.0.0.1", false },
	{ "* | local 10.0.0.1:443", "10.0.0.1", 443, "10.0.0.1", true },
	{ "* | local 10.0.0.1:443", "x.example", 443, "10.0.0.1", true },
	{ "* | local 10.0.0.1:443", "x.example", 80, "10.0.0.1", false },
	{ "* | local 10.0.0.1:443", "x.example", 443, "10.0.0.2", false },
	{ "* | local 10.0.0.0/8:443", "x.example", 443, "10.0.0.2", true },
	{ "* | local 10.0.0.0/8:443", "x.example", 443, "64:ff9b::a00:2", false },
	{ "* | local 10.0.0.0/8:400-500", "x.example", 443, "10.0.0.2", true },
	{ "* | local 10.0.0.0/8:443", "x.example", 443, "127.0.0.1", false },
	{ "* | local [fd00::]/8:443", "x.example", 443, "fd12::1", true },
	{ "* | deny 10.0.0.2 | local 10.0.0.0/8:443", "x.example", 443, "10.0.0.2", false },
	/* by the target's name */
	{ "local db.example:5432", "db.example", 5432, "10.0.0.1", true },
	{ "local db.example:5432", "db.example", 5432, "127.0.0.1", true },
	{ "local db.example:5432", "db.example", 5433, "10.0.0.1", false },
	{ "* | local db.example:5432", "x.example", 5432, "10.0.0.1", false },
	{ "10.0.0.1 | local db.example:5432", "10.0.0.1", 5432, "10.0.0.1", false },
	{ "local DB.example.:5432", "db.example", 5432, "10.0.0.1", true },
	/* localhost names loopback */
	{ "local localhost:80", "localhost", 80, "127.0.0.1", true },
	{ "local localhost:80", "localhost", 80, "127.1.2.3", true },
	{ "local localhost:80", "localhost", 80, "::1", true },
	{ "local localhost:80", "localhost", 80, "10.0.0.1", false },
	{ "local localhost:80", "localhost", 80, "0.0.0.0", false },
	{ "local localhost:80", "localhost", 80, "::", false },
	{ "local localhost:80", "localhost", 80, "::2", false },
	{ "local localhost:80", "localhost", 81, "127.0.0.1", false },
	{ "* | local localhost:80", "x.example", 80, "127.0.0.1", false },
	{ "127.0.0.1 | local localhost:80", "127.0.0.1", 80, "127.0.0.1", false },
	{ "local a.localhost:80", "a.localhost", 80, "127.0.0.1", true },
	{ "local a.localhost:80", "a.localhost", 80, "10.0.0.1", false },
	{ "local notlocalhost:80", "notlocalhost", 80, "10.0.0.1", true },
	{ "localhost | local 127.0.0.0/8:80", "localhost", 80, "127.0.0.1", true },
	/* metadata services are named one by one */
	{ "local 169.254.0.0/16:80", "169.254.169.254", 80, "169.254.169.254", false },
	{ "local 169.254.0.0/16:80", "169.254.1.1", 80, "169.254.1.1", true },
	{ "local 0.0.0.0/0:80", "168.63.129.16", 80, "168.63.129.16", false },
	{ "local [64:ff9b::]/96:80", "64:ff9b::a9fe:a9fe", 80, "64:ff9b::a9fe:a9fe", false },
	{ "local 169.254.169.254:80", "169.254.169.254", 80, "169.254.169.254", true },
	{ "local 169.254.169.254/32:80", "x.example", 80, "169.254.169.254", true },
	{ "local metadata.internal:80", "metadata.internal", 80, "169.254.169.254", true },
};
/* clang-format on */

static void dial(void **state)
{
	(void)state;
	for (size_t i = 0; i < N_ELEMENTS(dialled); i++) {
		auto_arena struct arena a = ARENA_INIT;
		struct net_rules rules = make_rules(dialled[i].listed, &a);
		struct net_target target = make_target(dialled[i].host, dialled[i].port, NULL);
		struct net_addr addr = make_addr(dialled[i].addr);

		if (net_rules_may_dial(&rules, &target, &addr) != dialled[i].want)
			fail_msg("row %zu: %s at %s port %u: want %s", i, dialled[i].host,
				 dialled[i].addr, (unsigned)dialled[i].port,
				 dialled[i].want ? "yes" : "no");
	}
}

/* The longest glob against the longest name takes no time. */
static void slow_globs(void **state)
{
	auto_arena struct arena a = ARENA_INIT;
	const char *name = arena_printf(&a, "%s.a", repeat(&a, "aaaaaaaaa.", 24));
	struct net_target target = { .name = name, .port = 443 };
	struct net_rules rules = { 0 };
	struct err e = { 0 };
	const char *rule;

	(void)state;
	assert_int_equal(
		net_rules_add(&rules, NET_ALLOW,
			      arena_printf(&a, "%sb", repeat(&a, "*a*a*a*a*a*a*a*a*a.", 12)), NULL,
			      &a, &e),
		0);
	for (size_t i = 0; i < 1000; i++)
		assert_int_equal(net_rules_judge(&rules, &target, &rule), NET_UNDECIDED);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(judge),
		cmocka_unit_test(may),
		cmocka_unit_test(dial),
		cmocka_unit_test(slow_globs),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
