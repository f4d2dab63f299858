/* SPDX-License-Identifier: Apache-2.0 */
#include "spec/net_publish.h"

#include <errno.h>
#include <string.h>

#include "base/parse.h"

#define PORT_DIGITS 5

static int refuse(const char *text, struct err *e)
{
	return err_set(e, EINVAL,
		       "'%s' is no port to publish: write PORT, PORT:INSIDE or "
		       "ADDRESS:PORT:INSIDE, such as 3000, 8080:3000 or [::1]:8080:3000; a port is "
		       "a number from 1 to 65535",
		       text);
}

/* What stands before the port; *at moves behind its colon. 1: there is none. */
static int read_address(const char **at, struct net_addr *ret)
{
	bool has_brackets = **at == '[';
	const char *begin = *at + (has_brackets ? 1 : 0);
	size_t len = strcspn(begin, has_brackets ? "]" : ":");
	const char *end = begin + len + (has_brackets && begin[len] ? 1 : 0);

	if (!has_brackets && !memchr(begin, '.', len))
		return 1;
	/* Brackets are for IPv6 and for nothing else, or one address had two forms. */
	if (*end != ':' || net_addr_parse(begin, len, ret) < 0 ||
	    has_brackets != !!memchr(begin, ':', len))
		return -EINVAL;
	*at = end + 1;
	return 0;
}

static int read_port(const char **at, uint16_t *ret)
{
	size_t len = strspn(*at, "0123456789");
	char digits[PORT_DIGITS + 1] = "";
	struct err ignored; /* the form that is wanted says more */
	uint64_t port;

	if (len == 0 || len > PORT_DIGITS)
		return -EINVAL;
	memcpy(digits, *at, len);
	if (parse_uint(digits, 1, UINT16_MAX, &port, &ignored) < 0)
		return -EINVAL;
	*ret = (uint16_t)port;
	*at += len;
	return 0;
}

int net_publish_parse(const char *text, struct net_publish *ret, struct err *e)
{
	struct net_publish p = { .addr = net_addr_loopback };
	const char *at = text;

	if (read_address(&at, &p.addr) < 0 || read_port(&at, &p.port) < 0)
		return refuse(text, e);
	p.inside = p.port;
	if (*at == ':') {
		at++;
		if (read_port(&at, &p.inside) < 0)
			return refuse(text, e);
	}
	if (*at)
		return refuse(text, e);
	*ret = p;
	return 0;
}
