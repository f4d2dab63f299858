/* SPDX-License-Identifier: Apache-2.0 */
/* The stream of a client: a greeting, then a request. What is taken lies in what came, and no beginning of it is. */
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#include "egress/socks.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

static void request(const uint8_t *data, size_t size)
{
	struct socks_request r, cut;
	enum socks_reply reply = SOCKS_OK;
	int n = socks_request(data, size, &r, &reply);

	if (n < 0 && reply == SOCKS_OK)
		abort();
	if (n <= 0)
		return;
	if ((size_t)n > size || n > SOCKS_HEAD_MAX || r.port == 0)
		abort();
	if (r.is_name &&
	    ((const uint8_t *)r.name != data + 5 || r.name_len == 0 || r.name_len + 7 != (size_t)n))
		abort();
	if (!r.is_name && n != 10 && n != 22)
		abort();
	for (size_t len = 0; len < (size_t)n; len++)
		if (socks_request(data, len, &cut, &reply) != 0)
			abort();
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	int n = socks_greeting(data, size);

	if (n > 0 && ((size_t)n > size || data[0] != 5))
		abort();
	for (int len = 0; len < n; len++)
		if (socks_greeting(data, (size_t)len) != 0)
			abort();
	if (n > 0)
		request(data + n, size - (size_t)n);
	return 0;
}
