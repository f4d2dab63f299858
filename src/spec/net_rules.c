/* SPDX-License-Identifier: Apache-2.0 */
#include "spec/net_rules.h"

#include <errno.h>
#include <string.h>

#include "base/buf.h"

#define AGENT "agent"

const char *const net_list_words[N_NET_LISTS] = {
	[NET_ALLOW] = "allow", [NET_DENY] = "deny", [NET_LOCAL] = "local"
};

/* --- adding -------------------------------------------------------------------------------- */

/* A list that grows, and is added to the others once all of it is right. */
struct addition {
	struct net_rule *rules;
	size_t n;
	struct arena *arena;
};

static void addition_add(struct addition *all, const struct net_rule *rule)
{
	all->rules = arena_grow(all->arena, all->rules, all->n, sizeof(*all->rules));
	all->rules[all->n++] = *rule;
}

/* The methods of both; none stands for any. */
static bool methods_both(const struct strv *x, const struct strv *y, struct arena *a,
			 struct strv *ret)
{
	struct strv both = STRV_INIT(a);

	if (x->n == 0 || y->n == 0) {
		*ret = x->n == 0 ? *y : *x;
		return true;
	}
	for (size_t i = 0; i < x->n; i++)
		if (strv_has(y, x->items[i]))
			strv_add(&both, x->items[i]);
	*ret = both;
	return both.n > 0;
}

/* @inner, a rule of the preset that @outer names, as far as @outer takes it; false: nothing is left. */
static bool narrow(enum net_list list, const struct net_rule *outer, struct arena *a,
		   struct net_rule *inner)
{
	inner->text = outer->text;
	if (list == NET_DENY) {
		inner->ports = outer->ports;
		inner->methods = outer->methods;
		return true;
	}
	return net_ports_both(&inner->ports, &outer->ports, a, &inner->ports) &&
	       methods_both(&inner->methods, &outer->methods, a, &inner->methods);
}

static int expand(enum net_list list, const struct net_rule *outer, const char *const *texts,
		  struct addition *all, struct err *e)
{
	for (const char *const *text = texts; *text; text++) {
		struct net_rule inner;
		int r = net_rule_parse(*text, all->arena, &inner, e);

		if (r == 0 && inner.host.kind == NET_HOST_PRESET)
			r = err_set(e, EINVAL, "rule '%s': a preset has no presets", *text);
		if (r < 0)
			return err_wrap(e, "rule '%s'", outer->text);
		if (narrow(list, outer, all->arena, &inner))
			addition_add(all, &inner);
	}
	if (*texts && all->n == 0)
		return err_set(e, EINVAL,
			       "rule '%s': no rule of this preset has these ports and methods; "
			       "write '@%s' alone, or the hosts that you mean",
			       outer->text, outer->host.name);
	return 0;
}

static int refuse_preset(const struct net_rule *rule, struct err *e)
{
	auto_buf struct buf known = BUF_INIT(ERR_MSG_MAX / 2);

	for (const struct net_preset *p = net_presets; p->name; p++)
		buf_addf(&known, ", @%s", p->name);
	return err_set(e, EINVAL,
		       "rule '%.200s': there is no such preset; write one of @" AGENT "%s",
		       rule->text, buf_text(&known));
}

static int expand_preset(enum net_list list, const struct net_rule *rule,
			 const struct strv *agent_hosts, struct addition *all, struct err *e)
{
	static const struct strv none = { 0 };

	if (strcmp(rule->host.name, AGENT) == 0)
		return expand(list, rule, strv_argv(agent_hosts ? agent_hosts : &none), all, e);
	for (const struct net_preset *p = net_presets; p->name; p++)
		if (strcmp(rule->host.name, p->name) == 0)
			return expand(list, rule, p->rules, all, e);
	return refuse_preset(rule, e);
}

static int check_local(const struct net_rule *rule, struct err *e)
{
	if (rule->host.kind == NET_HOST_GLOB || rule->host.kind == NET_HOST_PRESET)
		return err_set(e, EINVAL,
			       "rule '%.200s': a rule for private addresses names one host, one "
			       "address or "
			       "a network, such as 'localhost:8080'",
			       rule->text);
	if (rule->methods.n > 0)
		return err_set(e, EINVAL,
			       "rule '%.200s': a rule for private addresses has no methods; leave "
			       "them out",
			       rule->text);
	if (rule->ports.n != 1)
		return err_set(
			e, EINVAL,
			"rule '%.200s': a rule for private addresses has one port or one range, "
			"such as 'localhost:8080' or '10.1.2.3:8000-8100'",
			rule->text);
	return 0;
}

int net_rules_add(struct net_rules *rules, enum net_list list, const char *text,
		  const struct strv *agent_hosts, struct arena *a, struct err *e)
{
	struct addition all = { .arena = a };
	struct net_rule rule;
	int r = net_rule_parse(text, a, &rule, e);

	if (r == 0 && list == NET_LOCAL)
		r = check_local(&rule, e);
	if (r < 0)
		return r;
	if (rule.host.kind != NET_HOST_PRESET)
		addition_add(&all, &rule);
	else if ((r = expand_preset(list, &rule, agent_hosts, &all, e)) < 0)
		return r;
	if (all.n > NET_RULES_MAX - rules->n[list])
		return err_set(
			e, EINVAL,
			"rule '%.200s': there are more than %zu rules in its list; leave some "
			"out, or write globs or networks",
			rule.text, NET_RULES_MAX);
	for (size_t i = 0; i < all.n; i++) {
		rules->rules[list] = arena_grow(a, rules->rules[list], rules->n[list],
						sizeof(*rules->rules[list]));
		rules->rules[list][rules->n[list]++] = all.rules[i];
	}
	return 0;
}

int net_rules_check(enum net_list list, const char *text, struct err *e)
{
	auto_arena struct arena a = ARENA_INIT;
	struct net_rules rules = { 0 };

	return net_rules_add(&rules, list, text, NULL, &a, e);
}

/* --- judging ------------------------------------------------------------------------------- */

static bool has_method(const struct net_rule *rule, const struct net_target *target)
{
	return rule->methods.n == 0 || (target->method && strv_has(&rule->methods, target->method));
}

/* An address that only carries a denied one ends up there as well. */
static bool has_addr_within(const struct net_host *host, const struct net_addr *addr)
{
	struct net_addr carried[NET_ADDR_CARRIED_MAX];
	size_t n = net_addr_carried(addr, carried);

	for (size_t i = 0; i < n; i++)
		if (net_host_has_addr(host, &carried[i]))
			return true;
	return net_host_has_addr(host, addr);
}

static bool has_host(enum net_list list, const struct net_rule *rule,
		     const struct net_target *target)
{
	if (target->name)
		return net_host_has_name(&rule->host, target->name);
	return list == NET_DENY ? has_addr_within(&rule->host, &target->addr)
				: net_host_has_addr(&rule->host, &target->addr);
}

/* The first rule of @list that holds for @target, or NULL. */
static const struct net_rule *find(const struct net_rules *rules, enum net_list list,
				   const struct net_target *target)
{
	for (size_t i = 0; i < rules->n[list]; i++) {
		const struct net_rule *rule = &rules->rules[list][i];

		if (has_host(list, rule, target) && net_ports_has(&rule->ports, target->port) &&
		    has_method(rule, target))
			return rule;
	}
	return NULL;
}

enum net_verdict net_rules_judge(const struct net_rules *rules, const struct net_target *target,
				 const char **ret_rule)
{
	const struct net_rule *rule = find(rules, NET_DENY, target);
	enum net_verdict verdict = NET_DENIED;

	if (!rule) {
		verdict = NET_ALLOWED;
		rule = find(rules, NET_ALLOW, target);
	}
	if (!rule)
		rule = find(rules, NET_LOCAL, target);
	*ret_rule = rule ? rule->text : NULL;
	return rule ? verdict : NET_UNDECIDED;
}

static bool names(const struct net_rules *rules, enum net_list list, const char *name)
{
	for (size_t i = 0; i < rules->n[list]; i++)
		if (net_host_has_name(&rules->rules[list][i].host, name))
			return true;
	return false;
}

bool net_rules_may(const struct net_rules *rules, const char *name)
{
	for (size_t i = 0; i < rules->n[NET_DENY]; i++) {
		const struct net_rule *rule = &rules->rules[NET_DENY][i];

		if (net_host_has_name(&rule->host, name) && rule->methods.n == 0 &&
		    net_ports_are_all(&rule->ports))
			return false;
	}
	return names(rules, NET_ALLOW, name) || names(rules, NET_LOCAL, name);
}

/* --- dialling ------------------------------------------------------------------------------ */

/* Whether a rule of the local list, which holds for the port, lets @addr be dialled. */
static bool opens(const struct net_rule *rule, const struct net_target *target,
		  const struct net_addr *addr)
{
	if (rule->host.kind == NET_HOST_NETWORK)
		return net_host_has_addr(&rule->host, addr) &&
		       (rule->host.bits == NET_ADDR_BITS || !net_addr_is_metadata(addr));
	if (!target->name || !net_host_has_name(&rule->host, target->name))
		return false;
	return !net_name_is_localhost(target->name) || net_addr_is_loopback(addr);
}

bool net_rules_may_dial(const struct net_rules *rules, const struct net_target *target,
			const struct net_addr *addr)
{
	struct net_target by_number = *target;

	by_number.name = NULL;
	by_number.addr = *addr;
	if (find(rules, NET_DENY, &by_number))
		return false;
	if (!net_addr_special(addr))
		return true;
	for (size_t i = 0; i < rules->n[NET_LOCAL]; i++) {
		const struct net_rule *rule = &rules->rules[NET_LOCAL][i];

		if (net_ports_has(&rule->ports, target->port) && opens(rule, target, addr))
			return true;
	}
	return false;
}
