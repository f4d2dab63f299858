/* SPDX-License-Identifier: Apache-2.0 */
#include "spec/bus.h"

#include <errno.h>
#include <string.h>
#include <sys/socket.h>

#include "base/path.h"
#include "spec/facts.h"
#include "spec/spec.h"

/* Of Landlock: the first that keeps abstract sockets from who is in its scope. */
#define LANDLOCK_ABI_SCOPES 6

/* What the parts of this file work on. */
struct scope {
	const struct config_result *config;
	const struct facts *f;
	struct arena *a;
	struct spec *s;
	struct spec_bus *bus;
};

static int digit(char c)
{
	if (c >= '0' && c <= '9')
		return c - '0';
	c |= 0x20;
	return c >= 'a' && c <= 'f' ? c - 'a' + 10 : -1;
}

/* D-Bus writes bytes as %XX; NULL if one is not written so. */
static const char *unescape(const char *text, size_t len, struct arena *a)
{
	char *copy = arena_strndup(a, text, len);
	char *to = copy;

	for (const char *at = copy; *at; at++) {
		if (*at == '%') {
			int high = digit(at[1]);
			int low = high < 0 ? -1 : digit(at[2]);

			if (low < 0 || high + low == 0)
				return NULL;
			*to++ = (char)(high << 4 | low);
			at += 2;
		} else {
			*to++ = *at;
		}
	}
	*to = '\0';
	return copy;
}

/* The value of @key among those of one address, each NAME=VALUE and ended by a ','. */
static const char *value_of(const char *text, const char *key, size_t *ret_len)
{
	size_t key_len = strlen(key);

	for (;;) {
		size_t len = strcspn(text, ",;");

		if (len > key_len && strncmp(text, key, key_len) == 0 && text[key_len] == '=') {
			*ret_len = len - key_len - 1;
			return text + key_len + 1;
		}
		if (text[len] != ',')
			return NULL;
		text += len + 1;
	}
}

static bool one_address(const char *text, struct arena *a, const char **ret_path,
			const char **ret_address)
{
	size_t len;
	const char *value = value_of(text, "path", &len);
	const char *path;

	if (value) {
		path = unescape(value, len, a);
		if (!path || path[0] != '/')
			return false;
		*ret_path = path_clean(a, path);
		*ret_address = arena_printf(a, "unix:path=%.*s", (int)len, value);
		return true;
	}
	value = value_of(text, "abstract", &len);
	if (!value || len == 0)
		return false;
	*ret_path = NULL;
	*ret_address = arena_printf(a, "unix:abstract=%.*s", (int)len, value);
	return true;
}

bool bus_address(const char *text, struct arena *a, const char **ret_path, const char **ret_address)
{
	static const char family[] = "unix:";

	for (; text; text = strchr(text, ';')) {
		text += *text == ';';
		if (strncmp(text, family, strlen(family)) == 0 &&
		    one_address(text + strlen(family), a, ret_path, ret_address))
			return true;
	}
	return false;
}

/* As libraries look for it: by the variable, and where there is none in the usual place. */
static bool find_address(const struct facts *f, struct arena *a, const char **ret_path,
			 const char **ret_address)
{
	const char *asked = env_get(&f->env, "DBUS_SESSION_BUS_ADDRESS");
	const char *dir = env_get(&f->env, "XDG_RUNTIME_DIR");

	if (asked && asked[0])
		return bus_address(asked, a, ret_path, ret_address);
	if (!dir || dir[0] != '/')
		return false;
	return bus_address(arena_printf(a, "unix:path=%s/bus", dir), a, ret_path, ret_address);
}

void bus_paths(const struct config *c, const struct facts *f, struct arena *a, struct strv *ret)
{
	const char *path;
	const char *address;

	if (c->dbus && find_address(f, a, &path, &address) && path)
		strv_add(ret, path);
}

static bool find_host(const struct scope *x)
{
	const char *path;
	const struct path_fact *fact;

	if (!find_address(x->f, x->a, &path, &x->bus->address))
		return false;
	fact = facts_path(x->f, path);
	if (path && fact->kind != PATH_SOCKET)
		return false;
	x->bus->host = path ? fact->real : NULL;
	return true;
}

/* Left out where a level asks for it, an error where the user does. */
static int lacks(const struct scope *x, const char *program, struct err *e)
{
	if (config_is_asked(x->config, "dbus"))
		return err_set(
			e, ENOENT,
			"dbus needs %s, which is not in the system's directories; install it, on "
			"Debian with: sudo apt install %s; or do without 'dbus'",
			program, program);
	strv_add(&x->s->details,
		 arena_printf(x->a,
			      "dbus: there is no session bus inside, since %s is not installed "
			      "(Debian's package of that name)",
			      program));
	return 0;
}

static int check_secrets(const struct scope *x, struct err *e)
{
	const struct strv *secrets = &x->config->config.secrets;
	struct bus_attributes ignored;
	int r = 0;

	for (size_t i = 0; r == 0 && i < secrets->n; i++)
		r = bus_attributes_parse(secrets->items[i], x->a, &ignored, e);
	return r;
}

/* What is asked for beside the bus and cannot be had without it. */
static void tell_left_out(const struct scope *x, const char *why)
{
	const struct config *c = &x->config->config;

	if (c->secrets.n > 0)
		strv_add(&x->s->notes,
			 arena_printf(x->a,
				      "secrets: nothing of your keyring can be read inside, "
				      "since %s",
				      why));
	if (c->open_urls)
		strv_add(&x->s->notes,
			 arena_printf(x->a, "open_urls: no page is opened outside, since %s", why));
}

static int add_broker(const struct scope *x, struct err *e)
{
	const struct desktop_facts *programs = &x->f->desktop;

	if (!find_host(x)) {
		strv_add(&x->s->details,
			 "dbus: programs inside have a bus of their own alone, since "
			 "you have no session bus that a socket leads to");
		tell_left_out(x, "you have no session bus");
		return 0;
	}
	if (!programs->bus)
		return err_set(
			e, ENOENT,
			"our own program libexec/claude-sandbox/bus is missing; build or install "
			"claude-sandbox again, in its source directory with: ./dev build");
	x->bus->proxy = programs->dbus_proxy;
	x->bus->broker = programs->bus;
	return 0;
}

static void add_daemon(const struct scope *x)
{
	static const char why[] =
		"a session bus of its own; of yours only what docs/desktop.md lists";

	x->bus->daemon = x->f->desktop.dbus_daemon;
	x->bus->socket = arena_printf(x->a, "/run/user/%u/bus", (unsigned)x->s->uid);
	spec_service(x->s, x->a,
		     (struct service_want){ .service = SERVICE_BUS,
					    .type = SOCK_STREAM,
					    .path = x->bus->socket,
					    .why = why });
	spec_env(x->s, x->a,
		 (struct env_var){ .name = "DBUS_SESSION_BUS_ADDRESS",
				   .value = arena_printf(x->a, "unix:path=%s", x->bus->socket),
				   .why = why });
}

/* An abstract socket is reached by whoever shares the network, whatever stands here. */
static void tell_reachable(const struct scope *x)
{
	const struct config *c = &x->config->config;
	const char *path;
	const char *address;

	if (c->network != NETWORK_HOST || x->f->landlock_abi >= LANDLOCK_ABI_SCOPES ||
	    !find_address(x->f, x->a, &path, &address) || path)
		return;
	strv_add(&x->s->notes,
		 arena_printf(
			 x->a,
			 "dbus: programs inside reach your own session bus at its abstract "
			 "socket (%s), and can start programs outside by it, since the network is "
			 "the host's and this kernel keeps no such sockets apart; use --network "
			 "filtered",
			 address));
}

int spec_add_bus(const struct config_result *config, const struct facts *f, struct arena *a,
		 struct spec *s, struct err *e)
{
	const struct scope x = { .config = config, .f = f, .a = a, .s = s, .bus = &s->bus };
	int r = check_secrets(&x, e);

	if (r < 0)
		return r;
	tell_reachable(&x);
	if (!config->config.dbus) {
		tell_left_out(&x, "there is no bus inside; --dbus gives one");
		return 0;
	}
	if (!f->desktop.dbus_daemon)
		return lacks(&x, "dbus-daemon", e);
	r = add_broker(&x, e);
	if (r < 0)
		return r;
	if (s->bus.broker && !s->bus.proxy) {
		s->bus = (struct spec_bus){ 0 };
		return lacks(&x, "xdg-dbus-proxy", e);
	}
	add_daemon(&x);
	return 0;
}
