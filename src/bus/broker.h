/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Stands between two buses: the sandbox's own, from which nothing is believed, and through xdg-dbus-proxy
 * the host's. One thread; of the host one thing is asked at a time, with a deadline.
 */
#pragma once

#include <stdbool.h>
#include <stdint.h>
#include <systemd/sd-bus.h>
#include <systemd/sd-event.h>

#include "base/arena.h"
#include "base/err.h"
#include "base/strv.h"
#include "bus/quota.h"
#include "spec/bus.h"

#define auto_message __attribute__((cleanup(sd_bus_message_unrefp)))
#define auto_error __attribute__((cleanup(sd_bus_error_free)))

#define NOTIFICATIONS_PATH "/org/freedesktop/Notifications"
#define NOTES_MAX 64
#define SAID_MAX 16 /* a sandbox can ask for as many different things as it likes */

/* A notification of the sandbox's that is shown: its number on each side. */
struct note {
	uint32_t inside, host;
};

struct notes {
	struct note items[NOTES_MAX]; /* the oldest gives way */
	size_t next;
	uint32_t last; /* number given inside */
	bool is_known; /* what the host's service can do */
	bool has_actions, has_markup, is_persistent;
	struct quota quota;
};

struct item {
	const char *host; /* its path there */
	const char *label;
	struct bus_attributes attributes;
	uint64_t created, modified;
};

struct keyring {
	const char *session; /* of the host's; NULL: there is none */
	struct item *items;
	size_t n;
};

/* A page that is to be opened, of which the user is being asked. */
struct question {
	char *url; /* NULL: nobody is asked */
	char *handle, *sender;
	uint32_t note;
	sd_event_source *deadline;
	struct quota quota;
};

struct broker {
	struct arena arena;
	sd_event *event;
	sd_bus *inside, *host;
	const char *name; /* of the sandbox */
	bool open_urls;
	struct strv secrets, items;            /* as they were asked for; paths on the host's bus */
	char said[SAID_MAX][BUS_SENTENCE_MAX]; /* what the user was told: each once */
	size_t n_said;
	struct notes notes;
	struct keyring keyring;
	struct question question;
};

/* A sentence for the user, cut to BUS_SENTENCE_MAX; of what a sandbox can cause only so many are told. */
void broker_say(struct broker *b, const char *fmt, ...) __attribute__((format(printf, 2, 3)));

/* Told to both sides: @what is a call, or what was asked for. Returns what a method is left with. */
int broker_refuse(struct broker *b, sd_bus_error *ret, const char *what, const char *why);

/* Asks the host; an answer that is an error is told to the user, and inside only that there is one. */
int broker_ask(struct broker *b, sd_bus_message *call, sd_bus_error *ret_error,
	       sd_bus_message **ret);

/* 0, or a negated errno; each adds what it serves to the private bus. */
int broker_add_filter(struct broker *b);
int broker_add_notifications(struct broker *b);
int broker_add_keyring(struct broker *b);
int broker_add_portal(struct broker *b);

/* Whether the host's service shows buttons, asked once. */
bool notes_have_actions(struct broker *b);

/* Reads the items that are shared from the host's keyring. */
void keyring_load(struct broker *b);

/* Whether the notification @host is the one that asks, and is answered with this (NULL: it is gone). */
bool question_answered(struct broker *b, uint32_t host, const char *action);

/* Paths of items of the host's keyring, one a line. */
int find_items(const char *address, const struct strv *secrets, struct err *e);
