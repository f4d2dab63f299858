/* SPDX-License-Identifier: Apache-2.0 */
#include "egress/socks.h"

#include <errno.h>
#include <string.h>

enum { VERSION = 5, NO_AUTHENTICATION = 0, CONNECT = 1, V4 = 1, NAME = 3, V6 = 4 };

int socks_greeting(const uint8_t *bytes, size_t len)
{
	if (len >= 1 && bytes[0] != VERSION)
		return -EBADMSG;
	if (len < 2 || len - 2 < bytes[1])
		return 0;
	return memchr(bytes + 2, NO_AUTHENTICATION, bytes[1]) ? bytes[1] + 2 : -ENOTSUP;
}

static int refuse(int r, enum socks_reply reply, enum socks_reply *ret_reply)
{
	*ret_reply = reply;
	return r;
}

/* Each byte is judged as soon as it is there. */
static int check_head(const uint8_t *bytes, size_t len, enum socks_reply *ret_reply)
{
	if (len > 0 && bytes[0] != VERSION)
		return refuse(-EBADMSG, SOCKS_FAILED, ret_reply);
	if (len > 1 && bytes[1] != CONNECT)
		return refuse(-ENOTSUP, SOCKS_NO_COMMAND, ret_reply);
	if (len > 2 && bytes[2] != 0)
		return refuse(-EBADMSG, SOCKS_FAILED, ret_reply);
	if (len > 3 && bytes[3] != V4 && bytes[3] != NAME && bytes[3] != V6)
		return refuse(-ENOTSUP, SOCKS_NO_ADDRESS_TYPE, ret_reply);
	if (len > 4 && bytes[3] == NAME && bytes[4] == 0)
		return refuse(-EBADMSG, SOCKS_FAILED, ret_reply);
	return 0;
}

static void destination(const uint8_t *bytes, size_t address_len, struct socks_request *ret)
{
	static const struct net_addr mapped = { { [10] = 0xff, [11] = 0xff } };

	*ret = (struct socks_request){ .addr = mapped };
	if (bytes[3] == NAME)
		*ret = (struct socks_request){ .is_name = true,
					       .name = (const char *)bytes + 5,
					       .name_len = address_len - 1 };
	else
		memcpy(ret->addr.octets + sizeof(ret->addr.octets) - address_len, bytes + 4,
		       address_len);
	ret->port = (uint16_t)(bytes[4 + address_len] << 8 | bytes[5 + address_len]);
}

int socks_request(const uint8_t *bytes, size_t len, struct socks_request *ret,
		  enum socks_reply *ret_reply)
{
	struct socks_request request;
	size_t address_len;
	int r = check_head(bytes, len, ret_reply);

	if (r < 0 || len < 5)
		return r;
	address_len = bytes[3] == V4 ? 4 : bytes[3] == V6 ? 16 : 1 + (size_t)bytes[4];
	if (len < 4 + address_len + 2)
		return 0;
	destination(bytes, address_len, &request);
	if (request.port == 0)
		return refuse(-EBADMSG, SOCKS_FAILED, ret_reply);
	*ret = request;
	return (int)(4 + address_len + 2);
}

void socks_answer(enum socks_reply reply, uint8_t ret[static SOCKS_ANSWER_SIZE])
{
	const uint8_t answer[SOCKS_ANSWER_SIZE] = { VERSION, (uint8_t)reply, 0, V4 };

	memcpy(ret, answer, sizeof(answer));
}
