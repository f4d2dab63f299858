/* SPDX-License-Identifier: Apache-2.0 */
#include "spec/net_policy.h"

#include <errno.h>
#include <inttypes.h>
#include <string.h>

#include "base/auto.h"
#include "base/parse.h"

static const char *const kind_words[] = {
	[NET_LISTEN_DNS] = "dns",           [NET_LISTEN_DNS_TCP] = "dns-tcp",
	[NET_LISTEN_REDIRECT] = "redirect", [NET_LISTEN_HTTP] = "http",
	[NET_LISTEN_SOCKS] = "socks",       [NET_LISTEN_LOCAL] = "local",
};

/* Numbers, by their words. */
static const struct {
	const char *word;
	size_t offset;
} numbers[] = {
	{ "upload", offsetof(struct spec_net, budget_mib) },
	{ "upload-host", offsetof(struct spec_net, budget_host_mib) },
};

static void pack_listen(const struct net_listen *l, struct buf *b)
{
	char addr[NET_ADDR_SIZE];

	net_addr_print(&l->addr, addr);
	buf_addf(b, "listen %s %s %u %s\n", kind_words[l->kind], addr, l->port,
		 l->target ? l->target : "-");
}

void net_policy_pack(const struct spec_net *net, const char *project, struct buf *b)
{
	buf_puts(b, "project ");
	buf_visible(b, project);
	buf_puts(b, "\n");
	for (size_t i = 0; i < net->agent_hosts.n; i++)
		buf_addf(b, "agent %s\n", net->agent_hosts.items[i]);
	for (unsigned list = 0; list < N_NET_LISTS; list++)
		for (size_t i = 0; i < net->lists[list].n; i++)
			buf_addf(b, "%s %s\n", net_list_words[list], net->lists[list].items[i]);
	for (size_t i = 0; i < N_ELEMENTS(numbers); i++)
		buf_addf(b, "%s %" PRIu64 "\n", numbers[i].word,
			 *(const uint64_t *)((const char *)net + numbers[i].offset));
	if (net->asks)
		buf_addf(b, "ask %u\n", net->ask_s);
	if (net->upstream)
		buf_addf(b, "upstream %s\n", net->upstream);
	for (size_t i = 0; i < net->direct.n; i++)
		buf_addf(b, "direct %s\n", net->direct.items[i]);
	buf_addf(b, "dir %s\n", net->dir);
	for (size_t i = 0; i < net->n_listens; i++)
		pack_listen(&net->listens[i], b);
}

static int parse_listen(char *value, struct arena *a, struct spec_net *ret)
{
	struct net_listen l = { 0 };
	char *rest = NULL;
	const char *kind = strtok_r(value, " ", &rest);
	const char *addr = strtok_r(NULL, " ", &rest);
	const char *port = strtok_r(NULL, " ", &rest);
	const char *target = strtok_r(NULL, "", &rest);
	size_t i = 0;
	uint64_t number;
	struct err ignored;

	if (!kind || !addr || !port || !target || ret->n_listens == NET_LISTENS_MAX)
		return -EBADMSG;
	while (i < N_ELEMENTS(kind_words) && strcmp(kind_words[i], kind) != 0)
		i++;
	if (i == N_ELEMENTS(kind_words) || net_addr_parse(addr, strlen(addr), &l.addr) < 0 ||
	    parse_uint(port, 1, 65535, &number, &ignored) < 0)
		return -EBADMSG;
	l.kind = (enum net_listen_kind)i;
	l.port = (uint16_t)number;
	l.target = strcmp(target, "-") == 0 ? NULL : target;
	ret->listens = arena_grow(a, ret->listens, ret->n_listens, sizeof(l));
	ret->listens[ret->n_listens++] = l;
	return 0;
}

static int parse_number(const char *word, const char *value, struct spec_net *ret)
{
	uint64_t number;
	struct err ignored;

	if (parse_uint(value, 0, UINT64_MAX, &number, &ignored) < 0)
		return -EBADMSG;
	if (strcmp(word, "ask") == 0 && number <= UINT32_MAX) {
		ret->asks = true;
		ret->ask_s = (unsigned)number;
		return 0;
	}
	for (size_t i = 0; i < N_ELEMENTS(numbers); i++)
		if (strcmp(word, numbers[i].word) == 0) {
			*(uint64_t *)((char *)ret + numbers[i].offset) = number;
			return 0;
		}
	return -EBADMSG;
}

static int parse_line(const char *word, char *value, struct arena *a, struct spec_net *ret,
		      const char **ret_project)
{
	for (unsigned list = 0; list < N_NET_LISTS; list++)
		if (strcmp(word, net_list_words[list]) == 0) {
			strv_add(&ret->lists[list], value);
			return 0;
		}
	if (strcmp(word, "agent") == 0)
		strv_add(&ret->agent_hosts, value);
	else if (strcmp(word, "direct") == 0)
		strv_add(&ret->direct, value);
	else if (strcmp(word, "project") == 0)
		*ret_project = value;
	else if (strcmp(word, "dir") == 0)
		ret->dir = value;
	else if (strcmp(word, "upstream") == 0)
		ret->upstream = value;
	else if (strcmp(word, "listen") == 0)
		return parse_listen(value, a, ret);
	else
		return parse_number(word, value, ret);
	return 0;
}

/* Presets are words of the lists: what they stand for is not said twice. */
static int read_rules(struct spec_net *net, struct arena *a, struct err *e)
{
	int r = 0;

	for (unsigned list = 0; list < N_NET_LISTS; list++)
		for (size_t i = 0; r == 0 && i < net->lists[list].n; i++)
			r = net_rules_add(&net->rules, (enum net_list)list,
					  net->lists[list].items[i], &net->agent_hosts, a, e);
	return r;
}

int net_policy_parse(const char *text, size_t len, struct arena *a, struct spec_net *ret,
		     const char **ret_project, struct err *e)
{
	char *copy = arena_strndup(a, text, len);
	char *rest = NULL;

	*ret = (struct spec_net){ .agent_hosts = STRV_INIT(a), .direct = STRV_INIT(a), .dir = "" };
	*ret_project = "";
	for (unsigned list = 0; list < N_NET_LISTS; list++)
		ret->lists[list] = STRV_INIT(a);
	for (char *line = strtok_r(copy, "\n", &rest); line; line = strtok_r(NULL, "\n", &rest)) {
		char *value = strchr(line, ' ');

		if (!value)
			return err_set(e, EBADMSG, "the network's policy has a line of one word");
		*value++ = '\0';
		if (parse_line(line, value, a, ret, ret_project) < 0)
			return err_set(e, EBADMSG, "the network's policy has an odd line '%s'",
				       line);
	}
	return read_rules(ret, a, e);
}
