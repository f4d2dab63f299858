/* SPDX-License-Identifier: Apache-2.0 */
#include "spec/desktop.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>

#include "base/auto.h"
#include "base/path.h"
#include "spec/facts.h"
#include "spec/spec.h"

#define X11_DIR "/tmp/.X11-unix"
#define SIZE_DEFAULT "1280x800"
#define SIDE_MIN 64
#define SIDE_MAX 16384

/*
 * A client of X tries the abstract socket of that number first. Where the network is the host's, and the
 * kernel does not keep abstract sockets apart, that would be the host's own screen.
 */
#define NUMBER_ALONE 0
#define NUMBER_BESIDE 100

/* What the parts of this file work on. */
struct scope {
	const struct config *c;
	const struct facts *f;
	struct arena *a;
	struct spec *s;
	struct spec_desktop *d;
};

/* ":1", ":1.0" and "unix:1" name a socket; what has a host's name is reached by TCP. */
static const char *x11_number(const struct facts *f, struct arena *a)
{
	const char *display = env_get(&f->env, "DISPLAY");
	size_t digits;

	if (display && strncmp(display, "unix:", strlen("unix:")) == 0)
		display += strlen("unix");
	if (!display || display[0] != ':')
		return NULL;
	digits = strspn(display + 1, "0123456789");
	return digits > 0 && digits < 8 ? arena_strndup(a, display + 1, digits) : NULL;
}

const char *desktop_x11_socket(const struct facts *f, struct arena *a)
{
	const char *number = x11_number(f, a);

	return number ? arena_printf(a, X11_DIR "/X%s", number) : NULL;
}

const char *desktop_wayland_socket(const struct facts *f, struct arena *a)
{
	const char *name = env_get(&f->env, "WAYLAND_DISPLAY");
	const char *dir = env_get(&f->env, "XDG_RUNTIME_DIR");

	if (!name || !name[0])
		return NULL;
	if (name[0] == '/')
		return path_clean(a, name);
	return dir && dir[0] == '/' ? path_clean(a, path_join(a, dir, name)) : NULL;
}

static const char *cookie_path(const struct facts *f, struct arena *a)
{
	const char *asked = env_get(&f->env, "XAUTHORITY");

	if (asked && asked[0] == '/')
		return path_clean(a, asked);
	return path_join(a, f->home, ".Xauthority");
}

void desktop_paths(const struct config *c, const struct facts *f, struct arena *a, struct strv *ret)
{
	const char *places[] = { desktop_x11_socket(f, a), desktop_wayland_socket(f, a),
				 cookie_path(f, a) };

	for (size_t i = 0; c->display != DISPLAY_NONE && i < N_ELEMENTS(places); i++)
		if (places[i])
			strv_add(ret, places[i]);
}

static const char *socket_of(const struct facts *f, const char *path)
{
	const struct path_fact *fact = facts_path(f, path);

	return path && fact->kind == PATH_SOCKET ? fact->real : NULL;
}

static void find_host(const struct scope *x)
{
	struct display_host *host = &x->d->host;
	const char *auth = cookie_path(x->f, x->a);

	host->socket = socket_of(x->f, desktop_x11_socket(x->f, x->a));
	if (host->socket)
		host->name = arena_printf(x->a, ":%s", x11_number(x->f, x->a));
	host->wayland = socket_of(x->f, desktop_wayland_socket(x->f, x->a));
	if (facts_path(x->f, auth)->kind == PATH_FILE)
		host->xauthority = facts_path(x->f, auth)->real;
}

/*
 * What is on a Wayland screen holds no key to other windows; so that comes first where there are both. But only
 * an X server tells whether its window is the one in use, on which the clipboard depends.
 */
static bool find_nested(const struct scope *x)
{
	const struct desktop_facts *programs = &x->f->desktop;
	struct spec_desktop *d = x->d;
	const bool has_xwayland = d->host.wayland && programs->xwayland;
	const bool has_xephyr = d->host.socket && programs->xephyr;

	if (has_xephyr && (!has_xwayland || x->c->clipboard != CLIPBOARD_NONE)) {
		d->server = DISPLAY_XEPHYR;
		d->program = programs->xephyr;
	} else if (has_xwayland) {
		d->server = DISPLAY_XWAYLAND;
		d->program = programs->xwayland;
	}
	return d->program != NULL;
}

static bool find_virtual(const struct scope *x)
{
	if (!x->f->desktop.xvfb)
		return false;
	x->d->server = DISPLAY_XVFB;
	x->d->program = x->f->desktop.xvfb;
	return true;
}

/*
 * Windows beside the user's own, from which the compositor keeps the rest of the screen. Most programs of X do
 * not know Wayland, so these get a nested server as well, where there is one.
 */
static bool find_wayland(const struct scope *x)
{
	const struct desktop_facts *programs = &x->f->desktop;

	if (!x->d->host.wayland || !programs->wayland || programs->no_context)
		return false;
	x->d->wayland = programs->wayland;
	if (!find_nested(x))
		strv_add(&x->s->details, "display: no screen for programs that know X alone, since "
					 "Xwayland is not installed");
	return true;
}

static int refuse_wayland(const struct scope *x, struct err *e)
{
	if (!x->d->host.wayland)
		return err_set(e, ENOENT,
			       "display wayland: there is no compositor here, WAYLAND_DISPLAY "
			       "leads to no socket; use --display nested or --display virtual");
	if (!x->f->desktop.wayland)
		return err_set(
			e, ENOENT,
			"our own program libexec/claude-sandbox/wayland is missing; build or "
			"install claude-sandbox again, in its source directory with: "
			"./dev build");
	return err_set(e, ENOTSUP,
		       "display wayland: %s; use --display nested, a screen of its own in a window "
		       "of yours",
		       x->f->desktop.no_context);
}

static int refuse_nested(const struct scope *x, struct err *e)
{
	const struct display_host *host = &x->d->host;

	if (!host->socket && !host->wayland)
		return err_set(e, ENOENT,
			       "display nested: there is no screen here, neither DISPLAY nor "
			       "WAYLAND_DISPLAY leads to a socket; use --display virtual");
	return err_set(e, ENOENT,
		       "display nested needs %s, which is not in the system's directories; install "
		       "it, on Debian with: sudo apt install %s",
		       host->wayland ? "Xwayland" : "Xephyr",
		       host->wayland ? "xwayland" : "xserver-xephyr");
}

/* auto: what the user sees best, where there is a screen to show it; else a screen that nobody sees. */
static void choose(const struct scope *x)
{
	if (find_wayland(x)) {
		x->d->display = DISPLAY_WAYLAND;
	} else if (find_nested(x)) {
		x->d->display = DISPLAY_NESTED;
	} else if (find_virtual(x)) {
		x->d->display = DISPLAY_VIRTUAL;
	} else {
		x->d->display = DISPLAY_NONE;
		strv_add(&x->s->details,
			 "display: none, since neither Xvfb nor Xephyr or Xwayland is installed");
	}
}

static int resolve(const struct scope *x, struct err *e)
{
	x->d->display = x->c->display;
	switch ((enum display)x->c->display) {
	case DISPLAY_NONE:
	case DISPLAY_HOST:
		return 0;
	case DISPLAY_AUTO:
		choose(x);
		return 0;
	case DISPLAY_NESTED:
		return find_nested(x) ? 0 : refuse_nested(x, e);
	case DISPLAY_VIRTUAL:
		return find_virtual(x)
			       ? 0
			       : err_set(e, ENOENT,
					 "display virtual needs Xvfb, which is not in the "
					 "system's directories; install it, on Debian with: "
					 "sudo apt install xvfb");
	case DISPLAY_WAYLAND:
		return find_wayland(x) ? 0 : refuse_wayland(x, e);
	}
	return 0;
}

/* Digits up to @end, as a side of a screen; 0: it is none. */
static unsigned long side(const char *text, char end)
{
	size_t len = strspn(text, "0123456789");
	unsigned long n = len > 0 && len < 6 && text[len] == end ? strtoul(text, NULL, 10) : 0;

	return n >= SIDE_MIN && n <= SIDE_MAX ? n : 0;
}

static int set_size(const struct scope *x, struct err *e)
{
	const char *size = x->c->display_size ? x->c->display_size : SIZE_DEFAULT;
	const char *cross = strchr(size, 'x');

	x->d->size = size;
	if (cross && side(size, 'x') && side(cross + 1, '\0'))
		return 0;
	return err_set(
		e, EINVAL,
		"display_size: '%s' is no size of a screen; write WIDTHxHEIGHT, each from %d "
		"to %d, as " SIZE_DEFAULT,
		size, SIDE_MIN, SIDE_MAX);
}

static void set(const struct scope *x, const char *name, const char *value, const char *why)
{
	spec_env(x->s, x->a, (struct env_var){ .name = name, .value = value, .why = why });
}

static void add_server(const struct scope *x)
{
	static const char *const why[] = {
		[DISPLAY_XVFB] = "a screen of its own that nobody sees",
		[DISPLAY_XEPHYR] = "a screen of its own in a window of yours",
		[DISPLAY_XWAYLAND] = "a screen of its own in a window of yours",
	};
	const int number = x->s->net.mode == NETWORK_HOST ? NUMBER_BESIDE : NUMBER_ALONE;

	x->d->name = arena_printf(x->a, ":%d", number);
	x->d->dir = arena_printf(x->a, "%s/desktop", x->s->state);
	spec_dir(x->s, x->a, (struct host_dir){ x->d->dir, "what the screen's servers keep" });
	spec_mount(x->s, x->a,
		   (struct mount){ .kind = MOUNT_DIR,
				   .dst = X11_DIR,
				   .mode = 01777,
				   .share = "display",
				   .why = why[x->d->server] });
	spec_mount(x->s, x->a,
		   (struct mount){ .kind = MOUNT_COOKIE,
				   .dst = DESKTOP_XAUTHORITY,
				   .text = x->d->name + 1,
				   .share = "display",
				   .why = "what a client of that screen has to know" });
	spec_service(x->s, x->a,
		     (struct service_want){ .service = SERVICE_DISPLAY,
					    .type = SOCK_STREAM,
					    .path = arena_printf(x->a, X11_DIR "/X%d", number),
					    .why = why[x->d->server] });
	set(x, "DISPLAY", x->d->name, why[x->d->server]);
	set(x, "XAUTHORITY", DESKTOP_XAUTHORITY, "what a client of that screen has to know");
}

static void add_wayland(const struct scope *x)
{
	static const char why[] = "windows on your screen, which the compositor keeps apart";

	spec_service(
		x->s, x->a,
		(struct service_want){ .service = SERVICE_WAYLAND,
				       .type = SOCK_STREAM,
				       .path = arena_printf(x->a, "/run/user/%u/" DESKTOP_WAYLAND,
							    (unsigned)x->f->uid),
				       .why = why });
	set(x, "WAYLAND_DISPLAY", DESKTOP_WAYLAND, why);
}

/*
 * The sockets come from the table of shares. The cookie is a copy without the host's name, which is another
 * one inside: by that a client would not find it.
 */
static void add_host(const struct scope *x)
{
	const struct display_host *host = &x->d->host;
	static const char why[] = "your own screen";

	if (host->name)
		set(x, "DISPLAY", host->name, why);
	if (host->name && host->xauthority) {
		spec_mount(x->s, x->a,
			   (struct mount){ .kind = MOUNT_COOKIE,
					   .dst = DESKTOP_XAUTHORITY,
					   .src = host->xauthority,
					   .text = host->name + 1,
					   .share = "xauthority",
					   .why = why });
		set(x, "XAUTHORITY", DESKTOP_XAUTHORITY, why);
	}
	if (host->wayland)
		set(x, "WAYLAND_DISPLAY", desktop_wayland_socket(x->f, x->a), why);
	if (host->name || host->wayland)
		strv_add(x->c->level == LEVEL_COMPAT ? &x->s->details : &x->s->notes,
			 "display: your own screen is shared, so programs inside can read what is "
			 "typed, shown and copied in every window, and type into them; --display "
			 "nested keeps them apart");
}

/* Without a way nothing passes, which is no reason to have no sandbox. */
static void add_clipboard(const struct scope *x)
{
	const struct spec_desktop *d = x->d;
	const char *why = NULL;

	if (x->c->clipboard == CLIPBOARD_NONE)
		return;
	if (d->server == DISPLAY_XEPHYR)
		x->d->clipboard = x->c->clipboard;
	else if (d->server == DISPLAY_XWAYLAND)
		why = "it needs a nested screen of Xephyr (on Debian: sudo apt install "
		      "xserver-xephyr) and an X server of yours that DISPLAY leads to";
	else if (d->display != DISPLAY_HOST)
		why = arena_printf(x->a,
				   "only a nested screen has a clipboard to share, and this one "
				   "is: display %s",
				   display_names[d->display]);
	if (why)
		strv_add(&x->s->notes, arena_printf(x->a, "clipboard %s: nothing is passed; %s",
						    clipboard_names[x->c->clipboard], why));
	else if (d->display == DISPLAY_HOST)
		strv_add(&x->s->notes, "clipboard: your own screen is shared, so all that is "
				       "copied passes both ways, whatever --clipboard says");
}

int spec_add_desktop(const struct config *c, const struct facts *f, struct arena *a, struct spec *s,
		     struct err *e)
{
	const struct scope x = { .c = c, .f = f, .a = a, .s = s, .d = &s->desktop };
	int r = set_size(&x, e);

	find_host(&x);
	if (r == 0)
		r = resolve(&x, e);
	if (r < 0)
		return r;
	add_clipboard(&x);
	if (s->desktop.wayland)
		add_wayland(&x);
	if (s->desktop.program)
		add_server(&x);
	else if (s->desktop.display == DISPLAY_HOST)
		add_host(&x);
	return 0;
}
