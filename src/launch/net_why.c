/* SPDX-License-Identifier: Apache-2.0 */
/* "claude-sandbox net why HOST[:PORT]": what a sandbox that is started now would be told. */
#include <errno.h>
#include <string.h>

#include "base/auto.h"
#include "base/parse.h"
#include "launch/net.h"
#include "spec/identity.h"
#include "spec/spec.h"

#define PORT_HTTPS 443

/* "name", "name:80", "1.2.3.4:80", "[::1]:80" */
static int read_target(const char *text, struct arena *a, struct net_target *ret, struct err *e)
{
	const char *end = text[0] == '[' ? strchrnul(text, ']') : text;
	const char *colon = strrchr(end, ':');
	size_t len = colon ? (size_t)(colon - text) : strlen(text);
	bool in_brackets = len > 2 && text[0] == '[' && text[len - 1] == ']';
	const char *host = text + in_brackets;
	char *name = arena_alloc(a, NET_NAME_SIZE);
	uint64_t port = PORT_HTTPS;

	len -= 2 * (size_t)in_brackets;
	if (colon && parse_uint(colon + 1, 1, 65535, &port, e) < 0)
		return err_wrap(e, "port of '%s'", text);
	*ret = (struct net_target){ .port = (uint16_t)port };
	if (net_addr_parse(host, len, &ret->addr) == 0)
		return 0;
	if (in_brackets || net_name_canon(host, len, name) < 0)
		return err_set(
			e, EINVAL,
			"'%s' is no name of a host and no address; give it as example.com:443",
			text);
	ret->name = name;
	return 0;
}

static void print_verdict(enum net_verdict verdict, const char *what, const char *rule,
			  struct buf *b)
{
	buf_visible(b, what);
	switch (verdict) {
	case NET_ALLOWED:
		buf_puts(b, " is allowed by the rule '");
		break;
	case NET_DENIED:
		buf_puts(b, " is refused by the rule '");
		break;
	case NET_UNDECIDED:
		buf_puts(b, " is refused: no rule allows it; if you want it: claude-sandbox net "
			    "allow ");
		buf_visible(b, what);
		buf_puts(b, "\n");
		return;
	}
	buf_visible(b, rule);
	buf_puts(b, "'\n");
}

/* The addresses that a name has are looked at when it is dialled, not here. */
int net_why(struct launch *l, int n, char *const words[], struct err *e)
{
	auto_buf struct buf b = BUF_INIT((size_t)8192);
	struct spec s = { .notes = STRV_INIT(l->arena), .details = STRV_INIT(l->arena) };
	const char *rule = NULL;
	struct net_target t;
	enum net_verdict verdict;
	int r;

	if (n < 1 || n > 2)
		return err_set(e, EINVAL, "the form is: claude-sandbox net why HOST[:PORT] [DIR]");
	r = read_target(words[0], l->arena, &t, e);
	if (r == 0)
		r = load_config(l, n > 1 ? words[1] : ".", e);
	if (r < 0)
		return r;
	s.state = identity_state_dir(&l->facts, l->arena);
	r = spec_add_net(&l->config.config, &l->facts, l->arena, &s, e);
	if (r < 0)
		return r;
	if (s.net.mode != NETWORK_FILTERED)
		return err_set(e, ENOTSUP, "the network would be '%s', which has no rules of hosts",
			       network_names[s.net.mode]);
	verdict = net_rules_judge(&s.net.rules, &t, &rule);
	print_verdict(verdict, words[0], rule, &b);
	r = print(&b);
	return r != 0 ? r : verdict != NET_ALLOWED;
}
