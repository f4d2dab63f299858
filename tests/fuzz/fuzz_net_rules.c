/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Two bytes of a port, a byte of a method, and a line with a host make a target. Each line after it is a rule: a
 * byte that chooses the list, and its text. Without rules nothing is allowed, what is denied stays so whatever
 * else is allowed, a name that need not be looked up is not allowed on any port, and a private address is
 * not dialled unless there is a local list.
 */
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#include "spec/net_rules.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

static const char *take_line(const uint8_t **at, const uint8_t *end, struct arena *a)
{
	const uint8_t *newline = memchr(*at, '\n', (size_t)(end - *at));
	const uint8_t *stop = newline ? newline : end;
	const char *line = arena_strndup(a, (const char *)*at, (size_t)(stop - *at));

	*at = newline ? newline + 1 : end;
	return line;
}

/* The bytes that a target takes; 0: there is none. */
static size_t read_target(const uint8_t *data, size_t size, struct arena *a,
			  struct net_target *target)
{
	static const char *const methods[] = { NULL, "GET", "POST", "M-SEARCH" };
	const uint8_t *at = data + 3;
	char name[NET_NAME_SIZE];
	const char *host;

	if (size < 4)
		return 0;
	target->port = (uint16_t)(data[0] << 8 | data[1]);
	target->method = methods[data[2] % 4];
	host = take_line(&at, data + size, a);
	if (net_name_canon(host, strlen(host), name) == 0)
		target->name = arena_strdup(a, name);
	else if (net_addr_parse(host, strlen(host), &target->addr) < 0)
		return 0;
	return (size_t)(at - data);
}

static void check_message(const struct err *e)
{
	if (e->code == 0 || strncmp(e->msg, "rule '", 6) != 0)
		abort();
	for (const char *p = e->msg; *p; p++)
		if ((unsigned char)*p < ' ' || *p == 0x7f)
			abort();
}

static void add_rule(struct net_rules *rules, const char *line, struct arena *a)
{
	enum net_list list = (unsigned char)line[0] % N_NET_LISTS;
	struct strv agent = STRV_INIT(a);
	size_t n = rules->n[list];
	struct err e = { 0 };

	strv_add(&agent, "api.example:443", "GET 10.0.0.0/8");
	if (net_rules_add(rules, list, line + 1, &agent, a, &e) < 0) {
		check_message(&e);
		if (rules->n[list] != n)
			abort();
	} else if (net_rules_check(list, line + 1, &e) < 0 && !strstr(line, "@agent")) {
		abort();
	}
}

static struct net_rules only(const struct net_rules *rules, enum net_list list)
{
	struct net_rules one = { 0 };

	one.rules[list] = rules->rules[list];
	one.n[list] = rules->n[list];
	return one;
}

static void check_verdict(const struct net_rules *rules, const struct net_target *target)
{
	struct net_rules deny = only(rules, NET_DENY), allow = only(rules, NET_ALLOW);
	struct net_rules local = only(rules, NET_LOCAL);
	const char *rule = NULL, *by = NULL;
	enum net_verdict verdict = net_rules_judge(rules, target, &rule);
	enum net_verdict denied = net_rules_judge(&deny, target, &by);

	if ((verdict == NET_DENIED) != (denied == NET_DENIED) || denied == NET_ALLOWED)
		abort();
	if ((verdict == NET_UNDECIDED) != (rule == NULL) || (denied == NET_DENIED && by != rule))
		abort();
	if (verdict == NET_ALLOWED && net_rules_judge(&allow, target, &by) != NET_ALLOWED &&
	    net_rules_judge(&local, target, &by) != NET_ALLOWED)
		abort();
	/* Nobody dials port 0, and rules for all ports need not name it. */
	if (verdict == NET_ALLOWED && target->name && target->port > 0 &&
	    !net_rules_may(rules, target->name))
		abort();
}

static void check_dial(const struct net_rules *rules, const struct net_target *target,
		       const struct net_addr *addr)
{
	struct net_rules all = *rules;
	struct net_target by_number = { .addr = *addr, .port = target->port };
	const char *rule;

	by_number.method = target->method;
	all.n[NET_LOCAL] = 0;
	if (net_rules_may_dial(&all, target, addr) && net_addr_special(addr))
		abort();
	if (net_rules_may_dial(rules, target, addr) &&
	    net_rules_judge(rules, &by_number, &rule) == NET_DENIED)
		abort();
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	static const char *const found[] = { "1.1.1.1",         "10.0.0.1", "127.0.0.1",
					     "169.254.169.254", "::1",      "64:ff9b::a00:1" };
	auto_arena struct arena a = ARENA_INIT;
	const uint8_t *at = data, *end = data + size;
	struct net_rules rules = { 0 };
	struct net_target target = { 0 };
	size_t taken = read_target(data, size, &a, &target);

	if (taken == 0)
		return 0;
	at += taken;
	while (at < end) {
		const char *line = take_line(&at, end, &a);

		if (line[0])
			add_rule(&rules, line, &a);
	}
	check_verdict(&rules, &target);
	for (size_t i = 0; i < sizeof(found) / sizeof(found[0]); i++) {
		struct net_addr addr;

		if (net_addr_parse(found[i], strlen(found[i]), &addr) < 0)
			abort();
		check_dial(&rules, &target, &addr);
	}
	if (!target.name)
		check_dial(&rules, &target, &target.addr);
	return 0;
}
