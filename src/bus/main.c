/* SPDX-License-Identifier: Apache-2.0 */
/*
 * What a sandbox reaches of the host's session bus. "bus serve" runs in a cell and has two connections and a
 * channel for sentences, which its supervisor (border/bus.c) gave it; "bus find" runs outside, before any
 * program inside is heard, and only says where the items are that the user named.
 */
#include <errno.h>
#include <getopt.h>
#include <stdio.h>
#include <string.h>
#include <sys/prctl.h>

#include "base/auto.h"
#include "bus/broker.h"
#include "bus/handshake.h"

struct words {
	const char *verb, *name, *address;
	struct strv secrets, items;
	bool open_urls;
};

static int read_words(int argc, char *argv[], struct words *ret)
{
	static const struct option options[] = {
		{ "name", required_argument, NULL, 'n' },
		{ "address", required_argument, NULL, 'a' },
		{ "secret", required_argument, NULL, 's' },
		{ "item", required_argument, NULL, 'i' },
		{ "open-urls", no_argument, NULL, 'u' },
		{ 0 },
	};
	int c;

	while ((c = getopt_long(argc, argv, "", options, NULL)) != -1) {
		if (c == 'n')
			ret->name = optarg;
		else if (c == 'a')
			ret->address = optarg;
		else if (c == 's')
			strv_add(&ret->secrets, optarg);
		else if (c == 'i')
			strv_add(&ret->items, optarg);
		else if (c == 'u')
			ret->open_urls = true;
		else
			return -EINVAL;
	}
	ret->verb = optind == argc - 1 ? argv[optind] : "";
	return 0;
}

/* No descriptors travel: none of what is served has one. */
static int join(struct broker *b, int fd, sd_bus **ret)
{
	int r = sd_bus_new(ret);

	if (r >= 0)
		r = sd_bus_negotiate_fds(*ret, false);
	if (r >= 0)
		r = sd_bus_set_bus_client(*ret, true);
	if (r >= 0)
		r = sd_bus_set_exit_on_disconnect(*ret, true);
	if (r >= 0 && fd == BUS_HOST_FD)
		r = handshake_start(*ret, fd);
	else if (r >= 0)
		r = sd_bus_set_fd(*ret, fd, fd);
	if (r >= 0 && fd != BUS_HOST_FD)
		r = sd_bus_start(*ret);
	return r < 0 ? r : sd_bus_attach_event(*ret, b->event, 0);
}

/*
 * systemd's name: so that who calls it, and whatever waits for it to start a program, is answered that it is not
 * to be had here.
 */
static int take_names(struct broker *b)
{
	const struct {
		const char *name;
		bool wanted;
	} names[] = { { BUS_NOTIFICATIONS, true },
		      { BUS_SECRETS, b->secrets.n > 0 },
		      { BUS_PORTAL, b->open_urls },
		      { "org.freedesktop.systemd1", true } };
	int r = 0;

	for (size_t i = 0; r >= 0 && i < N_ELEMENTS(names); i++) {
		if (!names[i].wanted)
			continue;
		r = sd_bus_request_name(b->inside, names[i].name, 0);
		if (r != -EEXIST)
			continue;
		broker_say(b, "bus: a program inside has taken the name %s, which stays with it",
			   names[i].name);
		r = 0;
	}
	return r;
}

static int add_all(struct broker *b)
{
	int r = broker_add_filter(b);

	if (r >= 0)
		r = broker_add_notifications(b);
	if (r >= 0 && b->secrets.n > 0)
		r = broker_add_keyring(b);
	if (r >= 0 && b->open_urls)
		r = broker_add_portal(b);
	return r;
}

static int serve(struct broker *b, struct err *e)
{
	int r = sd_event_new(&b->event);

	if (r >= 0)
		r = join(b, BUS_HOST_FD, &b->host);
	if (r < 0)
		return err_set(e, -r, "your session bus does not answer: %s", strerrordesc_np(-r));
	keyring_load(b);
	r = join(b, BUS_PRIVATE_FD, &b->inside);
	if (r >= 0)
		r = add_all(b);
	if (r >= 0)
		r = take_names(b);
	if (r >= 0)
		r = sd_event_loop(b->event);
	return r < 0 ? err_set(e, -r, "cannot serve: %s", strerrordesc_np(-r)) : 0;
}

int main(int argc, char *argv[])
{
	static struct broker broker;
	struct broker *b = &broker;
	struct words words = { .verb = "" };
	struct err e = { 0 };
	int r;

	(void)prctl(PR_SET_NAME, "csb-bus");
	words.secrets = STRV_INIT(&b->arena);
	words.items = STRV_INIT(&b->arena);
	r = read_words(argc, argv, &words);
	b->name = words.name;
	b->open_urls = words.open_urls;
	b->secrets = words.secrets;
	b->items = words.items;
	if (r == 0 && strcmp(words.verb, "serve") == 0 && words.name)
		r = serve(b, &e);
	else if (r == 0 && strcmp(words.verb, "find") == 0 && words.address)
		r = find_items(words.address, &words.secrets, &e);
	else
		r = err_set(&e, EINVAL, "this program is started by claude-sandbox");
	if (r < 0)
		(void)fprintf(stderr, "%s\n", e.msg);
	return r < 0;
}
