/* SPDX-License-Identifier: Apache-2.0 */
#include "bus/quota.h"

bool quota_take(struct quota *r, int64_t now_ms)
{
	int64_t more = (now_ms - r->counted_ms) / r->each_ms;

	if (r->counted_ms == 0 || more >= (int64_t)(r->burst - r->left)) {
		r->left = r->burst;
		r->counted_ms = now_ms;
	} else {
		r->left += (unsigned)more;
		r->counted_ms += more * r->each_ms;
	}
	if (r->left == 0)
		return false;
	r->left--;
	return true;
}
