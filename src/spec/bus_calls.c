/* SPDX-License-Identifier: Apache-2.0 */
/* All that passes from a sandbox to the host's session bus, and how xdg-dbus-proxy is told. */
#include <string.h>

#include "spec/bus.h"

#define NOTIFICATIONS_PATH "/org/freedesktop/Notifications"
#define PATH_MAX_LEN 255

static bool want_secrets(const struct config *c)
{
	return c->secrets.n > 0;
}

static bool want_urls(const struct config *c)
{
	return c->open_urls;
}

#define NOTIFY(what, text)                                                                  \
	{                                                                                   \
		.name = BUS_NOTIFICATIONS, .member = "org.freedesktop.Notifications." what, \
		.path = NOTIFICATIONS_PATH, .why = text                                     \
	}
#define HEAR(what, text)                                                                     \
	{                                                                                    \
		.name = BUS_NOTIFICATIONS, .is_signal = true,                                \
		.member = "org.freedesktop.Notifications." what, .path = NOTIFICATIONS_PATH, \
		.why = text                                                                  \
	}
#define SECRET(what, where, text)                                                           \
	{                                                                                   \
		.name = BUS_SECRETS, .member = what, .path = where, .wanted = want_secrets, \
		.why = text                                                                 \
	}

/*
 * Never here: org.freedesktop.systemd1, which runs what it is told; a portal that starts or saves something
 * (Flatpak, Background, FileChooser); Unlock and SearchItems of a keyring, which reach every item.
 */
/* clang-format off */
const struct bus_call bus_calls[] = {
	NOTIFY("Notify", "shows a text in the sandbox's name"),
	NOTIFY("CloseNotification", "takes one of its own away"),
	NOTIFY("GetCapabilities", "whether texts are taken for markup"),
	HEAR("ActionInvoked", "that you clicked on one of its own"),
	HEAR("NotificationClosed", "that one of its own is gone"),
	SECRET("org.freedesktop.Secret.Service.OpenSession", BUS_SECRETS_PATH, "says how secrets are handed over"),
	SECRET("org.freedesktop.Secret.Item.GetSecret", NULL, "reads an item that 'secrets' names"),
	SECRET("org.freedesktop.DBus.Properties.GetAll", NULL, "its label and attributes"),
	{ .name = BUS_PORTAL, .member = "org.freedesktop.portal.OpenURI.OpenURI", .path = BUS_PORTAL_PATH,
	  .wanted = want_urls, .why = "opens a web page after you said so" },
	{ .name = NULL },
};
/* clang-format on */

bool bus_is_item(const char *path)
{
	static const char plain[] =
		"abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789_/";
	size_t len = strlen(path);

	return strncmp(path, BUS_SECRETS_PATH "/", strlen(BUS_SECRETS_PATH "/")) == 0 &&
	       len <= PATH_MAX_LEN && strspn(path, plain) == len && path[len - 1] != '/' &&
	       !strstr(path, "//");
}

static void add_rule(const struct bus_call *call, const char *path, struct strv *ret)
{
	strv_add(ret,
		 arena_printf(ret->arena, "--%s=%s=%s@%s", call->is_signal ? "broadcast" : "call",
			      call->name, call->member, path));
}

void bus_rules(const struct config *c, const struct strv *items, struct strv *ret)
{
	for (const struct bus_call *call = bus_calls; call->name; call++) {
		if (call->wanted && !call->wanted(c))
			continue;
		if (call->path)
			add_rule(call, call->path, ret);
		for (size_t i = 0; !call->path && i < items->n; i++)
			add_rule(call, items->items[i], ret);
	}
}

void bus_markdown(struct buf *b)
{
	buf_puts(b, "| call or signal | at | only with | why |\n|---|---|---|---|\n");
	for (const struct bus_call *call = bus_calls; call->name; call++)
		buf_addf(b, "| `%s` | `%s` | %s | %s |\n", call->member,
			 call->path ? call->path : "each such item",
			 call->wanted == want_secrets ? "`secrets`"
			 : call->wanted == want_urls  ? "`open_urls`"
						      : "",
			 call->why);
}
