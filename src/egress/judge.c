/* SPDX-License-Identifier: Apache-2.0 */
#include <string.h>
#include <sys/socket.h>

#include "base/auto.h"
#include "egress/conn.h"
#include "egress/control.h"

#define SENTENCE_MAX ((size_t)1024)
/* Hosts that the user is told of one by one; the log has them all. */
#define TOLD_MAX 12

static void send_sentence(struct egress *g, const char *text)
{
	(void)send(g->keeper.fd, text, strlen(text), MSG_DONTWAIT | MSG_NOSIGNAL);
}

void judge_tell(struct egress *g, const struct conn *c, const char *reason)
{
	auto_buf struct buf what = BUF_INIT(SENTENCE_MAX);
	auto_buf struct buf text = BUF_INIT(SENTENCE_MAX);

	conn_what(c, &what);
	if (g->told.n > TOLD_MAX || strv_has(&g->told, buf_text(&what)))
		return;
	strv_add(&g->told, arena_strdup(&g->arena, buf_text(&what)));
	if (g->told.n > TOLD_MAX) {
		send_sentence(
			g, "network: more hosts were refused; all of them: claude-sandbox net log");
		return;
	}
	buf_addf(&text, "network: %s was refused: %s", buf_text(&what), reason);
	send_sentence(g, buf_text(&text));
}

static const char *denied_by(struct conn *c)
{
	auto_buf struct buf b = BUF_INIT(SENTENCE_MAX);

	buf_addf(&b, "the rule '%s' denies it", c->rule);
	return conn_reason(c, &b);
}

/* With the line that would allow it, for people who look at a refusal. */
static const char *undecided(struct conn *c)
{
	auto_buf struct buf b = BUF_INIT(SENTENCE_MAX);

	buf_puts(&b, "no rule allows it; if you want it: claude-sandbox net allow ");
	if (!c->target.name && net_addr_special(&c->target.addr))
		buf_puts(&b, "--local "); /* else it would be refused as private */
	if (c->target.name && c->via != VIA_LOCAL)
		buf_puts(&b, c->target.name);
	else
		conn_what(c, &b);
	return conn_reason(c, &b);
}

static void allow(struct conn *c)
{
	conn_log(c, "allow", NULL);
	c->is_logged = true;
	dial_start(c);
}

static void wait_for_answer(struct conn *c)
{
	if (c->stage != STAGE_ASK) {
		c->stage = STAGE_ASK;
		conn_deadline(c, (int64_t)c->egress->net.ask_s * 1000);
		control_ask(c->egress, c);
	}
}

/* A rule with methods may allow what a redirected client has not said yet. */
static bool may_by_method(const struct conn *c)
{
	static const char *const methods[] = { "GET",    "HEAD",  "POST",   "PUT",
					       "DELETE", "PATCH", "OPTIONS" };
	struct net_target t = c->target;
	const char *rule;

	for (size_t i = 0; i < N_ELEMENTS(methods) && !t.method; i++) {
		struct net_target one = t;

		one.method = methods[i];
		if (net_rules_judge(&c->egress->net.rules, &one, &rule) == NET_ALLOWED)
			return true;
	}
	return false;
}

void judge_target(struct conn *c)
{
	struct egress *g = c->egress;

	switch (net_rules_judge(&g->net.rules, &c->target, &c->rule)) {
	case NET_ALLOWED:
		allow(c);
		return;
	case NET_DENIED:
		refuse(c, denied_by(c));
		return;
	case NET_UNDECIDED:
		break;
	}
	if (g->net.asks && c->target.name && c->via != VIA_LOCAL)
		wait_for_answer(c);
	else if (c->via != VIA_HTTP && may_by_method(c))
		allow(c); /* its connection; each request in it is judged: screen.c */
	else
		refuse(c, undecided(c));
}

bool judge_request(struct conn *c)
{
	enum net_verdict verdict = net_rules_judge(&c->egress->net.rules, &c->target, &c->rule);

	if (verdict == NET_ALLOWED)
		return true;
	refuse(c, verdict == NET_DENIED ? denied_by(c) : undecided(c));
	return false;
}

static bool is_denied_as(struct conn *c, const struct net_target *target)
{
	const char *rule;

	if (net_rules_judge(&c->egress->net.rules, target, &rule) != NET_DENIED)
		return false;
	c->rule = rule;
	return true;
}

/* By the number of what it leads to as well; one on its way may come to any of the addresses that are left. */
static bool is_denied(struct conn *c)
{
	size_t end = c->stage == STAGE_OPEN ? c->next_addr : c->n_addrs;
	struct net_target by_number = c->target;

	if (is_denied_as(c, &c->target))
		return true;
	if (c->proxy || c->next_addr == 0)
		return false;
	by_number.name = NULL;
	for (size_t i = c->next_addr; i <= end; i++) {
		by_number.addr = c->addrs[i - 1];
		if (is_denied_as(c, &by_number))
			return true;
	}
	return false;
}

/* Of what was allowed once, only a rule that denies it is the end: nobody is asked again. */
void judge_again(struct egress *g)
{
	for (struct conn *c = g->conns, *next; c; c = next) {
		next = c->next;
		if (c->stage == STAGE_ASK)
			judge_target(c);
		else if (c->stage > STAGE_ASK && c->stage <= STAGE_OPEN && is_denied(c))
			refuse(c, denied_by(c));
	}
}
