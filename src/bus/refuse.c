/* SPDX-License-Identifier: Apache-2.0 */
/* What is not served, and how that is said. */
#include <errno.h>
#include <stdarg.h>
#include <string.h>
#include <sys/socket.h>

#include "base/auto.h"
#include "base/buf.h"
#include "bus/broker.h"

#define ASK_USEC ((uint64_t)5 * 1000 * 1000)

void broker_say(struct broker *b, const char *fmt, ...)
{
	char *text;
	va_list args;

	if (b->n_said == SAID_MAX)
		return;
	text = b->said[b->n_said];
	va_start(args, fmt);
	(void)vsnprintf(text, BUS_SENTENCE_MAX, fmt, args);
	va_end(args);
	for (size_t i = 0; i < b->n_said; i++)
		if (strcmp(b->said[i], text) == 0)
			return;
	b->n_said++;
	(void)send(BUS_SAY_FD, text, strlen(text), MSG_DONTWAIT | MSG_NOSIGNAL);
}

int broker_refuse(struct broker *b, sd_bus_error *ret, const char *what, const char *why)
{
	broker_say(b, "bus: a program inside asked for %s, which was refused: %s", what, why);
	return sd_bus_error_setf(ret, SD_BUS_ERROR_ACCESS_DENIED, "claude-sandbox refuses %s: %s",
				 what, why);
}

int broker_ask(struct broker *b, sd_bus_message *call, sd_bus_error *ret_error,
	       sd_bus_message **ret)
{
	auto_error sd_bus_error error = SD_BUS_ERROR_NULL;
	int r = sd_bus_call(b->host, call, ASK_USEC, &error, ret);

	if (r >= 0)
		return r;
	broker_say(b, "bus: %s of your session does not do what it is asked (%s): %s",
		   sd_bus_message_get_destination(call), sd_bus_message_get_member(call),
		   error.message ? error.message : strerrordesc_np(-r));
	return sd_bus_error_setf(ret_error, SD_BUS_ERROR_FAILED,
				 "%s of the session outside does not do it",
				 sd_bus_message_get_destination(call));
}

static bool is_served(const char *interface)
{
	static const char *const served[] = {
		"org.freedesktop.Notifications",  "org.freedesktop.Secret.Service",
		"org.freedesktop.Secret.Item",    "org.freedesktop.Secret.Collection",
		"org.freedesktop.Secret.Session", "org.freedesktop.portal.OpenURI",
		"org.freedesktop.portal.Request", "org.freedesktop.DBus.Properties",
		"org.freedesktop.DBus.Peer",      "org.freedesktop.DBus.Introspectable",
	};

	for (size_t i = 0; i < N_ELEMENTS(served); i++)
		if (strcmp(served[i], interface) == 0)
			return true;
	return false;
}

/* Calls of other interfaces are what a sandbox should not have: they are told, and not only unknown. */
static int filter(sd_bus_message *m, void *userdata, sd_bus_error *ret_error)
{
	struct broker *b = userdata;
	auto_error sd_bus_error error = SD_BUS_ERROR_NULL;
	auto_buf struct buf what = BUF_INIT((size_t)2 * SD_BUS_MAXIMUM_NAME_LENGTH);
	const char *interface = sd_bus_message_get_interface(m);

	(void)ret_error;
	if (!sd_bus_message_is_method_call(m, NULL, NULL) || (interface && is_served(interface)))
		return 0;
	buf_addf(&what, "%s.%s", interface ? interface : "", sd_bus_message_get_member(m));
	(void)broker_refuse(b, &error, buf_text(&what),
			    "of your session only what docs/desktop.md lists is reached");
	return sd_bus_reply_method_error(m, &error) < 0 ? 0 : 1;
}

int broker_add_filter(struct broker *b)
{
	return sd_bus_add_filter(b->inside, NULL, filter, b);
}
