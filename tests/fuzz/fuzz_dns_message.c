/* SPDX-License-Identifier: Apache-2.0 */
/* A message. Its name is canonical; each answer is short, repeats the question and is a whole response. */
#include <errno.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#include "egress/dns_message.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

static void name(const struct dns_question *q)
{
	char canonical[NET_NAME_SIZE];

	if (q->name[0] && (net_name_canon(q->name, strlen(q->name), canonical) < 0 ||
			   strcmp(canonical, q->name) != 0))
		abort();
}

/*
 * Its head says QR; without that, without the answer and with the counts of a question it must be read as the
 * question that it repeats.
 */
static void answer(const struct dns_question *q, enum dns_rcode rcode, bool is_whole)
{
	static const uint8_t addr[] = { 198, 18, 0, 1 };
	uint8_t bytes[DNS_ANSWER_MAX];
	size_t len = dns_answer(q, rcode, addr, 60, "not in the list of hosts", bytes);
	bool has_address = bytes[7] == 1;
	struct dns_question again;
	enum dns_rcode ignored;

	if (len < 12 || len > 512 || len > DNS_ANSWER_MAX)
		abort();
	if (dns_question_parse(bytes, len, &again, &ignored) != -EBADMSG)
		abort();
	if (has_address != (is_whole && q->type == DNS_A && rcode == DNS_NOERROR))
		abort();
	if (!is_whole)
		return;
	bytes[2] &= 0x7f;
	bytes[7] = 0;
	if (has_address)
		memmove(bytes + 12 + q->wire_len, bytes + 12 + q->wire_len + 16,
			len - 12 - q->wire_len - 16);
	if (dns_question_parse(bytes, len - (has_address ? 16 : 0), &again, &ignored) != 0)
		abort();
	if (again.id != q->id || strcmp(again.name, q->name) != 0 || again.type != q->type ||
	    again.class != q->class || again.recursion != q->recursion ||
	    again.has_edns != q->has_edns || again.wire_len != q->wire_len ||
	    memcmp(again.wire, q->wire, q->wire_len) != 0)
		abort();
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	struct dns_question q = { 0 };
	enum dns_rcode rcode = DNS_NOERROR;
	int r = dns_question_parse(data, size, &q, &rcode);

	if (r == -EBADMSG)
		return 0;
	if ((r == 0) != (rcode == DNS_NOERROR) || (r < 0) != (q.wire == NULL))
		abort();
	name(&q);
	if (r == 0 && (q.wire != data + 12 || q.wire_len > 259))
		abort();
	answer(&q, rcode, r == 0);
	answer(&q, DNS_NXDOMAIN, r == 0);
	return 0;
}
