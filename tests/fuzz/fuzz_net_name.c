/* SPDX-License-Identifier: Apache-2.0 */
/*
 * The same bytes as a name and as an address. A name in its one form stays as it is, has nothing but letters,
 * digits and three marks, and nobody can read it as an address; an address that is printed is read as the same.
 */
#include <arpa/inet.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#include "spec/net_addr.h"
#include "spec/net_name.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

static void check_name(const char *text, size_t len)
{
	static const char good[] = "abcdefghijklmnopqrstuvwxyz0123456789-_.";
	char name[NET_NAME_SIZE], again[NET_NAME_SIZE];
	struct net_addr addr;
	struct in_addr v4;

	if (net_name_canon(text, len, name) < 0)
		return;
	if (name[0] == '\0' || strlen(name) > len || name[strspn(name, good)] != '\0')
		abort();
	if (net_name_canon(name, strlen(name), again) < 0 || strcmp(name, again) != 0)
		abort();
	if (inet_aton(name, &v4) || net_addr_parse(name, strlen(name), &addr) == 0)
		abort();
}

/* The words for @addr, and that a network of one holds just it. */
static void check_kind(const struct net_addr *addr)
{
	const char *special = net_addr_special(addr);
	struct net_addr carried[NET_ADDR_CARRIED_MAX];
	size_t n = net_addr_carried(addr, carried);

	if (net_addr_is_metadata(addr) != (special && strcmp(special, "a metadata service") == 0))
		abort();
	for (size_t i = 0; i < n; i++)
		if (!net_addr_is_v4(&carried[i]) || (net_addr_special(&carried[i]) && !special))
			abort();
	for (unsigned bits = 0; bits <= NET_ADDR_BITS; bits++) {
		struct net_addr net = *addr;

		net_addr_mask(&net, bits);
		if (net_addr_is_in(addr, &net, bits) !=
		    (bits >= NET_ADDR_V4_BITS || !net_addr_is_v4(addr)))
			abort();
	}
}

static void check_addr(const struct net_addr *addr)
{
	char shown[NET_ADDR_SIZE];
	struct net_addr again;

	net_addr_print(addr, shown);
	if (net_addr_parse(shown, strlen(shown), &again) < 0 ||
	    memcmp(addr, &again, sizeof(again)) != 0)
		abort();
	check_kind(addr);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	/* A block of its own size, so that a read past its end is seen. */
	char *text = calloc(1, size + (size == 0));
	struct net_addr addr;

	if (!text)
		abort();
	if (size > 0)
		memcpy(text, data, size);
	check_name(text, size);
	if (net_addr_parse(text, size, &addr) == 0)
		check_addr(&addr);
	if (size == sizeof(addr)) {
		memcpy(&addr, text, sizeof(addr));
		check_addr(&addr);
	}
	free(text);
	return 0;
}
