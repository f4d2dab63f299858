/* SPDX-License-Identifier: Apache-2.0 */
/*
 * The proxy that this host itself needs, as curl and most others read it from the environment: egress goes through
 * it, so that a sandbox works where its host does. Only an HTTP proxy in the clear is known.
 */
#include <ctype.h>
#include <stdlib.h>
#include <string.h>
#include <strings.h>

#include "base/parse.h"
#include "spec/spec.h"

#define PORT_DEFAULT 80 /* of a proxy; curl's 1080 is for SOCKS */

/* The first that is set counts, as with curl: https_proxy, because most of what passes is TLS. */
static const char *const names[] = { "https_proxy", "HTTPS_PROXY", "all_proxy",
				     "ALL_PROXY",   "http_proxy",  NULL };

/* %40 in a password; NULL: a byte that would not fit a line of the policy. */
static const char *decode(const char *text, size_t len, struct arena *a)
{
	char *ret = arena_alloc(a, len + 1);
	size_t n = 0;

	for (size_t i = 0; i < len; i++) {
		unsigned byte = (unsigned char)text[i];

		if (byte == '%' && i + 2 < len && isxdigit((unsigned char)text[i + 1]) &&
		    isxdigit((unsigned char)text[i + 2])) {
			const char hex[3] = { text[i + 1], text[i + 2], '\0' };

			byte = (unsigned)strtoul(hex, NULL, 16);
			i += 2;
		}
		if (byte < 0x20 || byte == 0x7f)
			return NULL;
		ret[n++] = (char)byte;
	}
	return ret;
}

/* "[http://][USER:PASSWORD@]HOST[:PORT][/]" as "HOST:PORT [USER:PASSWORD]"; NULL: another kind. */
static const char *parse(const char *url, struct arena *a)
{
	const char *scheme = strstr(url, "://");
	const char *place = scheme ? scheme + strlen("://") : url;
	size_t len = strcspn(place, "/?#");
	const char *at = memrchr(place, '@', len);
	const char *host = at ? at + 1 : place;
	size_t host_len = len - (size_t)(host - place);
	const char *colon = memrchr(host, ':', host_len);
	const char *login = at ? decode(place, (size_t)(at - place), a) : "";
	uint64_t port = PORT_DEFAULT;
	struct err ignored;

	if ((scheme && strncasecmp(url, "http://", strlen("http://")) != 0) || !login ||
	    host_len == 0 || host[0] == '[' || memchr(host, ' ', host_len))
		return NULL;
	if (colon) {
		const char *number =
			arena_strndup(a, colon + 1, host_len - (size_t)(colon + 1 - host));

		if (parse_uint(number, 1, 65535, &port, &ignored) < 0)
			return NULL;
		host_len = (size_t)(colon - host);
	}
	if (host_len == 0)
		return NULL;
	return arena_printf(a, "%.*s:%u%s%s", (int)host_len, host, (unsigned)port,
			    *login ? " " : "", login);
}

/* "localhost,.corp.example,example.org" as globs of names; what is no name matches nothing. */
static void add_direct(const char *list, struct arena *a, struct strv *ret)
{
	char *copy = arena_strdup(a, list);
	char *rest = NULL;

	for (char *word = strtok_r(copy, ", ", &rest); word; word = strtok_r(NULL, ", ", &rest)) {
		if (strcmp(word, "*") == 0) {
			strv_add(ret, "*");
			continue;
		}
		word += word[0] == '*' && word[1] == '.' ? 2 : word[0] == '.';
		if (strpbrk(word, "*?[\\") || !*word)
			continue;
		strv_add(ret, arena_strdup(a, word));
		strv_add(ret, arena_printf(a, "*.%s", word));
	}
}

void net_proxy_add(const struct facts *f, struct arena *a, struct spec *s)
{
	const char *url = NULL;
	const char *name = NULL;
	const char *list = env_get(&f->env, "no_proxy");

	for (size_t i = 0; names[i] && !(url && *url); i++) {
		name = names[i];
		url = env_get(&f->env, name);
	}
	if (!url || !*url)
		return;
	s->net.upstream = parse(url, a);
	if (!s->net.upstream) {
		strv_add(&s->notes,
			 arena_printf(a,
				      "%s names no HTTP proxy (http://HOST:PORT), so the "
				      "sandbox's network does without it",
				      name));
		return;
	}
	strv_add(&s->details,
		 arena_printf(a,
			      "network: reached through this host's own proxy (%s); it "
			      "looks names up, so their addresses are not checked here",
			      name));
	if (!list)
		list = env_get(&f->env, "NO_PROXY");
	if (list)
		add_direct(list, a, &s->net.direct);
}
