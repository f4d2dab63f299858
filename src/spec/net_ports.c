/* SPDX-License-Identifier: Apache-2.0 */
#include "spec/net_ports.h"

#include <errno.h>
#include <string.h>

#include "base/parse.h"

#define PORT_MAX 65535

static int read_port(const char *text, uint16_t *ret, struct err *e)
{
	uint64_t port = 0;

	if (strpbrk(text, "*?"))
		return err_set(
			e, EINVAL,
			"ports have no wildcards; leave them out, and the colon, for all ports");
	if (parse_uint(text, 1, PORT_MAX, &port, e) < 0)
		return err_set(
			e, EINVAL,
			"'%.40s' is no port; write a number from 1 to 65535, a range such as "
			"8000-8100, or a list such as 80,443",
			text);
	*ret = (uint16_t)port;
	return 0;
}

static int read_range(char *text, struct net_range *ret, struct err *e)
{
	struct net_range range = { 0 };
	char *dash = strchr(text, '-');
	int r;

	if (dash)
		*dash = '\0';
	r = read_port(text, &range.first, e);
	if (r < 0)
		return r;
	range.last = range.first;
	if (dash && (r = read_port(dash + 1, &range.last, e)) < 0)
		return r;
	if (range.last < range.first)
		return err_set(e, EINVAL, "the range of ports is reversed; write %u-%u", range.last,
			       range.first);
	*ret = range;
	return 0;
}

static void add(struct net_ports *ports, struct net_range range, struct arena *a)
{
	ports->ranges = arena_grow(a, ports->ranges, ports->n, sizeof(*ports->ranges));
	ports->ranges[ports->n++] = range;
}

int net_ports_parse(const char *text, struct arena *a, struct net_ports *ret, struct err *e)
{
	char *rest = arena_strdup(a, text);
	struct net_ports ports = { 0 };

	if (!*text)
		return err_set(
			e, EINVAL,
			"after the colon stands a port; leave the colon out to mean all ports");
	while (rest) {
		char *item = strsep(&rest, ",");
		struct net_range range = { 0 };
		int r;

		if (ports.n == NET_PORTS_MAX)
			return err_set(e, EINVAL,
				       "it has more than %zu ports; make several rules of it",
				       NET_PORTS_MAX);
		r = read_range(item, &range, e);
		if (r < 0)
			return r;
		add(&ports, range, a);
	}
	*ret = ports;
	return 0;
}

bool net_ports_has(const struct net_ports *ports, uint16_t port)
{
	for (size_t i = 0; i < ports->n; i++)
		if (ports->ranges[i].first <= port && port <= ports->ranges[i].last)
			return true;
	return ports->n == 0;
}

bool net_ports_are_all(const struct net_ports *ports)
{
	uint32_t next = 1; /* all below are there */
	size_t i = 0;

	while (i < ports->n && next <= PORT_MAX) {
		bool have = ports->ranges[i].first <= next && next <= ports->ranges[i].last;

		if (have)
			next = ports->ranges[i].last + 1U;
		i = have ? 0 : i + 1;
	}
	return ports->n == 0 || next > PORT_MAX;
}

bool net_ports_both(const struct net_ports *x, const struct net_ports *y, struct arena *a,
		    struct net_ports *ret)
{
	struct net_ports both = { 0 };

	if (x->n == 0 || y->n == 0) {
		*ret = x->n == 0 ? *y : *x;
		return true;
	}
	for (size_t i = 0; i < x->n; i++)
		for (size_t k = 0; k < y->n; k++) {
			struct net_range p = x->ranges[i], q = y->ranges[k];
			struct net_range r = { p.first > q.first ? p.first : q.first,
					       p.last < q.last ? p.last : q.last };

			if (r.first <= r.last)
				add(&both, r, a);
		}
	if (both.n == 0)
		return false;
	*ret = both;
	return true;
}
