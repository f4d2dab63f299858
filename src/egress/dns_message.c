/* SPDX-License-Identifier: Apache-2.0 */
#include "egress/dns_message.h"

#include <errno.h>
#include <string.h>

#include "egress/bytes.h"

#define HEAD_SIZE 12
#define LABEL_MAX 63
#define WIRE_NAME_MAX 255
/* With it every answer stays within 512 bytes, which is what the oldest client takes. */
#define WHY_MAX 200

enum { OPT = 41, CLASS_IN = 1, EXTENDED_ERROR = 15, BLOCKED = 15 };
enum { FLAG_QR = 0x8000, FLAG_TC = 0x0200, FLAG_RD = 0x0100, FLAG_RA = 0x0080 };

struct name_text {
	char text[WIRE_NAME_MAX];
	size_t len;
};

/*
 * A name of plain labels; as text with dots between, empty if a label holds a dot itself: that would be read as
 * another name. No pointers: there is nothing before a question to point at.
 */
static bool take_name(struct bytes *from, struct name_text *ret)
{
	bool is_plain = true;
	struct bytes label;
	uint32_t n;

	ret->len = 0;
	while (bytes_number(from, 1, &n)) {
		if (n == 0) {
			ret->len = is_plain && ret->len > 0 ? ret->len - 1 : 0;
			return true;
		}
		/* Each label takes one byte more than its text, and the end one more. */
		if (n > LABEL_MAX || ret->len + n + 2 > WIRE_NAME_MAX ||
		    !bytes_take(from, n, &label))
			return false;
		is_plain = is_plain && !memchr(label.at, '.', n);
		memcpy(ret->text + ret->len, label.at, n);
		ret->text[ret->len + n] = '.';
		ret->len += n + 1;
	}
	return false;
}

static bool take_question(struct bytes *from, struct dns_question *q)
{
	const uint8_t *begin = from->at;
	struct name_text name;
	uint32_t type, class;

	if (!take_name(from, &name) || !bytes_number(from, 2, &type) ||
	    !bytes_number(from, 2, &class))
		return false;
	/* Where it is none, the caller sees "" and knows nothing by it. */
	if (net_name_canon(name.text, name.len, q->name) < 0)
		q->name[0] = '\0';
	q->type = (uint16_t)type;
	q->class = (uint16_t) class;
	q->wire = begin;
	q->wire_len = (size_t)(from->at - begin);
	return true;
}

/* The one further record that a question may have; its options say nothing that we need. */
static bool take_edns(struct bytes *from)
{
	uint32_t root, type, room, rcode, version, flags, len;
	struct bytes options;

	return bytes_number(from, 1, &root) && root == 0 && bytes_number(from, 2, &type) &&
	       type == OPT && bytes_number(from, 2, &room) && bytes_number(from, 1, &rcode) &&
	       bytes_number(from, 1, &version) && version == 0 && bytes_number(from, 2, &flags) &&
	       bytes_number(from, 2, &len) && bytes_take(from, len, &options);
}

/* The four counts and what they count, to the last byte. */
static bool take_sections(struct bytes *in, struct dns_question *q)
{
	uint32_t questions, answers, authorities, additional;

	if (!bytes_number(in, 2, &questions) || !bytes_number(in, 2, &answers) ||
	    !bytes_number(in, 2, &authorities) || !bytes_number(in, 2, &additional) ||
	    questions != 1 || answers != 0 || authorities != 0 || additional > 1)
		return false;
	if (!take_question(in, q) || (additional == 1 && !take_edns(in)))
		return false;
	q->has_edns = additional == 1;
	return in->len == 0;
}

int dns_question_parse(const uint8_t *bytes, size_t len, struct dns_question *ret,
		       enum dns_rcode *ret_rcode)
{
	struct bytes in = { bytes, len };
	struct dns_question q = { 0 };
	uint32_t id, flags;

	if (len < HEAD_SIZE || len > DNS_MESSAGE_MAX || !bytes_number(&in, 2, &id) ||
	    !bytes_number(&in, 2, &flags) || (flags & FLAG_QR))
		return -EBADMSG;
	q.id = (uint16_t)id;
	q.recursion = flags & FLAG_RD;
	q.opcode = flags >> 11 & 15;
	*ret = q;
	*ret_rcode = q.opcode != 0 ? DNS_NOTIMP : DNS_FORMERR;
	if (q.opcode != 0 || (flags & FLAG_TC) || !take_sections(&in, &q))
		return -EPROTO;
	*ret = q;
	*ret_rcode = DNS_NOERROR;
	return 0;
}

/* An answer in the making; what would not fit is our own mistake, and is left out. */
struct answer {
	uint8_t *at;
	size_t len;
};

static void put(struct answer *a, const void *bytes, size_t len)
{
	if (len > DNS_ANSWER_MAX - a->len)
		return;
	if (len > 0)
		memcpy(a->at + a->len, bytes, len);
	a->len += len;
}

static void put_u16(struct answer *a, size_t value)
{
	const uint8_t bytes[] = { (uint8_t)(value >> 8), (uint8_t)value };

	put(a, bytes, sizeof(bytes));
}

static void put_address(struct answer *a, const uint8_t *addr, uint32_t ttl_s)
{
	put_u16(a, 0xc000 | HEAD_SIZE); /* the name of the question */
	put_u16(a, DNS_A);
	put_u16(a, CLASS_IN);
	put_u16(a, ttl_s >> 16);
	put_u16(a, ttl_s & 0xffff);
	put_u16(a, 4);
	put(a, addr, 4);
}

static void put_edns(struct answer *a, const char *why)
{
	size_t len = why ? strnlen(why, WHY_MAX) : 0;

	put(a, "", 1);
	put_u16(a, OPT);
	put_u16(a, DNS_ANSWER_MAX);
	put_u16(a, 0); /* no further bits of rcode, version 0 */
	put_u16(a, 0);
	put_u16(a, why ? 2 + 2 + 2 + len : 0);
	if (!why)
		return;
	put_u16(a, EXTENDED_ERROR);
	put_u16(a, 2 + len);
	put_u16(a, BLOCKED);
	put(a, why, len);
}

size_t dns_answer(const struct dns_question *q, enum dns_rcode rcode, const uint8_t *addr,
		  uint32_t ttl_s, const char *why, uint8_t ret[static DNS_ANSWER_MAX])
{
	struct answer a = { 0 };
	bool has_address = addr && q->wire_len > 0 && q->type == DNS_A && rcode == DNS_NOERROR;

	a.at = ret;
	put_u16(&a, q->id);
	put_u16(&a, FLAG_QR | (size_t)q->opcode << 11 | (q->recursion ? FLAG_RD : 0) | FLAG_RA |
			    (size_t)rcode);
	put_u16(&a, q->wire_len > 0 ? 1 : 0);
	put_u16(&a, has_address ? 1 : 0);
	put_u16(&a, 0);
	put_u16(&a, q->has_edns ? 1 : 0);
	put(&a, q->wire, q->wire_len);
	if (has_address)
		put_address(&a, addr, ttl_s);
	if (q->has_edns)
		put_edns(&a, why);
	return a.len;
}
