/* SPDX-License-Identifier: Apache-2.0 */
/* What is taken has ports, and is taken again, as the same, when it is written out in full. */
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "spec/net_publish.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

static void check_again(const struct net_publish *p)
{
	bool v4 = net_addr_is_v4(&p->addr);
	struct net_publish again;
	char addr[NET_ADDR_SIZE];
	char text[80];
	struct err e;

	net_addr_print(&p->addr, addr);
	(void)snprintf(text, sizeof(text), v4 ? "%s:%u:%u" : "[%s]:%u:%u", addr, p->port,
		       p->inside);
	if (net_publish_parse(text, &again, &e) < 0 || again.port != p->port ||
	    again.inside != p->inside ||
	    memcmp(again.addr.octets, p->addr.octets, sizeof(p->addr.octets)) != 0)
		abort();
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	struct net_publish p = { 0 };
	struct err e = { 0 };
	char text[200] = "";

	if (size >= sizeof(text))
		return 0;
	memcpy(text, data, size);
	if (net_publish_parse(text, &p, &e) < 0) {
		if (e.code == 0 || !e.msg[0])
			abort();
		return 0;
	}
	if (p.port == 0 || p.inside == 0)
		abort();
	check_again(&p);
	return 0;
}
