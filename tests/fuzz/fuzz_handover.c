/* SPDX-License-Identifier: Apache-2.0 */
/*
 * What the part that runs as root accepts of a caller, message by message as src/container/receive.c reads them: a byte that tells
 * how many descriptors came, one for the length, the message. No sequence of them overruns what was announced.
 */
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#include "base/handover.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

static size_t read_head(const uint8_t *data, size_t size)
{
	struct handover_head head;

	if (size < 1 + sizeof(head) || handover_head_check(data + 1, sizeof(head), data[0]) < 0)
		return 0;
	memcpy(&head, data + 1, sizeof(head));
	if (data[0] != N_HANDOVER_FIRST || head.n_fds > HANDOVER_MAX)
		abort();
	return head.n_fds;
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	size_t announced = read_head(data, size);
	size_t at = 1 + sizeof(struct handover_head);
	size_t n = 0;

	while (n < announced && at + 2 <= size) {
		size_t n_fds = data[at];
		size_t len = data[at + 1] < size - at - 2 ? data[at + 1] : size - at - 2;

		if (handover_batch_check(data + at + 2, len, n_fds, announced - n) < 0)
			return 0;
		if (len != n_fds || len > HANDOVER_BATCH)
			abort();
		n += n_fds;
		at += 2 + len;
	}
	if (n > announced)
		abort();
	return 0;
}
