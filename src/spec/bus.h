/* SPDX-License-Identifier: Apache-2.0 */
/*
 * The session bus of a sandbox: a dbus-daemon of its own, on which programs inside talk to each other. Of the
 * host's bus they reach what our program bus (src/bus) asks there for them, and that what stands in
 * bus_calls: xdg-dbus-proxy between the two lets nothing else pass. All three run outside, each in a cell.
 */
#pragma once

#include <stdbool.h>
#include <stddef.h>

#include "base/arena.h"
#include "base/buf.h"
#include "base/err.h"
#include "base/strv.h"
#include "spec/config.h"

struct facts;
struct spec;

/* Names that the program bus has on the private bus. */
#define BUS_NOTIFICATIONS "org.freedesktop.Notifications"
#define BUS_SECRETS "org.freedesktop.secrets"
#define BUS_PORTAL "org.freedesktop.portal.Desktop"
#define BUS_SECRETS_PATH "/org/freedesktop/secrets"
#define BUS_PORTAL_PATH "/org/freedesktop/portal/desktop"

/* What the three are born with, besides what every cell is (plan/cell.h). */
#define BUS_READY_FD 20   /* dbus-daemon, proxy: written when they serve */
#define BUS_INFO_FD 21    /* the same two: which process that is */
#define BUS_PRIVATE_FD 20 /* bus: a connection to the private bus */
#define BUS_HOST_FD 21    /* one to the proxy */
#define BUS_SAY_FD 22     /* sentences for the user, one a packet */
#define BUS_TEXT_FD 30    /* the first of the files in a cell */

/* Where they listen in their cells, for what is connected from outside. */
#define BUS_PRIVATE_SOCKET "/tmp/bus"
#define BUS_PROXY_SOCKET "/tmp/proxy"

#define BUS_SENTENCE_MAX 512
#define BUS_ITEMS_MAX 64

/* A call of the host's bus that the program bus may make, or a signal that it hears. */
struct bus_call {
	const char *name;
	bool is_signal;
	const char *member; /* with its interface */
	const char *path;   /* NULL: that of each item that may be read */
	bool (*wanted)(const struct config *c);
	const char *why;
};

extern const struct bus_call bus_calls[]; /* ends with a NULL name */

struct spec_bus {
	const char *socket;  /* inside; NULL: it has no bus */
	const char *daemon;  /* programs */
	const char *proxy;   /* NULL: there is no bus of the host's */
	const char *broker;  /* the same */
	const char *host;    /* the host's socket; NULL: it is an abstract one */
	const char *address; /* where the host's bus is, as D-Bus writes it */
};

/* Attributes of an item of a keyring: NAME=VALUE[,NAME=VALUE]. */
struct bus_attributes {
	struct strv names, values;
};

/* -EINVAL if @text is no such list. */
int bus_attributes_parse(const char *text, struct arena *a, struct bus_attributes *ret,
			 struct err *e);

/* Whether an item with the attributes @item has all that are @asked for. */
bool bus_attributes_match(const struct bus_attributes *asked, const struct bus_attributes *item);

/* A path on D-Bus below that of the keyring: what may stand in a rule. */
bool bus_is_item(const char *path);

/* Options of xdg-dbus-proxy: all that passes to the host's bus. @items: paths that bus_is_item() takes. */
void bus_rules(const struct config *c, const struct strv *items, struct strv *ret);

/* bus_calls as a table. */
void bus_markdown(struct buf *b);

/*
 * The first socket in a D-Bus address: *ret_path of one in the file system, NULL of an abstract one; *ret_address
 * is that part of the text alone. False: it leads to no socket.
 */
bool bus_address(const char *text, struct arena *a, const char **ret_path,
		 const char **ret_address);

/* Where the host's bus may be, for the probe. */
void bus_paths(const struct config *c, const struct facts *f, struct arena *a, struct strv *ret);

/* -ENOENT: a program is missing that the user asked for; -EINVAL: 'secrets' makes no sense. */
int spec_add_bus(const struct config_result *config, const struct facts *f, struct arena *a,
		 struct spec *s, struct err *e);
