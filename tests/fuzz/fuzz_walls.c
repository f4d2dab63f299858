/* SPDX-License-Identifier: Apache-2.0 */
/* A block that is accepted lies whole within its bytes, and packing what it says gives it again. */
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#include "base/auto.h"
#include "base/wire_walls.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	auto_free void *again = NULL;
	struct wire_walls walls;
	size_t n;

	if (wire_walls_unpack(data, size, &walls) < 0)
		return 0;
	for (size_t i = 0; i < walls.landlock.n_rules; i++)
		if (walls.landlock.rules[i].path[0] != '/' || walls.landlock.rules[i].fd != -1)
			abort();
	again = wire_walls_pack(&walls, &n);
	if (!again || n != size || memcmp(again, data, size) != 0)
		abort();
	wire_walls_done(&walls);
	return 0;
}
