/* SPDX-License-Identifier: Apache-2.0 */
#include "spec/net_rule.h"

#include <errno.h>
#include <stdbool.h>
#include <string.h>

#include "base/buf.h"

#define SHOWN_MAX ((size_t)120) /* bytes of the text, before they are made visible */
#define METHODS_MAX ((size_t)32)

/* Everything that a later step prints is plain text. */
static int check_bytes(const char *text, struct err *e)
{
	if (!*text)
		return err_set(e, EINVAL,
			       "it is empty; write a host, such as 'github.com', or leave it out");
	if (strlen(text) > NET_RULE_TEXT_MAX)
		return err_set(e, EINVAL, "it is longer than %zu bytes", NET_RULE_TEXT_MAX);
	if (text[0] == ' ' || text[strlen(text) - 1] == ' ')
		return err_set(e, EINVAL, "it begins or ends with a space; leave that out");
	for (const char *p = text; *p; p++) {
		if ((unsigned char)*p > 0x7e)
			return err_set(
				e, EINVAL,
				"it has bytes that are not ASCII; write such a name in the form "
				"that begins with 'xn--'");
		if ((unsigned char)*p < ' ')
			return err_set(
				e, EINVAL,
				"it has a tab, a line's end or another control byte; leave that "
				"out");
	}
	return 0;
}

/* What is meant for a browser or for ssh; the host alone is what a rule wants. */
static int refuse_url(const char *host, const char *what, struct err *e)
{
	const char *at = strchr(host, '@');
	size_t end = strcspn(host, "/?#");

	if (at && (size_t)(at - host) < end)
		host = at + 1;
	end = strcspn(host, host[0] == '[' ? "/?# " : ":/?# ");
	if (end == 0)
		return err_set(e, EINVAL, "%s; write the host alone", what);
	return err_set(e, EINVAL, "%s; write the host alone: '%.*s'", what, (int)end, host);
}

static int check_form(const char *host, struct err *e)
{
	const char *scheme = strstr(host, "://");

	if (scheme)
		return refuse_url(scheme + 3, "it is a URL", e);
	if (strchr(host, ' '))
		return err_set(
			e, EINVAL,
			"it has a space too many; one stands between methods and host, as in "
			"'GET,HEAD example.com', and no other");
	if (host[0] != '@' && strchr(host, '@'))
		return refuse_url(host, "rules have no user", e);
	return 0;
}

static int add_method(const char *method, struct strv *methods, struct err *e)
{
	static const char letters[] = "ABCDEFGHIJKLMNOPQRSTUVWXYZ-";

	if (!*method || method[strspn(method, letters)] != '\0')
		return err_set(e, EINVAL,
			       "before a space stand HTTP methods in upper case, as in 'GET,HEAD "
			       "example.com', and '%.40s' is none",
			       method);
	if (methods->n == METHODS_MAX)
		return err_set(e, EINVAL, "it has more than %zu methods", METHODS_MAX);
	strv_add(methods, method);
	return 0;
}

/* The methods before the first space, if there is one; *ret_host is what follows. */
static int read_methods(const char *text, struct arena *a, struct strv *methods,
			const char **ret_host, struct err *e)
{
	const char *space = strchr(text, ' ');
	char *rest;

	*ret_host = text;
	if (!space || strstr(text, "://"))
		return 0;
	rest = arena_strndup(a, text, (size_t)(space - text));
	while (rest) {
		int r = add_method(strsep(&rest, ","), methods, e);

		if (r < 0)
			return r;
	}
	*ret_host = space + 1;
	return 0;
}

/* The colon before the ports, or NULL. Of more than one colon outside of brackets none can be it. */
static int find_ports(const char *host, const char **ret_colon, struct err *e)
{
	const char *from = host[0] == '[' ? strchr(host, ']') : host;
	const char *colon = from ? strchr(from, ':') : NULL;
	struct net_addr addr;

	if (colon && from == host && strchr(colon + 1, ':')) {
		size_t len = strcspn(host, "/%");

		if (net_addr_parse(host, len, &addr) == 0)
			return err_set(
				e, EINVAL,
				"IPv6 stands in brackets; write '[%.*s]%s', and ports after it",
				(int)len, host, host[len] == '/' ? host + len : "");
		return err_set(
			e, EINVAL,
			"it has two colons; IPv6 stands in brackets, as in '[::1]:443', and a "
			"list of ports has commas");
	}
	if (colon && strchr(colon, '/'))
		return refuse_url(host, "rules have no path", e);
	*ret_colon = colon;
	return 0;
}

static int read_rule(const char *text, struct arena *a, struct net_rule *ret, struct err *e)
{
	struct net_rule rule = { .methods = STRV_INIT(a) };
	const char *host = NULL, *colon = NULL;
	int r = check_bytes(text, e);

	if (r < 0 || (r = read_methods(text, a, &rule.methods, &host, e)) < 0 ||
	    (r = check_form(host, e)) < 0 || (r = find_ports(host, &colon, e)) < 0)
		return r;
	if (colon == host || !*host)
		return err_set(e, EINVAL,
			       "it has no host; write one, such as 'github.com', or '*' for all "
			       "names");
	if (colon && (r = net_ports_parse(colon + 1, a, &rule.ports, e)) < 0)
		return r;
	host = arena_strndup(a, host, colon ? (size_t)(colon - host) : strlen(host));
	r = net_host_parse(host, a, &rule.host, e);
	if (r < 0)
		return r;
	rule.text = arena_strdup(a, text);
	*ret = rule;
	return 0;
}

int net_rule_parse(const char *text, struct arena *a, struct net_rule *ret, struct err *e)
{
	auto_buf struct buf shown = BUF_INIT(ERR_MSG_MAX / 2);
	size_t len = strlen(text);

	if (read_rule(text, a, ret, e) == 0)
		return 0;
	buf_visible(&shown, arena_strndup(a, text, len < SHOWN_MAX ? len : SHOWN_MAX));
	return err_wrap(e, "rule '%s%s'", buf_text(&shown), len > SHOWN_MAX ? "..." : "");
}
