/* SPDX-License-Identifier: Apache-2.0 */
/* Questions of a stub resolver and our answers to them (RFC 1035, 3596, 6891, 8914, 9460). Pure. */
#pragma once

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "spec/net_name.h"

#define DNS_MESSAGE_MAX 4096 /* of a question; longer ones are dropped */
#define DNS_ANSWER_MAX 1232

enum dns_type { DNS_A = 1, DNS_PTR = 12, DNS_AAAA = 28, DNS_HTTPS = 65 };
enum dns_rcode {
	DNS_NOERROR = 0,
	DNS_FORMERR = 1,
	DNS_SERVFAIL = 2,
	DNS_NXDOMAIN = 3,
	DNS_NOTIMP = 4,
	DNS_REFUSED = 5,
};

struct dns_question {
	uint16_t id;
	uint8_t opcode; /* 0 unless the message is refused for it */
	bool recursion; /* RD */
	bool has_edns;
	char name[NET_NAME_SIZE]; /* canonical; "" if it is none that net_name_canon() takes */
	uint16_t type;
	uint16_t class;
	const uint8_t *wire; /* the question section, to be repeated; points into the message */
	size_t wire_len;
};

/*
 * 0; -EBADMSG: to be dropped (no question at all: too short or too long, a response); -EPROTO with *ret filled
 * enough for an answer of *ret_rcode, which is then without the question: NOTIMP for another opcode, FORMERR for not
 * exactly one question, a compressed or torn name, answers, additional records but one OPT of version 0, TC, bytes
 * behind the end. The class is for the caller to judge.
 */
int dns_question_parse(const uint8_t *bytes, size_t len, struct dns_question *ret,
		       enum dns_rcode *ret_rcode);

/*
 * The answer; its length, never above 512. With @addr (4 bytes, DNS_A, NOERROR) one A record with @ttl_s. @why: an
 * extended error (RFC 8914, code 15 "Blocked") if the question has EDNS, of which 200 bytes are told; NULL: none.
 */
size_t dns_answer(const struct dns_question *q, enum dns_rcode rcode, const uint8_t *addr,
		  uint32_t ttl_s, const char *why, uint8_t ret[static DNS_ANSWER_MAX]);
