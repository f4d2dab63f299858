/* SPDX-License-Identifier: Apache-2.0 */
/*
 * org.freedesktop.portal.OpenURI: a page is opened outside when the user has said so. A notification of the
 * host's asks; who closes it, says no or lets it stand has refused. A page that is opened tells its server whatever
 * stands in its address, past all rules for the network, so the address is shown whole and asked for each time.
 */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/auto.h"
#include "base/buf.h"
#include "base/clock.h"
#include "bus/broker.h"
#include "bus/text.h"
#include "bus/url.h"

#define OPEN_URI "org.freedesktop.portal.OpenURI"
#define REQUEST "org.freedesktop.portal.Request"
#define REQUEST_PATH BUS_PORTAL_PATH "/request"
#define DEADLINE_USEC ((uint64_t)60 * 1000 * 1000)
#define DEADLINE_MS 60000
#define TOKEN_MAX 64
#define NAME_MAX_LEN 64

enum response { OPENED, REFUSED, FAILED };

/* Nobody is asked any more; the caller hears what came of it, and the notification goes. */
static void finish(struct broker *b, enum response response)
{
	struct question *q = &b->question;
	auto_message sd_bus_message *signal = NULL;
	auto_message sd_bus_message *call = NULL;

	if (sd_bus_message_new_signal(b->inside, &signal, q->handle, REQUEST, "Response") >= 0 &&
	    sd_bus_message_append(signal, "ua{sv}", (uint32_t)response, 0) >= 0)
		(void)sd_bus_send_to(b->inside, signal, q->sender, NULL);
	if (q->note &&
	    sd_bus_message_new_method_call(b->host, &call, BUS_NOTIFICATIONS, NOTIFICATIONS_PATH,
					   BUS_NOTIFICATIONS, "CloseNotification") >= 0 &&
	    sd_bus_message_append(call, "u", q->note) >= 0)
		(void)sd_bus_send(b->host, call, NULL);
	q->deadline = sd_event_source_disable_unref(q->deadline);
	free(q->url);
	free(q->handle);
	free(q->sender);
	*q = (struct question){ .quota = q->quota };
}

static enum response open_page(struct broker *b)
{
	auto_message sd_bus_message *call = NULL;
	auto_message sd_bus_message *reply = NULL;
	auto_error sd_bus_error error = SD_BUS_ERROR_NULL;
	int r = sd_bus_message_new_method_call(b->host, &call, BUS_PORTAL, BUS_PORTAL_PATH,
					       OPEN_URI, "OpenURI");

	if (r >= 0)
		r = sd_bus_message_append(call, "ssa{sv}", "", b->question.url, 0);
	if (r >= 0)
		r = broker_ask(b, call, &error, &reply);
	return r < 0 ? FAILED : OPENED;
}

bool question_answered(struct broker *b, uint32_t host, const char *action)
{
	struct question *q = &b->question;

	if (!q->url || q->note != host)
		return false;
	if (!action)
		q->note = 0; /* it is gone already */
	finish(b, action && strcmp(action, "open") == 0 ? open_page(b) : REFUSED);
	return true;
}

static int expired(sd_event_source *source, uint64_t usec, void *userdata)
{
	(void)source, (void)usec;
	finish(userdata, REFUSED);
	return 0;
}

static int append_question(const struct broker *b, const char *url, const char *host, size_t len,
			   sd_bus_message *call)
{
	auto_buf struct buf text = BUF_INIT((size_t)4 * URL_MAX);
	auto_buf struct buf body = BUF_INIT((size_t)32 * URL_MAX);
	auto_buf struct buf title = BUF_INIT((size_t)2 * URL_MAX);
	int r;

	buf_puts(&title, "Open a page of ");
	buf_add(&title, host, len);
	buf_puts(&title, "?");
	buf_puts(&text, "Sandbox ");
	text_line(b->name, NAME_MAX_LEN, &text);
	buf_puts(&text, " wants to open in your browser:\n");
	buf_puts(&text, url);
	text_body(buf_text(&text), text.len, b->notes.has_markup, &body);
	r = sd_bus_message_append(call, "susss", "claude-sandbox", 0, "", buf_text(&title),
				  buf_text(&body));
	if (r >= 0)
		r = sd_bus_message_append(call, "as", 4, "open", "Open", "refuse", "Refuse");
	/* Critical: it stays until it is answered or DEADLINE_USEC is over. */
	return r < 0 ? r : sd_bus_message_append(call, "a{sv}i", 1, "urgency", "y", 2, DEADLINE_MS);
}

static int show_question(struct broker *b, const char *url, const char *host, size_t len)
{
	auto_error sd_bus_error error = SD_BUS_ERROR_NULL;
	auto_message sd_bus_message *call = NULL;
	auto_message sd_bus_message *reply = NULL;
	int r = sd_bus_message_new_method_call(b->host, &call, BUS_NOTIFICATIONS,
					       NOTIFICATIONS_PATH, BUS_NOTIFICATIONS, "Notify");

	if (r >= 0)
		r = append_question(b, url, host, len, call);
	if (r >= 0)
		r = broker_ask(b, call, &error, &reply);
	if (r >= 0)
		r = sd_bus_message_read(reply, "u", &b->question.note);
	return r < 0 ? r
		     : sd_event_add_time_relative(b->event, &b->question.deadline, CLOCK_MONOTONIC,
						  DEADLINE_USEC, 0, expired, b);
}

static bool is_token(const char *text)
{
	static const char plain[] =
		"abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789_";
	size_t len = strlen(text);

	return len > 0 && len <= TOKEN_MAX && strspn(text, plain) == len;
}

/* Of the options, the one that says how the request is called: its text is the message's. */
static int read_token(sd_bus_message *m, const char **ret)
{
	const char *key;
	const char *value;
	int r = sd_bus_message_enter_container(m, 'a', "{sv}");

	*ret = "request";
	while (r >= 0 && (r = sd_bus_message_enter_container(m, 'e', "sv")) > 0) {
		r = sd_bus_message_read(m, "s", &key);
		if (r >= 0 && strcmp(key, "handle_token") == 0 &&
		    sd_bus_message_verify_type(m, 'v', "s") > 0) {
			r = sd_bus_message_read(m, "v", "s", &value);
			if (r >= 0 && is_token(value))
				*ret = value;
		} else if (r >= 0) {
			r = sd_bus_message_skip(m, "v");
		}
		if (r >= 0)
			r = sd_bus_message_exit_container(m);
	}
	return r < 0 ? r : sd_bus_message_exit_container(m);
}

/* Where a caller listens for the answer already: its own name with ':' gone and '.' as '_'. */
static char *handle_of(const char *sender, const char *token)
{
	auto_buf struct buf path = BUF_INIT(1024);

	buf_puts(&path, REQUEST_PATH "/");
	for (const char *at = sender + (sender[0] == ':'); *at; at++)
		buf_add(&path, *at == '.' ? "_" : at, 1);
	buf_addf(&path, "/%s", token);
	return strdup(buf_text(&path));
}

/* NULL: the page may be asked about. */
static const char *refuse_now(struct broker *b, const char *url, const char **host, size_t *len)
{
	const char *why = url_refuse(url, host, len);

	if (why)
		return why;
	if (b->question.url)
		return "you are being asked about another page";
	if (!quota_take(&b->question.quota, clock_ms()))
		return "too many pages in a short time";
	if (!notes_have_actions(b))
		return "your notifications have no buttons, so that you cannot be asked";
	return NULL;
}

static int open_uri(sd_bus_message *m, void *userdata, sd_bus_error *ret_error)
{
	struct broker *b = userdata;
	struct question *q = &b->question;
	const char *parent;
	const char *url;
	const char *token;
	const char *host = NULL;
	const char *why;
	size_t len = 0;
	int r = sd_bus_message_read(m, "ss", &parent, &url);

	if (r >= 0)
		r = read_token(m, &token);
	if (r < 0)
		return r;
	why = refuse_now(b, url, &host, &len);
	if (why)
		return broker_refuse(b, ret_error, "a page to be opened outside", why);
	q->handle = handle_of(sd_bus_message_get_sender(m), token);
	q->sender = strdup(sd_bus_message_get_sender(m));
	q->url = strdup(url);
	if (!q->handle || !q->sender || !q->url)
		abort();
	r = sd_bus_reply_method_return(m, "o", q->handle);
	if (r >= 0)
		r = show_question(b, url, host, len);
	if (r < 0)
		finish(b, FAILED);
	return 1;
}

static int refuse_file(sd_bus_message *m, void *userdata, sd_bus_error *ret_error)
{
	return broker_refuse(userdata, ret_error, sd_bus_message_get_member(m),
			     "files are not opened outside");
}

static int scheme_supported(sd_bus_message *m, void *userdata, sd_bus_error *ret_error)
{
	const char *scheme;
	int r = sd_bus_message_read(m, "s", &scheme);

	(void)userdata, (void)ret_error;
	return r < 0 ? r
		     : sd_bus_reply_method_return(
			       m, "b", strcmp(scheme, "http") == 0 || strcmp(scheme, "https") == 0);
}

/* NOLINTNEXTLINE(readability-function-size): seven parameters, which sd-bus has chosen */
static int version(sd_bus *bus, const char *path, const char *interface, const char *name,
		   sd_bus_message *reply, void *userdata, sd_bus_error *ret_error)
{
	(void)bus, (void)path, (void)interface, (void)name, (void)userdata, (void)ret_error;
	return sd_bus_message_append(reply, "u", 3);
}

/* A caller gives up. */
static int close_request(sd_bus_message *m, void *userdata, sd_bus_error *ret_error)
{
	struct broker *b = userdata;

	(void)ret_error;
	if (strcmp(sd_bus_message_get_sender(m), b->question.sender) == 0)
		finish(b, REFUSED);
	return sd_bus_reply_method_return(m, NULL);
}

static int find_request(sd_bus *bus, const char *path, const char *interface, void *userdata,
			void **ret_found, sd_bus_error *ret_error)
{
	const struct broker *b = userdata;

	(void)bus, (void)interface, (void)ret_error;
	*ret_found = userdata;
	return b->question.url && strcmp(b->question.handle, path) == 0;
}

static const sd_bus_vtable portal_vtable[] = {
	SD_BUS_VTABLE_START(0),
	SD_BUS_METHOD("OpenURI", "ssa{sv}", "o", open_uri, SD_BUS_VTABLE_UNPRIVILEGED),
	SD_BUS_METHOD("OpenFile", "sha{sv}", "o", refuse_file, SD_BUS_VTABLE_UNPRIVILEGED),
	SD_BUS_METHOD("OpenDirectory", "sha{sv}", "o", refuse_file, SD_BUS_VTABLE_UNPRIVILEGED),
	SD_BUS_METHOD("SchemeSupported", "sa{sv}", "b", scheme_supported,
		      SD_BUS_VTABLE_UNPRIVILEGED),
	SD_BUS_PROPERTY("version", "u", version, 0, SD_BUS_VTABLE_PROPERTY_CONST),
	SD_BUS_VTABLE_END,
};

static const sd_bus_vtable request_vtable[] = {
	SD_BUS_VTABLE_START(0),
	SD_BUS_METHOD("Close", "", "", close_request, SD_BUS_VTABLE_UNPRIVILEGED),
	SD_BUS_SIGNAL("Response", "ua{sv}", 0),
	SD_BUS_VTABLE_END,
};

int broker_add_portal(struct broker *b)
{
	int r = sd_bus_add_object_vtable(b->inside, NULL, BUS_PORTAL_PATH, OPEN_URI, portal_vtable,
					 b);

	b->question.quota = (struct quota){ .burst = 5, .each_ms = 20000 };
	return r < 0 ? r
		     : sd_bus_add_fallback_vtable(b->inside, NULL, REQUEST_PATH, REQUEST,
						  request_vtable, find_request, b);
}
