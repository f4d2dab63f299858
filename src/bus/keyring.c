/* SPDX-License-Identifier: Apache-2.0 */
/*
 * org.freedesktop.secrets for reading: one collection, unlocked, with the items that are shared and no others. Secrets
 * are handed over plain, since both ends are this machine's; clients ask for more first and take this then.
 */
#include <stdio.h>
#include <string.h>

#include "base/auto.h"
#include "bus/broker.h"

#define SERVICE "org.freedesktop.Secret.Service"
#define COLLECTION "org.freedesktop.Secret.Collection"
#define ITEM "org.freedesktop.Secret.Item"
#define COLLECTION_PATH BUS_SECRETS_PATH "/collection/login"
#define ALIAS_PATH BUS_SECRETS_PATH "/aliases/default"
#define SESSION_PATH BUS_SECRETS_PATH "/session/plain"
#define READ_ONLY "items of your keyring can only be read inside, those that --secret names"

static const char *path_of(size_t i, char ret[static 64])
{
	(void)snprintf(ret, 64, COLLECTION_PATH "/%zu", i + 1);
	return ret;
}

/* NULL: no such item is shared. */
static struct item *find(struct broker *b, const char *path)
{
	char own[64];

	for (size_t i = 0; i < b->keyring.n; i++)
		if (strcmp(path_of(i, own), path) == 0)
			return &b->keyring.items[i];
	return NULL;
}

static int refuse(sd_bus_message *m, void *userdata, sd_bus_error *ret_error)
{
	return broker_refuse(userdata, ret_error, sd_bus_message_get_member(m), READ_ONLY);
}

/* NOLINTNEXTLINE(readability-function-size): seven parameters, which sd-bus has chosen */
static int refuse_set(sd_bus *bus, const char *path, const char *interface, const char *property,
		      sd_bus_message *value, void *userdata, sd_bus_error *ret_error)
{
	(void)bus, (void)path, (void)interface, (void)value;
	return broker_refuse(userdata, ret_error, property, READ_ONLY);
}

static int open_session(sd_bus_message *m, void *userdata, sd_bus_error *ret_error)
{
	const char *algorithm;
	int r = sd_bus_message_read(m, "s", &algorithm);

	(void)userdata;
	if (r < 0)
		return r;
	/* This very name makes libsecret and others ask for plain ones. */
	if (strcmp(algorithm, "plain") != 0)
		return sd_bus_error_set_const(ret_error, SD_BUS_ERROR_NOT_SUPPORTED,
					      "secrets are handed over plain here");
	return sd_bus_reply_method_return(m, "vo", "s", "", SESSION_PATH);
}

static int close_session(sd_bus_message *m, void *userdata, sd_bus_error *ret_error)
{
	(void)userdata, (void)ret_error;
	return sd_bus_reply_method_return(m, NULL);
}

static int read_asked(sd_bus_message *m, struct bus_attributes *ret, struct arena *a)
{
	const char *name;
	const char *value;
	int r = sd_bus_message_enter_container(m, 'a', "{ss}");

	*ret = (struct bus_attributes){ STRV_INIT(a), STRV_INIT(a) };
	while (r >= 0 && (r = sd_bus_message_read(m, "{ss}", &name, &value)) > 0) {
		strv_add(&ret->names, name);
		strv_add(&ret->values, value);
	}
	return r < 0 ? r : sd_bus_message_exit_container(m);
}

/* The paths of all items that have what is asked for (NULL: of all). */
static int append_items(const struct broker *b, const struct bus_attributes *asked,
			sd_bus_message *reply)
{
	char path[64];
	int r = sd_bus_message_open_container(reply, 'a', "o");

	for (size_t i = 0; r >= 0 && i < b->keyring.n; i++)
		if (!asked || bus_attributes_match(asked, &b->keyring.items[i].attributes))
			r = sd_bus_message_append(reply, "o", path_of(i, path));
	return r < 0 ? r : sd_bus_message_close_container(reply);
}

static int search(sd_bus_message *m, struct broker *b, bool of_service)
{
	auto_arena struct arena a = ARENA_INIT;
	auto_message sd_bus_message *reply = NULL;
	struct bus_attributes asked;
	int r = read_asked(m, &asked, &a);

	if (r >= 0)
		r = sd_bus_message_new_method_return(m, &reply);
	if (r >= 0)
		r = append_items(b, &asked, reply);
	if (r >= 0 && of_service)
		r = sd_bus_message_append(reply, "ao", 0); /* none is locked */
	return r < 0 ? r : sd_bus_send(NULL, reply, NULL);
}

static int search_service(sd_bus_message *m, void *userdata, sd_bus_error *ret_error)
{
	(void)ret_error;
	return search(m, userdata, true);
}

static int search_collection(sd_bus_message *m, void *userdata, sd_bus_error *ret_error)
{
	(void)ret_error;
	return search(m, userdata, false);
}

/* All of it is unlocked already, so nobody has to be asked. */
static int unlock(sd_bus_message *m, void *userdata, sd_bus_error *ret_error)
{
	auto_message sd_bus_message *reply = NULL;
	const char *path;
	int r = sd_bus_message_enter_container(m, 'a', "o");

	(void)ret_error;
	if (r >= 0)
		r = sd_bus_message_new_method_return(m, &reply);
	if (r >= 0)
		r = sd_bus_message_open_container(reply, 'a', "o");
	while (r >= 0 && (r = sd_bus_message_read(m, "o", &path)) > 0)
		if (find(userdata, path) || strcmp(path, COLLECTION_PATH) == 0 ||
		    strcmp(path, ALIAS_PATH) == 0)
			r = sd_bus_message_append(reply, "o", path);
	if (r >= 0)
		r = sd_bus_message_close_container(reply);
	if (r >= 0)
		r = sd_bus_message_append(reply, "o", "/");
	return r < 0 ? r : sd_bus_send(NULL, reply, NULL);
}

/* (session, parameters, value, type) as the host gives it, with the session that there is inside. */
static int append_secret(struct broker *b, const struct item *item, sd_bus_message *reply,
			 sd_bus_error *ret_error)
{
	auto_message sd_bus_message *call = NULL;
	auto_message sd_bus_message *secret = NULL;
	const void *value;
	const char *type;
	size_t size;
	int r = sd_bus_message_new_method_call(b->host, &call, BUS_SECRETS, item->host, ITEM,
					       "GetSecret");

	if (r >= 0)
		r = sd_bus_message_append(call, "o", b->keyring.session);
	if (r >= 0)
		r = broker_ask(b, call, ret_error, &secret);
	if (r >= 0)
		r = sd_bus_message_enter_container(secret, 'r', "oayays");
	if (r >= 0)
		r = sd_bus_message_skip(secret, "oay");
	if (r >= 0)
		r = sd_bus_message_read_array(secret, 'y', &value, &size);
	if (r >= 0)
		r = sd_bus_message_read(secret, "s", &type);
	if (r >= 0)
		r = sd_bus_message_open_container(reply, 'r', "oayays");
	if (r >= 0)
		r = sd_bus_message_append(reply, "oay", SESSION_PATH, 0);
	if (r >= 0)
		r = sd_bus_message_append_array(reply, 'y', value, size);
	if (r >= 0)
		r = sd_bus_message_append(reply, "s", type);
	return r < 0 ? r : sd_bus_message_close_container(reply);
}

static int check_session(const char *session, sd_bus_error *ret_error)
{
	if (strcmp(session, SESSION_PATH) == 0)
		return 0;
	return sd_bus_error_set_const(ret_error, "org.freedesktop.Secret.Error.NoSession",
				      "there is no such session; open one first");
}

static int get_secret(sd_bus_message *m, void *userdata, sd_bus_error *ret_error)
{
	auto_message sd_bus_message *reply = NULL;
	struct broker *b = userdata;
	const struct item *item = find(b, sd_bus_message_get_path(m));
	const char *session;
	int r = sd_bus_message_read(m, "o", &session);

	if (r >= 0)
		r = check_session(session, ret_error);
	if (r >= 0)
		r = sd_bus_message_new_method_return(m, &reply);
	if (r >= 0)
		r = append_secret(b, item, reply, ret_error);
	return r < 0 ? r : sd_bus_send(NULL, reply, NULL);
}

static int append_entry(struct broker *b, const char *path, sd_bus_message *reply,
			sd_bus_error *ret_error)
{
	const struct item *item = find(b, path);
	int r;

	if (!item)
		return 0; /* as a keyring does it */
	r = sd_bus_message_open_container(reply, 'e', "o(oayays)");
	if (r >= 0)
		r = sd_bus_message_append(reply, "o", path);
	if (r >= 0)
		r = append_secret(b, item, reply, ret_error);
	return r < 0 ? r : sd_bus_message_close_container(reply);
}

static int get_secrets(sd_bus_message *m, void *userdata, sd_bus_error *ret_error)
{
	auto_message sd_bus_message *reply = NULL;
	auto_arena struct arena a = ARENA_INIT;
	struct strv paths = STRV_INIT(&a);
	const char *path;
	const char *session;
	int r = sd_bus_message_enter_container(m, 'a', "o");

	while (r >= 0 && (r = sd_bus_message_read(m, "o", &path)) > 0)
		if (paths.n < BUS_ITEMS_MAX && !strv_has(&paths, path))
			strv_add(&paths, path);
	if (r >= 0)
		r = sd_bus_message_exit_container(m);
	if (r >= 0)
		r = sd_bus_message_read(m, "o", &session);
	if (r >= 0)
		r = check_session(session, ret_error);
	if (r >= 0)
		r = sd_bus_message_new_method_return(m, &reply);
	if (r >= 0)
		r = sd_bus_message_open_container(reply, 'a', "{o(oayays)}");
	for (size_t i = 0; r >= 0 && i < paths.n; i++)
		r = append_entry(userdata, paths.items[i], reply, ret_error);
	if (r >= 0)
		r = sd_bus_message_close_container(reply);
	return r < 0 ? r : sd_bus_send(NULL, reply, NULL);
}

static int read_alias(sd_bus_message *m, void *userdata, sd_bus_error *ret_error)
{
	const char *alias;
	int r = sd_bus_message_read(m, "s", &alias);

	(void)userdata, (void)ret_error;
	if (r < 0)
		return r;
	return sd_bus_reply_method_return(m, "o",
					  strcmp(alias, "default") == 0 ? COLLECTION_PATH : "/");
}

/* Every property of the three interfaces. */
/* NOLINTNEXTLINE(readability-function-size): seven parameters, which sd-bus has chosen */
static int property(sd_bus *bus, const char *path, const char *interface, const char *name,
		    sd_bus_message *reply, void *userdata, sd_bus_error *ret_error)
{
	struct broker *b = userdata;
	const struct item *item = find(b, path);
	int r;

	(void)bus, (void)interface, (void)ret_error;
	if (strcmp(name, "Collections") == 0)
		return sd_bus_message_append(reply, "ao", 1, COLLECTION_PATH);
	if (strcmp(name, "Items") == 0)
		return append_items(b, NULL, reply);
	if (strcmp(name, "Locked") == 0)
		return sd_bus_message_append(reply, "b", 0);
	if (strcmp(name, "Label") == 0)
		return sd_bus_message_append(reply, "s", item ? item->label : "claude-sandbox");
	if (strcmp(name, "Created") == 0)
		return sd_bus_message_append(reply, "t", item ? item->created : UINT64_C(0));
	if (strcmp(name, "Modified") == 0)
		return sd_bus_message_append(reply, "t", item ? item->modified : UINT64_C(0));
	r = sd_bus_message_open_container(reply, 'a', "{ss}"); /* Attributes */
	for (size_t i = 0; r >= 0 && item && i < item->attributes.names.n; i++)
		r = sd_bus_message_append(reply, "{ss}", item->attributes.names.items[i],
					  item->attributes.values.items[i]);
	return r < 0 ? r : sd_bus_message_close_container(reply);
}

#define METHOD(name, in, out, call) SD_BUS_METHOD(name, in, out, call, SD_BUS_VTABLE_UNPRIVILEGED)
#define READ(name, type) SD_BUS_PROPERTY(name, type, property, 0, 0)
#define READ_NOT_SET(name, type) \
	SD_BUS_WRITABLE_PROPERTY(name, type, property, refuse_set, 0, SD_BUS_VTABLE_UNPRIVILEGED)

static const sd_bus_vtable service_vtable[] = {
	SD_BUS_VTABLE_START(0),
	METHOD("OpenSession", "sv", "vo", open_session),
	METHOD("SearchItems", "a{ss}", "aoao", search_service),
	METHOD("Unlock", "ao", "aoo", unlock),
	METHOD("GetSecrets", "aoo", "a{o(oayays)}", get_secrets),
	METHOD("ReadAlias", "s", "o", read_alias),
	METHOD("CreateCollection", "a{sv}s", "oo", refuse),
	METHOD("Lock", "ao", "aoo", refuse),
	METHOD("SetAlias", "so", "", refuse),
	READ("Collections", "ao"),
	SD_BUS_VTABLE_END,
};

static const sd_bus_vtable collection_vtable[] = {
	SD_BUS_VTABLE_START(0),
	METHOD("SearchItems", "a{ss}", "ao", search_collection),
	METHOD("CreateItem", "a{sv}(oayays)b", "oo", refuse),
	METHOD("Delete", "", "o", refuse),
	READ("Items", "ao"),
	READ("Locked", "b"),
	READ("Created", "t"),
	READ("Modified", "t"),
	READ_NOT_SET("Label", "s"),
	SD_BUS_VTABLE_END,
};

static const sd_bus_vtable item_vtable[] = {
	SD_BUS_VTABLE_START(0),
	METHOD("GetSecret", "o", "(oayays)", get_secret),
	METHOD("SetSecret", "(oayays)", "", refuse),
	METHOD("Delete", "", "o", refuse),
	READ("Locked", "b"),
	READ("Created", "t"),
	READ("Modified", "t"),
	READ_NOT_SET("Label", "s"),
	READ_NOT_SET("Attributes", "a{ss}"),
	SD_BUS_VTABLE_END,
};

static const sd_bus_vtable session_vtable[] = {
	SD_BUS_VTABLE_START(0),
	METHOD("Close", "", "", close_session),
	SD_BUS_VTABLE_END,
};

int broker_add_keyring(struct broker *b)
{
	const struct {
		const char *path, *interface;
		const sd_bus_vtable *vtable;
	} objects[] = { { BUS_SECRETS_PATH, SERVICE, service_vtable },
			{ COLLECTION_PATH, COLLECTION, collection_vtable },
			{ ALIAS_PATH, COLLECTION, collection_vtable },
			{ SESSION_PATH, "org.freedesktop.Secret.Session", session_vtable } };
	char path[64];
	int r = 0;

	for (size_t i = 0; r >= 0 && i < N_ELEMENTS(objects); i++)
		r = sd_bus_add_object_vtable(b->inside, NULL, objects[i].path, objects[i].interface,
					     objects[i].vtable, b);
	for (size_t i = 0; r >= 0 && i < b->keyring.n; i++)
		r = sd_bus_add_object_vtable(b->inside, NULL, path_of(i, path), ITEM, item_vtable,
					     b);
	return r;
}
