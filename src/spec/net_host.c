/* SPDX-License-Identifier: Apache-2.0 */
#include "spec/net_host.h"

#include <errno.h>
#include <string.h>

#include "base/parse.h"
#include "spec/net_name.h"

/* --- reading ------------------------------------------------------------------------------- */

static int read_preset(const char *text, struct net_host *ret, struct err *e)
{
	if (!text[1])
		return err_set(e, EINVAL,
			       "after '@' stands the name of a preset, such as '@github'");
	*ret = (struct net_host){ .kind = NET_HOST_PRESET, .name = text + 1 };
	return 0;
}

/* The digits after the slash; @max is 32 or 128. */
static int read_bits(const char *text, unsigned max, unsigned *ret, struct err *e)
{
	uint64_t bits = 0;

	if (parse_uint(text, 0, max, &bits, e) < 0)
		return err_set(e, EINVAL, "'/%.40s' is no prefix; write one from /0 to /%u", text,
			       max);
	*ret = NET_ADDR_BITS - max + (unsigned)bits;
	return 0;
}

/* @addr with the text after its slash, or without one. */
static int read_network(const struct net_addr *addr, const char *slash, bool brackets,
			struct net_host *ret, struct err *e)
{
	struct net_host host = { .kind = NET_HOST_NETWORK, .addr = *addr, .bits = NET_ADDR_BITS };
	char shown[NET_ADDR_SIZE];
	int r;

	if (slash) {
		r = read_bits(slash + 1,
			      brackets ? NET_ADDR_BITS : NET_ADDR_BITS - NET_ADDR_V4_BITS,
			      &host.bits, e);
		if (r < 0)
			return r;
	}
	net_addr_mask(&host.addr, host.bits);
	net_addr_print(&host.addr, shown);
	if (memcmp(&host.addr, addr, sizeof(*addr)) != 0)
		return err_set(
			e, EINVAL,
			"the address has bits after its prefix; write the network '%s%s%s%s', "
			"or the address without a prefix",
			brackets ? "[" : "", shown, brackets ? "]" : "", slash ? slash : "");
	*ret = host;
	return 0;
}

/* What stands in brackets and is no IPv6 address, or one that is written otherwise. */
static int refuse_brackets(const char *inside, size_t len, struct err *e)
{
	const char *cut = memchr(inside, '%', len);
	char shown[NET_ADDR_SIZE];
	struct net_addr addr;

	if (net_addr_parse(inside, len, &addr) == 0) {
		net_addr_print(&addr, shown);
		return err_set(e, EINVAL, "it is an address of IPv4; write '%s'", shown);
	}
	if (cut)
		return err_set(e, EINVAL, "an address has no zone here; write '[%.*s]'",
			       (int)(cut - inside), inside);
	cut = memchr(inside, '/', len);
	if (cut)
		return err_set(e, EINVAL, "the prefix stands after the bracket; write '[%.*s]%.*s'",
			       (int)(cut - inside), inside, (int)(inside + len - cut), cut);
	return err_set(e, EINVAL,
		       "'[%.*s]' is no IPv6 address, and globs have '*' and '?' but no classes",
		       (int)len, inside);
}

static int read_brackets(const char *text, struct net_host *ret, struct err *e)
{
	const char *inside = text + 1;
	const char *end = strchr(inside, ']');
	struct net_addr addr;

	if (!end)
		return err_set(e, EINVAL, "the bracket is not closed; write '[ADDRESS]'");
	if (net_addr_parse(inside, (size_t)(end - inside), &addr) < 0 || net_addr_is_v4(&addr))
		return refuse_brackets(inside, (size_t)(end - inside), e);
	if (end[1] != '\0' && end[1] != '/')
		return err_set(
			e, EINVAL,
			"after the bracket stands nothing, a prefix such as '/64', or a port");
	return read_network(&addr, end[1] ? end + 1 : NULL, true, ret, e);
}

static int refuse_name(const char *text, struct err *e)
{
	const char *dot = strrchr(text, '.');
	const char *last = dot ? dot + 1 : text;

	if (text[0] == '.')
		return err_set(e, EINVAL,
			       "a name does not begin with a dot; write '*%s' for all names below "
			       "'%s', and that name for itself",
			       text, text + 1);
	if (strpbrk(text, "[]{}!"))
		return err_set(e, EINVAL,
			       "globs have '*' and '?' but no classes and no alternatives; make "
			       "several rules of it");
	if (*last >= '0' && *last <= '9')
		return err_set(e, EINVAL,
			       "'%s' ends like an address and is none; write four decimal numbers "
			       "such as 127.0.0.1, or IPv6 in brackets",
			       text);
	return err_set(
		e, EINVAL,
		"'%s' is no name of a host (letters, digits, '-' and '_' between dots), no glob "
		"of one, and no address",
		text);
}

/*
 * A name, if the glob can match one: with letters for its wildcards. A star may hold dots, so that its label need
 * not be the last of the name, of which more is asked.
 */
static const char *stand_in(const char *text, size_t len, struct arena *a)
{
	char *copy = arena_printf(a, "%.*s.x", (int)len, text);
	const char *dot = memrchr(text, '.', len);
	const char *star = memrchr(text, '*', len);

	for (size_t i = 0; i < len; i++)
		if (text[i] == '*' || text[i] == '?')
			copy[i] = 'x';
	if (!star || (dot && dot > star))
		copy[len] = '\0';
	return copy;
}

static int read_glob(const char *text, struct arena *a, struct net_host *ret, struct err *e)
{
	size_t len = strlen(text);
	char canon[NET_NAME_SIZE];
	const char *name;
	char *glob;

	if (text[strspn(text, "0123456789.*?")] == '\0' && strpbrk(text, "0123456789"))
		return err_set(
			e, EINVAL,
			"a glob never matches an address; write a network such as 10.0.0.0/8");
	if (len > 1 && text[len - 1] == '.')
		len--;
	name = stand_in(text, len, a);
	if (net_name_canon(name, strlen(name), canon) < 0)
		return refuse_name(text, e);
	glob = arena_strndup(a, canon, len);
	for (size_t i = 0; i < len; i++)
		if (text[i] == '*' || text[i] == '?')
			glob[i] = text[i];
	*ret = (struct net_host){ .kind = NET_HOST_GLOB, .name = glob };
	return 0;
}

static int read_name(const char *text, struct arena *a, struct net_host *ret, struct err *e)
{
	char canon[NET_NAME_SIZE];

	if (strpbrk(text, "*?"))
		return read_glob(text, a, ret, e);
	if (net_name_canon(text, strlen(text), canon) < 0)
		return refuse_name(text, e);
	*ret = (struct net_host){ .kind = NET_HOST_NAME, .name = arena_strdup(a, canon) };
	return 0;
}

int net_host_parse(const char *text, struct arena *a, struct net_host *ret, struct err *e)
{
	const char *slash = strchr(text, '/');
	size_t len = slash ? (size_t)(slash - text) : strlen(text);
	struct net_addr addr;

	if (text[0] == '@')
		return read_preset(text, ret, e);
	if (text[0] == '[')
		return read_brackets(text, ret, e);
	if (net_addr_parse(text, len, &addr) == 0)
		return read_network(&addr, slash, false, ret, e);
	if (slash)
		return err_set(e, EINVAL,
			       "rules have no path, and only addresses have a prefix; write '%.*s'",
			       (int)len, text);
	return read_name(text, a, ret, e);
}

/* --- matching ------------------------------------------------------------------------------ */

/* Goes back to the last star alone, so that no glob makes it slow. */
static bool glob_has(const char *glob, const char *name)
{
	const char *star = NULL;  /* what follows the last star */
	const char *taken = NULL; /* up to where that star reaches */

	while (*name) {
		if (*glob == '*') {
			star = ++glob;
			taken = name;
		} else if (*glob == *name || (*glob == '?' && *name != '.')) {
			glob++;
			name++;
		} else if (star) {
			glob = star;
			name = ++taken;
		} else {
			return false;
		}
	}
	return glob[strspn(glob, "*")] == '\0';
}

bool net_host_has_name(const struct net_host *host, const char *name)
{
	if (host->kind == NET_HOST_GLOB)
		return glob_has(host->name, name);
	return host->kind == NET_HOST_NAME && strcmp(host->name, name) == 0;
}

bool net_host_has_addr(const struct net_host *host, const struct net_addr *addr)
{
	return host->kind == NET_HOST_NETWORK && net_addr_is_in(addr, &host->addr, host->bits);
}
