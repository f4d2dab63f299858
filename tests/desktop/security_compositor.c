/* SPDX-License-Identifier: Apache-2.0 */
/*
 * A stand-in for a compositor with the protocol security-context-v1, which none of Debian 12 has (wlroots 0.15,
 * weston 10). It shows nothing: what it is true to is who may see which global. As wlroots 0.17 and later do it,
 * clients of a security context see none of the privileged ones, nor the protocol itself.
 *
 *     security_compositor SOCKET      in $XDG_RUNTIME_DIR; until it is killed
 *
 * What happens is told on stdout, a line each: "ready", "context ENGINE APP INSTANCE", "client of INSTANCE",
 * "client gone of INSTANCE", "closed INSTANCE".
 */
#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <unistd.h>
#include <wayland-server.h>

#define TEXT_MAX 200

/* A listening socket that was handed over. */
struct context {
	struct wl_display *display;
	char engine[TEXT_MAX], app[TEXT_MAX], instance[TEXT_MAX];
	int listen, close;
	struct wl_event_source *on_listen, *on_close;
};

struct sandboxed {
	struct wl_listener gone; /* first: it is also how a client is told from others */
	char instance[TEXT_MAX];
};

static const struct wl_interface context_interface;
static const struct wl_interface *no_types[] = { NULL };
static const struct wl_interface *listener_types[] = { &context_interface, NULL, NULL };

static const struct wl_message context_requests[] = {
	{ "destroy", "", no_types },     { "set_sandbox_engine", "s", no_types },
	{ "set_app_id", "s", no_types }, { "set_instance_id", "s", no_types },
	{ "commit", "", no_types },
};
static const struct wl_interface context_interface = { "wp_security_context_v1", 1, 5,
						       context_requests,         0, NULL };
static const struct wl_message manager_requests[] = {
	{ "destroy", "", no_types },
	{ "create_listener", "nhh", listener_types },
};
static const struct wl_interface manager_interface = {
	"wp_security_context_manager_v1", 1, 2, manager_requests, 0, NULL
};

/* Their names are all that is asked for. Not const, since libwayland hands them on to name_bind() as they are. */
static struct wl_interface ordinary[] = {
	{ "wl_compositor", 4, 0, NULL, 0, NULL },
	{ "wl_subcompositor", 1, 0, NULL, 0, NULL },
	{ "xdg_wm_base", 2, 0, NULL, 0, NULL },
};
static struct wl_interface privileged[] = {
	{ "zwlr_screencopy_manager_v1", 3, 0, NULL, 0, NULL },
	{ "zwlr_export_dmabuf_manager_v1", 1, 0, NULL, 0, NULL },
	{ "zwp_virtual_keyboard_manager_v1", 1, 0, NULL, 0, NULL },
	{ "zwlr_virtual_pointer_manager_v1", 2, 0, NULL, 0, NULL },
	{ "zwlr_data_control_manager_v1", 2, 0, NULL, 0, NULL },
	{ "zwlr_layer_shell_v1", 4, 0, NULL, 0, NULL },
	{ "zwp_input_method_manager_v2", 1, 0, NULL, 0, NULL },
	{ "zwlr_foreign_toplevel_manager_v1", 3, 0, NULL, 0, NULL },
};

#define N_ELEMENTS(a) (sizeof(a) / sizeof((a)[0]))

static void say(const char *what, const char *instance)
{
	(void)printf("%s %s\n", what, instance);
}

static void client_gone(struct wl_listener *listener, void *data)
{
	struct sandboxed *s = (struct sandboxed *)(void *)listener;

	(void)data;
	say("client gone of", s->instance);
	free(s);
}

static int client_calls(int fd, uint32_t mask, void *data)
{
	struct context *c = data;
	struct sandboxed *s = calloc(1, sizeof(*s));
	int accepted = accept4(fd, NULL, NULL, SOCK_CLOEXEC);
	struct wl_client *client = accepted < 0 ? NULL : wl_client_create(c->display, accepted);

	(void)mask;
	if (!s || !client) {
		free(s);
		return 0;
	}
	memcpy(s->instance, c->instance, sizeof(s->instance));
	s->gone.notify = client_gone;
	wl_client_add_destroy_listener(client, &s->gone);
	say("client of", s->instance);
	return 0;
}

static int maker_gone(int fd, uint32_t mask, void *data)
{
	struct context *c = data;

	(void)fd;
	(void)mask;
	say("closed", c->instance);
	wl_event_source_remove(c->on_listen);
	wl_event_source_remove(c->on_close);
	(void)close(c->listen);
	(void)close(c->close);
	free(c);
	return 0;
}

static void context_set(struct wl_resource *resource, char *field, const char *text)
{
	if (field[0] || !text[0] || strlen(text) >= TEXT_MAX)
		wl_resource_post_error(resource, 2, "set twice, or no text");
	else
		memcpy(field, text, strlen(text) + 1);
}

static void context_commit(struct wl_resource *resource)
{
	struct context *c = wl_resource_get_user_data(resource);
	struct wl_event_loop *loop = wl_display_get_event_loop(c->display);

	(void)printf("context %s %s %s\n", c->engine, c->app, c->instance);
	c->on_listen = wl_event_loop_add_fd(loop, c->listen, WL_EVENT_READABLE, client_calls, c);
	c->on_close = wl_event_loop_add_fd(loop, c->close, 0, maker_gone,
					   c); /* a hangup is always told */
}

static int context_request(const void *data, void *target, uint32_t opcode,
			   const struct wl_message *message, union wl_argument *args)
{
	struct wl_resource *resource = target;
	struct context *c = wl_resource_get_user_data(resource);

	(void)data;
	(void)message;
	if (opcode == 0)
		wl_resource_destroy(resource);
	else if (c->on_listen)
		wl_resource_post_error(resource, 1, "used already");
	else if (opcode == 1)
		context_set(resource, c->engine, args[0].s);
	else if (opcode == 2)
		context_set(resource, c->app, args[0].s);
	else if (opcode == 3)
		context_set(resource, c->instance, args[0].s);
	else
		context_commit(resource);
	return 0;
}

static int manager_request(const void *data, void *target, uint32_t opcode,
			   const struct wl_message *message, union wl_argument *args)
{
	struct wl_resource *resource = target;
	struct wl_client *client = wl_resource_get_client(resource);
	int listens = 0;
	socklen_t size = sizeof(listens);
	struct context *c;

	(void)message;
	if (opcode == 0) {
		wl_resource_destroy(resource);
		return 0;
	}
	if (getsockopt(args[1].h, SOL_SOCKET, SO_ACCEPTCONN, &listens, &size) < 0 || !listens) {
		wl_resource_post_error(resource, 1, "this socket does not listen");
		return 0;
	}
	c = calloc(1, sizeof(*c));
	if (!c)
		return 0;
	c->display = wl_client_get_display(client);
	c->listen = args[1].h;
	c->close = args[2].h;
	wl_resource_set_dispatcher(wl_resource_create(client, &context_interface, 1, args[0].n),
				   context_request, data, c, NULL);
	return 0;
}

static void manager_bind(struct wl_client *client, void *data, uint32_t version, uint32_t id)
{
	wl_resource_set_dispatcher(wl_resource_create(client, &manager_interface, (int)version, id),
				   manager_request, data, NULL, NULL);
}

static int ignore_request(const void *data, void *target, uint32_t opcode,
			  const struct wl_message *message, union wl_argument *args)
{
	(void)data;
	(void)target;
	(void)opcode;
	(void)message;
	(void)args;
	return 0;
}

static void name_bind(struct wl_client *client, void *data, uint32_t version, uint32_t id)
{
	wl_resource_set_dispatcher(wl_resource_create(client, data, (int)version, id),
				   ignore_request, data, NULL, NULL);
}

static bool is_visible(const struct wl_client *client, const struct wl_global *global, void *data)
{
	const char *name = wl_global_get_interface(global)->name;

	(void)data;
	/* NOLINTNEXTLINE(performance-no-int-to-ptr): libwayland's getter takes no const. */
	if (!wl_client_get_destroy_listener((struct wl_client *)(uintptr_t)client, client_gone))
		return true;
	for (size_t i = 0; i < N_ELEMENTS(privileged); i++)
		if (strcmp(name, privileged[i].name) == 0)
			return false;
	return strcmp(name, manager_interface.name) != 0;
}

static void add_name(struct wl_display *display, struct wl_interface *interface)
{
	(void)wl_global_create(display, interface, interface->version, interface, name_bind);
}

int main(int argc, char *argv[])
{
	struct wl_display *display = wl_display_create();

	(void)setvbuf(stdout, NULL, _IOLBF, 0);
	if (argc != 2 || !display || wl_display_add_socket(display, argv[1]) < 0)
		return 1;
	wl_display_set_global_filter(display, is_visible, NULL);
	(void)wl_display_init_shm(display);
	for (size_t i = 0; i < N_ELEMENTS(ordinary); i++)
		add_name(display, &ordinary[i]);
	for (size_t i = 0; i < N_ELEMENTS(privileged); i++)
		add_name(display, &privileged[i]);
	(void)wl_global_create(display, &manager_interface, 1, NULL, manager_bind);
	(void)printf("ready\n");
	wl_display_run(display);
	return 0;
}
