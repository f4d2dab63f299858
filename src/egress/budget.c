/* SPDX-License-Identifier: Apache-2.0 */
#include "egress/budget.h"

const char budget_reason[] = "the sandbox has sent as much as it may (upload_mib, upload_host_mib)";

static uint64_t left(uint64_t limit_mib, uint64_t used)
{
	uint64_t limit = limit_mib << 20;

	if (limit_mib == 0)
		return SIZE_MAX;
	return used < limit ? limit - used : 0;
}

size_t budget_left(const struct conn *c)
{
	const struct egress *g = c->egress;
	uint64_t all = left(g->net.budget_mib, g->bytes_out);
	uint64_t host = c->host ? left(g->net.budget_host_mib, c->host->bytes_out)
				: left(g->net.budget_host_mib, g->bytes_out);

	return all < host ? all : host;
}

void budget_take(struct conn *c, uint64_t bytes)
{
	c->egress->bytes_out += bytes;
	if (c->host)
		c->host->bytes_out += bytes;
}
