/* SPDX-License-Identifier: Apache-2.0 */
/* The addresses of this host and the networks that it is part of, as they are now. */
#pragma once

#include <stddef.h>

#include "spec/net_addr.h"

#define OWN_ADDRS_MAX 64

struct net_prefix {
	struct net_addr addr;
	unsigned bits; /* of the family's address */
};

/* Of the caller's network namespace. Special ones are left out: net_addr_special(). -errno; -E2BIG. */
int own_addrs_read(struct net_prefix ret[static OWN_ADDRS_MAX], size_t *ret_n);
