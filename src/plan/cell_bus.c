/* SPDX-License-Identifier: Apache-2.0 */
/* The three programs of a sandbox's bus (spec/bus.h), each in a cell of its own. */
#include "plan/cell.h"

#include "base/auto.h"
#include "spec/facts.h"

/* Places in the cells. What is connected to from outside lies in /tmp, the rest is read-only. */
#define CONFIG "/bus.conf"
#define SERVICES "/services"
#define HOST_BUS "/host-bus"
#define BROKER "/bus"

/*
 * No program is ever started: the files in SERVICES only make the daemon keep calls of our names until the
 * program bus has them, since it waits for systemd to start what says SystemdService=, and there is none.
 * Who watches what others say, or sets what is started with which environment, has no business here.
 * Sizes and numbers: a sandbox may fill these alone, and never the memory of the host.
 */
static const char config[] =
	"<!DOCTYPE busconfig PUBLIC \"-//freedesktop//DTD D-Bus Bus Configuration 1.0//EN\"\n"
	" \"http://www.freedesktop.org/standards/dbus/1.0/busconfig.dtd\">\n"
	"<busconfig>\n"
	" <type>session</type>\n"
	" <listen>systemd:</listen>\n"
	" <listen>unix:path=" BUS_PRIVATE_SOCKET "</listen>\n"
	" <auth>EXTERNAL</auth>\n"
	" <servicedir>" SERVICES "</servicedir>\n"
	" <apparmor mode=\"disabled\"/>\n"
	" <policy context=\"default\">\n"
	"  <allow own=\"*\"/>\n"
	"  <allow send_type=\"method_call\"/><allow send_type=\"method_return\"/>\n"
	"  <allow send_type=\"signal\"/><allow send_type=\"error\"/>\n"
	"  <allow receive_type=\"method_call\"/><allow receive_type=\"method_return\"/>\n"
	"  <allow receive_type=\"signal\"/><allow receive_type=\"error\"/>\n"
	"  <deny send_destination=\"org.freedesktop.DBus\""
	" send_interface=\"org.freedesktop.DBus.Monitoring\"/>\n"
	"  <deny send_destination=\"org.freedesktop.DBus\""
	" send_interface=\"org.freedesktop.DBus.Debug.Stats\"/>\n"
	"  <deny send_destination=\"org.freedesktop.DBus\""
	" send_interface=\"org.freedesktop.DBus\" send_member=\"UpdateActivationEnvironment\"/>\n"
	"  <deny send_destination=\"org.freedesktop.DBus\""
	" send_interface=\"org.freedesktop.DBus\" send_member=\"ReloadConfig\"/>\n"
	" </policy>\n"
	" <limit name=\"max_message_size\">2097152</limit>\n"
	" <limit name=\"max_message_unix_fds\">16</limit>\n"
	" <limit name=\"max_incoming_bytes\">4194304</limit>\n"
	" <limit name=\"max_incoming_unix_fds\">32</limit>\n"
	" <limit name=\"max_outgoing_bytes\">8388608</limit>\n"
	" <limit name=\"max_outgoing_unix_fds\">64</limit>\n"
	" <limit name=\"max_completed_connections\">256</limit>\n"
	" <limit name=\"max_connections_per_user\">256</limit>\n"
	" <limit name=\"max_incomplete_connections\">32</limit>\n"
	" <limit name=\"max_pending_service_starts\">64</limit>\n"
	" <limit name=\"max_names_per_connection\">64</limit>\n"
	" <limit name=\"max_match_rules_per_connection\">512</limit>\n"
	" <limit name=\"max_replies_per_connection\">256</limit>\n"
	" <limit name=\"auth_timeout\">10000</limit>\n"
	" <limit name=\"service_start_timeout\">10000</limit>\n"
	"</busconfig>\n";

/* What the parts of this file work on. */
struct scope {
	const struct spec *s;
	const struct facts *f;
	struct arena *a;
};

static void add_text(const struct scope *x, const char *text, const char *at, struct cell *ret)
{
	strv_add(&ret->argv, "--file", arena_printf(x->a, "%d", BUS_TEXT_FD + (int)ret->n_texts),
		 at);
	ret->texts[ret->n_texts++] = text;
}

static void begin(const struct scope *x, bool has_network, struct cell *ret)
{
	*ret = (struct cell){ .argv = STRV_INIT(x->a) };
	cell_begin(x->s, x->f, has_network, x->a, &ret->argv);
}

/* Of a program that is connected to from outside. Without a user of its number it accepts nobody. */
static void begin_server(const struct scope *x, bool has_network, struct cell *ret)
{
	begin(x, has_network, ret);
	strv_add(&ret->argv, "--info-fd", arena_printf(x->a, "%d", BUS_INFO_FD));
	add_text(x,
		 arena_printf(x->a, "user:x:%u:%u::/:/bin/false\n", (unsigned)x->s->uid,
			      (unsigned)x->s->gid),
		 "/etc/passwd", ret);
}

static void add_name(const struct scope *x, const char *name, struct cell *ret)
{
	add_text(x,
		 arena_printf(x->a,
			      "[D-BUS Service]\nName=%s\nExec=/bin/false\n"
			      "SystemdService=none.service\n",
			      name),
		 arena_printf(x->a, SERVICES "/%s.service", name), ret);
}

static void add_daemon(const struct scope *x, struct cell *ret)
{
	const struct config *c = x->s->config;

	begin_server(x, false, ret);
	add_text(x, config, CONFIG, ret);
	strv_add(&ret->argv, "--dir", SERVICES);
	if (x->s->bus.broker) {
		add_name(x, BUS_NOTIFICATIONS, ret);
		if (c->secrets.n > 0)
			add_name(x, BUS_SECRETS, ret);
		if (c->open_urls)
			add_name(x, BUS_PORTAL, ret);
	}
	strv_add(&ret->argv, "--setenv", "LISTEN_FDS", "1", "--setenv", "LISTEN_PID", "1");
	strv_add(&ret->argv, "--remount-ro", "/", "--", x->s->bus.daemon);
	strv_add(&ret->argv, "--config-file=" CONFIG);
	strv_add(&ret->argv, "--nofork", "--nopidfile", "--nosyslog",
		 arena_printf(x->a, "--print-address=%d", BUS_READY_FD));
	if (x->s->bus.broker)
		strv_add(&ret->argv, "--systemd-activation");
}

/* The rules follow when the items are known: border/bus.c adds them. */
static void add_proxy(const struct scope *x, struct cell *ret)
{
	const struct spec_bus *bus = &x->s->bus;

	begin_server(x, !bus->host, ret);
	if (bus->host)
		strv_add(&ret->argv, "--ro-bind", bus->host, HOST_BUS);
	strv_add(&ret->argv, "--remount-ro", "/", "--", bus->proxy,
		 bus->host ? "unix:path=" HOST_BUS : bus->address, BUS_PROXY_SOCKET, "--filter",
		 arena_printf(x->a, "--fd=%d", BUS_READY_FD));
}

/* The items follow, too. */
static void add_broker(const struct scope *x, struct cell *ret)
{
	const struct config *c = x->s->config;

	begin(x, false, ret);
	strv_add(&ret->argv, "--ro-bind", x->s->bus.broker, BROKER, "--remount-ro", "/", "--",
		 BROKER, "serve", "--name", x->s->name);
	if (c->open_urls)
		strv_add(&ret->argv, "--open-urls");
	for (size_t i = 0; i < c->secrets.n; i++)
		strv_add(&ret->argv, "--secret", c->secrets.items[i]);
}

void cell_bus(const struct spec *s, const struct facts *f, struct arena *a, struct bus_cells *ret)
{
	const struct scope x = { .s = s, .f = f, .a = a };

	*ret = (struct bus_cells){ 0 };
	if (s->bus.daemon)
		add_daemon(&x, &ret->daemon);
	if (!s->bus.broker)
		return;
	add_proxy(&x, &ret->proxy);
	add_broker(&x, &ret->broker);
}
