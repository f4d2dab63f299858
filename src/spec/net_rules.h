/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Which hosts a sandbox may reach: pure, and the same for the launcher, which explains, and for egress, which
 * decides. A rule is text:
 *
 *     [METHOD[,METHOD...] ]HOST[:PORT[-PORT][,PORT...]]
 *
 * HOST is a name, a glob of one ('*' is any run of bytes, dots included; '?' one byte that is no dot), an
 * address, a network (10.0.0.0/8, [fd00::]/8), or a preset (@github). IPv6 stands in brackets. Without ports it
 * holds for all of them. With methods it allows or denies plain HTTP with these methods and nothing else. Globs
 * match names and never addresses. docs/network-rules.md has it at length.
 *
 * Of the rules of a preset that is allowed, those ports and methods hold that the rule names, if it names any.
 * A preset that is denied stands for its hosts alone, so that "@github" denies all of their ports.
 *
 * A rule of the local list has a host that is no glob and no preset, and exactly one port or a range. It lets
 * a private address be dialled: one that it names itself, or one that the name it names has now.
 */
#pragma once

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "base/arena.h"
#include "base/err.h"
#include "base/strv.h"
#include "spec/net_addr.h"
#include "spec/net_name.h"
#include "spec/net_preset.h"
#include "spec/net_rule.h"

#define NET_RULES_MAX ((size_t)4096) /* of a list, presets expanded */

enum net_list { NET_ALLOW, NET_DENY, NET_LOCAL, N_NET_LISTS };

/* "allow", "deny", "local": for people, and between our programs. */
extern const char *const net_list_words[N_NET_LISTS];

enum net_verdict { NET_ALLOWED, NET_DENIED, NET_UNDECIDED };

struct net_rules {
	struct net_rule
		*rules[N_NET_LISTS]; /* presets expanded: none has a host that is a preset */
	size_t n[N_NET_LISTS];
};

/* What somebody inside wants to reach. */
struct net_target {
	const char *name;     /* canonical; NULL: by address */
	struct net_addr addr; /* if by address */
	uint16_t port;
	const char *method; /* of a plain HTTP request; NULL: something else, or not known yet */
};

/*
 * Adds @text to @list. @agent_hosts are the rules of the preset @agent; NULL: it has none. Copies what it needs
 * into @a. -EINVAL, and nothing is added; messages name the text, what is wrong with it, and a right form.
 */
int net_rules_add(struct net_rules *rules, enum net_list list, const char *text,
		  const struct strv *agent_hosts, struct arena *a, struct err *e);

/* Whether net_rules_add() would take it, for a config that is not used yet: 0 or -EINVAL. */
int net_rules_check(enum net_list list, const char *text, struct err *e);

/*
 * Deny wins, then allow or local allows; else it is undecided, which means no. *ret_rule is the text of the
 * rule that decided, as it was added ("@github" of a rule of the preset), or NULL.
 */
enum net_verdict net_rules_judge(const struct net_rules *rules, const struct net_target *target,
				 const char **ret_rule);

/* False if no rule allows a port of this name, or one denies all of them: nobody need look it up. */
bool net_rules_may(const struct net_rules *rules, const char *name);

/*
 * Whether @addr, which @target (already allowed) was found to have, may be dialled: if it is public, or named
 * in the local list, by itself or by the target's name, with this port; and not denied by its number, or by one
 * that it carries. "localhost" and names below it name loopback addresses only. A network does not name
 * the metadata services in it: their address does, or a name.
 */
bool net_rules_may_dial(const struct net_rules *rules, const struct net_target *target,
			const struct net_addr *addr);
