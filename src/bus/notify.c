/* SPDX-License-Identifier: Apache-2.0 */
/* org.freedesktop.Notifications: texts of the sandbox on the user's screen, and whose they are. */
#include <string.h>

#include "base/auto.h"
#include "base/buf.h"
#include "base/clock.h"
#include "bus/broker.h"
#include "bus/text.h"

#define APP_MAX 64
#define SUMMARY_MAX 200
#define BODY_MAX 2000
#define ACTIONS_MAX 4
#define ACTION_MAX 64
#define TIMEOUT_MAX_MS 60000

/* Room for what becomes longer when it is written as markup. */
#define ROOM ((size_t)6 * (BODY_MAX + SUMMARY_MAX))

static int host_call(struct broker *b, const char *member, sd_bus_message **ret)
{
	return sd_bus_message_new_method_call(b->host, ret, BUS_NOTIFICATIONS, NOTIFICATIONS_PATH,
					      BUS_NOTIFICATIONS, member);
}

static void learn(struct broker *b)
{
	const struct {
		const char *name;
		bool *ret;
	} known[] = { { "actions", &b->notes.has_actions },
		      { "body-markup", &b->notes.has_markup },
		      { "persistence", &b->notes.is_persistent } };
	auto_message sd_bus_message *call = NULL;
	auto_message sd_bus_message *reply = NULL;
	auto_error sd_bus_error error = SD_BUS_ERROR_NULL;
	const char *word;

	if (b->notes.is_known || host_call(b, "GetCapabilities", &call) < 0 ||
	    broker_ask(b, call, &error, &reply) < 0 ||
	    sd_bus_message_enter_container(reply, 'a', "s") < 0)
		return;
	b->notes.is_known = true;
	while (sd_bus_message_read(reply, "s", &word) > 0)
		for (size_t i = 0; i < N_ELEMENTS(known); i++)
			*known[i].ret |= strcmp(word, known[i].name) == 0;
}

bool notes_have_actions(struct broker *b)
{
	learn(b);
	return b->notes.has_actions;
}

/* By the number that it has inside, or outside. */
static struct note *find(struct broker *b, uint32_t inside, uint32_t host)
{
	for (size_t i = 0; i < NOTES_MAX; i++) {
		struct note *n = &b->notes.items[i];

		if ((inside && n->inside == inside) || (host && n->host == host))
			return n;
	}
	return NULL;
}

static struct note *remember(struct broker *b)
{
	struct note *n = &b->notes.items[b->notes.next++ % NOTES_MAX];

	if (++b->notes.last == 0) /* is no number */
		b->notes.last = 1;
	*n = (struct note){ .inside = b->notes.last };
	return n;
}

/* Who speaks stands in both: some screens show the name of the program, and some do not. */
static int put_texts(const struct broker *b, sd_bus_message *call, uint32_t replaces,
		     const char *app, const char *summary, const char *body)
{
	auto_buf struct buf from = BUF_INIT(ROOM);
	auto_buf struct buf title = BUF_INIT(ROOM);
	auto_buf struct buf text = BUF_INIT(ROOM);

	buf_puts(&from, "[claude-sandbox] ");
	text_line(b->name, APP_MAX, &from);
	buf_puts(&from, ": ");
	text_line(app, APP_MAX, &from);
	buf_puts(&title, "[");
	text_line(b->name, APP_MAX, &title);
	buf_puts(&title, "] ");
	text_line(summary, SUMMARY_MAX, &title);
	text_body(body, BODY_MAX, b->notes.has_markup, &text);
	return sd_bus_message_append(call, "susss", buf_text(&from), replaces, "", buf_text(&title),
				     buf_text(&text));
}

static int copy_actions(const struct broker *b, sd_bus_message *m, sd_bus_message *call)
{
	const char *key;
	const char *label;
	int r = sd_bus_message_enter_container(m, 'a', "s");

	if (r >= 0)
		r = sd_bus_message_open_container(call, 'a', "s");
	for (unsigned n = 0; r >= 0; n++) {
		auto_buf struct buf clean = BUF_INIT(ROOM);

		r = sd_bus_message_read(m, "s", &key);
		if (r > 0)
			r = sd_bus_message_read(m, "s", &label);
		if (r <= 0)
			break;
		if (n >= ACTIONS_MAX || !b->notes.has_actions || strlen(key) > ACTION_MAX)
			continue;
		text_line(label, ACTION_MAX, &clean);
		r = sd_bus_message_append(call, "ss", key, buf_text(&clean));
	}
	if (r >= 0)
		r = sd_bus_message_close_container(call);
	return r < 0 ? r : sd_bus_message_exit_container(m);
}

/* Hints that pass: how urgent it is, what kind, how far. No picture, no sound, no name of another program. */
static int copy_hint(sd_bus_message *m, const char *key, sd_bus_message *call)
{
	static const struct {
		const char *key, *type;
	} allowed[] = { { "urgency", "y" }, { "transient", "b" }, { "value", "i" } };
	uint8_t urgency;
	int number;

	for (size_t i = 0; i < N_ELEMENTS(allowed); i++) {
		const char type = allowed[i].type[0];
		int r;

		if (strcmp(key, allowed[i].key) != 0 ||
		    sd_bus_message_verify_type(m, 'v', allowed[i].type) <= 0)
			continue;
		if (type != 'y') {
			r = sd_bus_message_read(m, "v", allowed[i].type, &number);
			return r < 0 ? r
				     : sd_bus_message_append(call, "{sv}", key, allowed[i].type,
							     number);
		}
		r = sd_bus_message_read(m, "v", "y", &urgency);
		/* Critical ones stay until they are clicked away, over whatever is shown full screen. */
		return r < 0 ? r
			     : sd_bus_message_append(call, "{sv}", key, "y",
						     urgency < 1 ? urgency : 1);
	}
	return sd_bus_message_skip(m, "v");
}

static int copy_hints(sd_bus_message *m, sd_bus_message *call)
{
	const char *key;
	int r = sd_bus_message_enter_container(m, 'a', "{sv}");

	if (r >= 0)
		r = sd_bus_message_open_container(call, 'a', "{sv}");
	while (r >= 0 && (r = sd_bus_message_enter_container(m, 'e', "sv")) > 0) {
		r = sd_bus_message_read(m, "s", &key);
		if (r >= 0)
			r = copy_hint(m, key, call);
		if (r >= 0)
			r = sd_bus_message_exit_container(m);
	}
	if (r >= 0)
		r = sd_bus_message_close_container(call);
	return r < 0 ? r : sd_bus_message_exit_container(m);
}

/* What is asked for, as the call that is made of it. */
static int translate(struct broker *b, sd_bus_message *m, sd_bus_message *call, struct note **ret)
{
	const char *app;
	const char *icon;
	const char *summary;
	const char *body;
	uint32_t replaces;
	int timeout;
	int r = sd_bus_message_read(m, "susss", &app, &replaces, &icon, &summary, &body);

	if (r < 0)
		return r;
	*ret = find(b, replaces, 0);
	r = put_texts(b, call, *ret ? (*ret)->host : 0, app, summary, body);
	if (r >= 0)
		r = copy_actions(b, m, call);
	if (r >= 0)
		r = copy_hints(m, call);
	if (r >= 0)
		r = sd_bus_message_read(m, "i", &timeout);
	if (r < 0)
		return r;
	if (timeout <= 0 || timeout > TIMEOUT_MAX_MS)
		timeout = -1; /* as the user has it */
	return sd_bus_message_append(call, "i", timeout);
}

static int notify(sd_bus_message *m, void *userdata, sd_bus_error *ret_error)
{
	struct broker *b = userdata;
	auto_message sd_bus_message *call = NULL;
	auto_message sd_bus_message *reply = NULL;
	struct note *note;
	uint32_t host;
	int r;

	if (!quota_take(&b->notes.quota, clock_ms()))
		return sd_bus_error_set_const(
			ret_error,
			"org.freedesktop.Notifications.Error.ExcessNotificationGeneration",
			"claude-sandbox shows no more notifications for now");
	learn(b);
	r = host_call(b, "Notify", &call);
	if (r >= 0)
		r = translate(b, m, call, &note);
	if (r >= 0)
		r = broker_ask(b, call, ret_error, &reply);
	if (r >= 0)
		r = sd_bus_message_read(reply, "u", &host);
	if (r < 0)
		return r;
	if (!note)
		note = remember(b);
	note->host = host;
	return sd_bus_reply_method_return(m, "u", note->inside);
}

static int close_note(sd_bus_message *m, void *userdata, sd_bus_error *ret_error)
{
	struct broker *b = userdata;
	auto_message sd_bus_message *call = NULL;
	auto_message sd_bus_message *reply = NULL;
	const struct note *note;
	uint32_t inside;
	int r = sd_bus_message_read(m, "u", &inside);

	note = r < 0 ? NULL : find(b, inside, 0);
	if (r >= 0 && note)
		r = host_call(b, "CloseNotification", &call);
	if (r >= 0 && note)
		r = sd_bus_message_append(call, "u", note->host);
	if (r >= 0 && note)
		r = broker_ask(b, call, ret_error, &reply);
	return r < 0 ? r : sd_bus_reply_method_return(m, NULL);
}

static int capabilities(sd_bus_message *m, void *userdata, sd_bus_error *ret_error)
{
	struct broker *b = userdata;
	const char *words[4] = { "body" };
	size_t n = 1;
	auto_message sd_bus_message *reply = NULL;
	int r;

	(void)ret_error;
	learn(b);
	if (b->notes.has_actions)
		words[n++] = "actions";
	if (b->notes.is_persistent)
		words[n++] = "persistence";
	r = sd_bus_message_new_method_return(m, &reply);
	if (r >= 0)
		r = sd_bus_message_append_strv(reply, (char **)(void *)words);
	return r < 0 ? r : sd_bus_send(NULL, reply, NULL);
}

static int information(sd_bus_message *m, void *userdata, sd_bus_error *ret_error)
{
	(void)userdata;
	(void)ret_error;
	return sd_bus_reply_method_return(m, "ssss", "claude-sandbox", "claude-sandbox",
					  CSB_VERSION, "1.2");
}

/* Of the host all notifications are heard; only what is about one of ours goes on. */
static int invoked(sd_bus_message *m, void *userdata, sd_bus_error *ret_error)
{
	struct broker *b = userdata;
	const struct note *note;
	const char *key;
	uint32_t host;

	(void)ret_error;
	if (sd_bus_message_read(m, "us", &host, &key) < 0 || question_answered(b, host, key))
		return 0;
	note = find(b, 0, host);
	if (note)
		(void)sd_bus_emit_signal(b->inside, NOTIFICATIONS_PATH, BUS_NOTIFICATIONS,
					 "ActionInvoked", "us", note->inside, key);
	return 0;
}

static int closed(sd_bus_message *m, void *userdata, sd_bus_error *ret_error)
{
	struct broker *b = userdata;
	struct note *note;
	uint32_t host;
	uint32_t reason;

	(void)ret_error;
	if (sd_bus_message_read(m, "uu", &host, &reason) < 0 || question_answered(b, host, NULL))
		return 0;
	note = find(b, 0, host);
	if (!note)
		return 0;
	(void)sd_bus_emit_signal(b->inside, NOTIFICATIONS_PATH, BUS_NOTIFICATIONS,
				 "NotificationClosed", "uu", note->inside, reason);
	*note = (struct note){ 0 };
	return 0;
}

static const sd_bus_vtable vtable[] = {
	SD_BUS_VTABLE_START(0),
	SD_BUS_METHOD("Notify", "susssasa{sv}i", "u", notify, SD_BUS_VTABLE_UNPRIVILEGED),
	SD_BUS_METHOD("CloseNotification", "u", "", close_note, SD_BUS_VTABLE_UNPRIVILEGED),
	SD_BUS_METHOD("GetCapabilities", "", "as", capabilities, SD_BUS_VTABLE_UNPRIVILEGED),
	SD_BUS_METHOD("GetServerInformation", "", "ssss", information, SD_BUS_VTABLE_UNPRIVILEGED),
	SD_BUS_SIGNAL("ActionInvoked", "us", 0),
	SD_BUS_SIGNAL("NotificationClosed", "uu", 0),
	SD_BUS_VTABLE_END,
};

int broker_add_notifications(struct broker *b)
{
	const struct {
		const char *member;
		sd_bus_message_handler_t heard;
	} signals[] = { { "ActionInvoked", invoked }, { "NotificationClosed", closed } };
	int r = sd_bus_add_object_vtable(b->inside, NULL, NOTIFICATIONS_PATH, BUS_NOTIFICATIONS,
					 vtable, b);

	b->notes.quota = (struct quota){ .burst = 8, .each_ms = 1000 };
	for (size_t i = 0; r >= 0 && i < N_ELEMENTS(signals); i++)
		r = sd_bus_match_signal_async(b->host, NULL, BUS_NOTIFICATIONS, NOTIFICATIONS_PATH,
					      BUS_NOTIFICATIONS, signals[i].member,
					      signals[i].heard, NULL, b);
	return r;
}
