/* SPDX-License-Identifier: Apache-2.0 */
#pragma once

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>

#include <cmocka.h>

#include "spec/net_addr.h"

static inline struct net_addr make(const char *text)
{
	struct net_addr addr;

	if (net_addr_parse(text, strlen(text), &addr) < 0)
		fail_msg("'%s' is no address", text);
	return addr;
}
