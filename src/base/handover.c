/* SPDX-License-Identifier: Apache-2.0 */
#include "base/handover.h"

#include <errno.h>
#include <string.h>

int handover_head_check(const void *message, size_t size, size_t n_fds)
{
	struct handover_head head;

	if (size != sizeof(head) || n_fds != N_HANDOVER_FIRST)
		return -EBADMSG;
	memcpy(&head, message, sizeof(head));
	return head.magic == HANDOVER_MAGIC && head.n_fds > 0 && head.n_fds <= HANDOVER_MAX
		       ? 0
		       : -EBADMSG;
}

int handover_batch_check(const uint8_t *kinds, size_t n_kinds, size_t n_fds, size_t n_left)
{
	if (n_kinds == 0 || n_kinds != n_fds || n_fds > HANDOVER_BATCH || n_fds > n_left)
		return -EBADMSG;
	for (size_t i = 0; i < n_kinds; i++)
		if (kinds[i] < HANDOVER_SOURCE || kinds[i] > HANDOVER_FILE)
			return -EBADMSG;
	return 0;
}
