/* SPDX-License-Identifier: Apache-2.0 */
/* HOST[:PORT] as it stands in a target or in Host: whatever is neither a name nor an address is refused. */
#include "egress/http_parts.h"

#include "spec/net_addr.h"
#include "spec/net_name.h"

/* ":PORT", or nothing. */
static bool port_parse(struct slice text, uint16_t *ret)
{
	uint32_t port = 0;

	*ret = 0;
	if (text.len == 0)
		return true;
	if (text.at[0] != ':' || text.len < 2 || text.len > 6 || text.at[1] == '0')
		return false;
	for (size_t i = 1; i < text.len; i++) {
		if (text.at[i] < '0' || text.at[i] > '9')
			return false;
		port = port * 10 + (uint32_t)(text.at[i] - '0');
	}
	*ret = (uint16_t)port;
	return port <= UINT16_MAX;
}

static bool is_host(struct slice host, bool is_v6)
{
	char name[NET_NAME_SIZE];
	struct net_addr addr;

	if (is_v6)
		return memchr(host.at, ':', host.len) &&
		       net_addr_parse(host.at, host.len, &addr) == 0;
	return net_name_canon(host.at, host.len, name) == 0 ||
	       net_addr_parse(host.at, host.len, &addr) == 0;
}

bool http_authority_parse(struct slice text, struct http_authority *ret)
{
	bool is_v6 = text.len > 0 && text.at[0] == '[';
	size_t skip = is_v6 ? 1 : 0;
	const char *end;
	struct slice host, rest;
	uint16_t port;

	if (text.len == 0)
		return false;
	end = memchr(text.at, is_v6 ? ']' : ':', text.len);
	if (is_v6 && !end)
		return false;
	host = (struct slice){ text.at + skip, (end ? (size_t)(end - text.at) : text.len) - skip };
	rest = (struct slice){ host.at + host.len + skip, text.len - host.len - 2 * skip };
	if (!is_host(host, is_v6) || !port_parse(rest, &port))
		return false;
	*ret = (struct http_authority){ host, is_v6, port };
	return true;
}

bool http_host_equal(struct slice a, struct slice b)
{
	char name_a[NET_NAME_SIZE], name_b[NET_NAME_SIZE];
	struct net_addr addr_a, addr_b;

	if (net_name_canon(a.at, a.len, name_a) == 0 && net_name_canon(b.at, b.len, name_b) == 0)
		return strcmp(name_a, name_b) == 0;
	return net_addr_parse(a.at, a.len, &addr_a) == 0 &&
	       net_addr_parse(b.at, b.len, &addr_b) == 0 &&
	       memcmp(&addr_a, &addr_b, sizeof(addr_a)) == 0;
}
