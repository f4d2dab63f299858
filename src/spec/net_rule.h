/* SPDX-License-Identifier: Apache-2.0 */
/* One rule of the network: [METHOD[,METHOD...] ]HOST[:PORT[-PORT][,PORT...]], see net_rules.h. */
#pragma once

#include "base/arena.h"
#include "base/err.h"
#include "base/strv.h"
#include "spec/net_host.h"
#include "spec/net_ports.h"

#define NET_RULE_TEXT_MAX ((size_t)1024)

struct net_rule {
	const char *text; /* as it was added; of a preset's rule, the preset's */
	struct net_host host;
	struct net_ports ports;
	struct strv methods; /* none: anything, and not plain HTTP alone */
};

/*
 * -EINVAL; the sentence has the text (fit for a terminal), what is wrong with it, and a right form. What is kept
 * is copied into @a.
 */
int net_rule_parse(const char *text, struct arena *a, struct net_rule *ret, struct err *e);
