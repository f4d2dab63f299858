/* SPDX-License-Identifier: Apache-2.0 */
/* A blueprint that is accepted lies whole within its bytes, and packing what it says gives it again. */
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#include "base/blueprint.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	auto_arena struct arena a = ARENA_INIT;
	auto_buf struct buf again = BUF_INIT((size_t)16 << 20);
	struct blueprint bp;

	if (blueprint_unpack((const char *)data, size, &a, &bp) < 0)
		return 0;
	for (size_t i = 0; i < bp.n_rows; i++)
		if (bp.rows[i].op >= N_BLUEPRINT_OPS || bp.rows[i].dst[0] != '/' ||
		    bp.rows[i].mode > 07777)
			abort();
	blueprint_pack(&bp, &again);
	if (again.len != size || memcmp(again.data, data, size) != 0)
		abort();
	return 0;
}
