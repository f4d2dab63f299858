/* SPDX-License-Identifier: Apache-2.0 */
/* Items of the host's keyring: where they are, for the proxy's rules, and what they say of themselves. */
#include <errno.h>
#include <stdio.h>
#include <string.h>

#include "base/auto.h"
#include "bus/broker.h"

#define SERVICE "org.freedesktop.Secret.Service"
#define ITEM "org.freedesktop.Secret.Item"

/* A keyring may have to be started first; what calls waits for that long at most. */
#define FIND_USEC ((uint64_t)3 * 1000 * 1000)

static int append_attributes(sd_bus_message *m, const struct bus_attributes *asked)
{
	int r = sd_bus_message_open_container(m, 'a', "{ss}");

	for (size_t i = 0; r >= 0 && i < asked->names.n; i++)
		r = sd_bus_message_append(m, "{ss}", asked->names.items[i], asked->values.items[i]);
	return r < 0 ? r : sd_bus_message_close_container(m);
}

static int search(sd_bus *bus, const char *text, struct arena *a, sd_bus_error *error,
		  sd_bus_message **ret)
{
	auto_message sd_bus_message *call = NULL;
	struct bus_attributes asked;
	struct err ignored; /* the launcher has looked at it */
	int r = bus_attributes_parse(text, a, &asked, &ignored);

	if (r >= 0)
		r = sd_bus_message_new_method_call(bus, &call, BUS_SECRETS, BUS_SECRETS_PATH,
						   SERVICE, "SearchItems");
	if (r >= 0)
		r = append_attributes(call, &asked);
	return r < 0 ? r : sd_bus_call(bus, call, FIND_USEC, error, ret);
}

/* Prints those that may be read; the number of the others of this list. */
static int take_list(sd_bus_message *reply, bool print, size_t *n_found)
{
	const char *path;
	int n_left = 0;
	int r = sd_bus_message_enter_container(reply, 'a', "o");

	while (r >= 0 && (r = sd_bus_message_read(reply, "o", &path)) > 0) {
		if (!print || !bus_is_item(path) || *n_found >= BUS_ITEMS_MAX) {
			n_left++;
			continue;
		}
		*n_found += 1;
		(void)printf("%s\n", path);
	}
	if (r >= 0)
		r = sd_bus_message_exit_container(reply);
	return r < 0 ? r : n_left;
}

static int find_one(sd_bus *bus, const char *asked, struct arena *a, size_t *n_found)
{
	auto_message sd_bus_message *reply = NULL;
	auto_error sd_bus_error error = SD_BUS_ERROR_NULL;
	size_t before = *n_found;
	int r = search(bus, asked, a, &error, &reply);
	int left;
	int locked;

	if (r < 0) {
		(void)printf("secrets: your keyring cannot be asked, so nothing of it can be read "
			     "inside: %s\n",
			     error.message ? error.message : strerrordesc_np(-r));
		return r;
	}
	left = take_list(reply, true, n_found);
	locked = left < 0 ? left : take_list(reply, false, n_found);
	if (left > 0)
		(void)printf(
			"secrets: '%s' means too many items of your keyring; %d of them cannot "
			"be read inside\n",
			asked, left);
	else if (locked > 0)
		(void)printf(
			"secrets: what '%s' means is in a keyring that is locked; unlock it and "
			"start the sandbox again\n",
			asked);
	else if (locked == 0 && *n_found == before)
		(void)printf("secrets: your keyring has no item with '%s'\n", asked);
	return locked < 0 ? locked : 0;
}

int find_items(const char *address, const struct strv *secrets, struct err *e)
{
	__attribute__((cleanup(sd_bus_flush_close_unrefp))) sd_bus *bus = NULL;
	size_t n_found = 0;
	int r = sd_bus_new(&bus);

	if (r >= 0)
		r = sd_bus_set_address(bus, address);
	if (r >= 0)
		r = sd_bus_set_bus_client(bus, true);
	if (r >= 0)
		r = sd_bus_start(bus);
	if (r < 0)
		return err_set(e, -r, "secrets: your session bus does not answer: %s",
			       strerrordesc_np(-r));
	for (size_t i = 0; r >= 0 && i < secrets->n; i++)
		r = find_one(bus, secrets->items[i], secrets->arena, &n_found);
	return 0;
}

static int read_attributes(sd_bus_message *m, struct bus_attributes *ret, struct arena *a)
{
	const char *name;
	const char *value;
	int r = sd_bus_message_enter_container(m, 'v', "a{ss}");

	if (r >= 0)
		r = sd_bus_message_enter_container(m, 'a', "{ss}");
	while (r >= 0 && (r = sd_bus_message_read(m, "{ss}", &name, &value)) > 0) {
		strv_add(&ret->names, arena_strdup(a, name));
		strv_add(&ret->values, arena_strdup(a, value));
	}
	if (r >= 0)
		r = sd_bus_message_exit_container(m);
	return r < 0 ? r : sd_bus_message_exit_container(m);
}

static int read_property(sd_bus_message *m, struct item *item, bool *locked, struct arena *a)
{
	const char *name;
	const char *label;
	int number;
	int r = sd_bus_message_read(m, "s", &name);

	if (r < 0)
		return r;
	if (strcmp(name, "Attributes") == 0)
		return read_attributes(m, &item->attributes, a);
	if (strcmp(name, "Label") == 0) {
		r = sd_bus_message_read(m, "v", "s", &label);
		if (r >= 0)
			item->label = arena_strdup(a, label);
		return r;
	}
	if (strcmp(name, "Created") == 0)
		return sd_bus_message_read(m, "v", "t", &item->created);
	if (strcmp(name, "Modified") == 0)
		return sd_bus_message_read(m, "v", "t", &item->modified);
	if (strcmp(name, "Locked") != 0)
		return sd_bus_message_skip(m, "v");
	r = sd_bus_message_read(m, "v", "b", &number);
	*locked = number;
	return r;
}

static int load(struct broker *b, struct item *item)
{
	auto_message sd_bus_message *call = NULL;
	auto_message sd_bus_message *reply = NULL;
	auto_error sd_bus_error error = SD_BUS_ERROR_NULL;
	bool locked = false;
	int r = sd_bus_message_new_method_call(b->host, &call, BUS_SECRETS, item->host,
					       "org.freedesktop.DBus.Properties", "GetAll");

	if (r >= 0)
		r = sd_bus_message_append(call, "s", ITEM);
	if (r >= 0)
		r = broker_ask(b, call, &error, &reply);
	if (r >= 0)
		r = sd_bus_message_enter_container(reply, 'a', "{sv}");
	while (r >= 0 && (r = sd_bus_message_enter_container(reply, 'e', "sv")) > 0) {
		r = read_property(reply, item, &locked, &b->arena);
		if (r >= 0)
			r = sd_bus_message_exit_container(reply);
	}
	return locked ? -EACCES : r;
}

/* The finder has asked for these; that they are what was meant is seen again here. */
static bool is_meant(struct broker *b, const struct item *item)
{
	for (size_t i = 0; i < b->secrets.n; i++) {
		struct bus_attributes asked;
		struct err ignored;

		if (bus_attributes_parse(b->secrets.items[i], &b->arena, &asked, &ignored) == 0 &&
		    bus_attributes_match(&asked, &item->attributes))
			return true;
	}
	return false;
}

static bool is_known(const struct broker *b, const char *path)
{
	for (size_t i = 0; i < b->keyring.n; i++)
		if (strcmp(b->keyring.items[i].host, path) == 0)
			return true;
	return false;
}

static void open_session(struct broker *b)
{
	auto_message sd_bus_message *call = NULL;
	auto_message sd_bus_message *reply = NULL;
	auto_error sd_bus_error error = SD_BUS_ERROR_NULL;
	const char *session;
	int r = sd_bus_message_new_method_call(b->host, &call, BUS_SECRETS, BUS_SECRETS_PATH,
					       SERVICE, "OpenSession");

	if (r >= 0)
		r = sd_bus_message_append(call, "sv", "plain", "s", "");
	if (r >= 0)
		r = broker_ask(b, call, &error, &reply);
	if (r >= 0)
		r = sd_bus_message_skip(reply, "v");
	if (r >= 0)
		r = sd_bus_message_read(reply, "o", &session);
	if (r >= 0)
		b->keyring.session = arena_strdup(&b->arena, session);
}

void keyring_load(struct broker *b)
{
	struct keyring *k = &b->keyring;

	if (b->items.n > 0)
		open_session(b);
	for (size_t i = 0; k->session && i < b->items.n; i++) {
		struct item item = { .host = b->items.items[i], .label = "" };

		item.attributes.names = STRV_INIT(&b->arena);
		item.attributes.values = STRV_INIT(&b->arena);
		if (is_known(b, item.host) || load(b, &item) < 0 || !is_meant(b, &item))
			continue;
		k->items = arena_grow(&b->arena, k->items, k->n, sizeof(item));
		k->items[k->n++] = item;
	}
}
