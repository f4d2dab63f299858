/* SPDX-License-Identifier: Apache-2.0 */
/*
 * The protocol's description came with wayland-protocols 1.32, and Debian 12 has 1.31. So what wayland-scanner makes of
 * such a file stands here by hand: requests in their order, and the types of their arguments in libwayland's
 * letters (n: a new object, h: a descriptor, s: a string).
 */
#include "wayland/context.h"

#include <errno.h>
#include <fcntl.h>
#include <string.h>
#include <unistd.h>
#include <wayland-client.h>

#include "base/auto.h"

/* In reverse-DNS style, as the protocol recommends: what rules of a compositor can be written for. */
#define ENGINE "org.claude-sandbox"

#define VERSION 1

/* Requests are numbered as they stand in the tables below. */
enum manager_request { MANAGER_DESTROY, MANAGER_CREATE_LISTENER, N_MANAGER_REQUESTS };

enum context_request {
	CONTEXT_DESTROY,
	CONTEXT_SET_SANDBOX_ENGINE,
	CONTEXT_SET_APP_ID,
	CONTEXT_SET_INSTANCE_ID,
	CONTEXT_COMMIT,
	N_CONTEXT_REQUESTS
};

static const struct wl_interface context_interface;

/* Of objects among the arguments; not const, since libwayland's struct does not say so. */
static const struct wl_interface *no_types[] = { NULL };
static const struct wl_interface *listener_types[] = { &context_interface, NULL, NULL };

static const struct wl_message context_requests[] = {
	[CONTEXT_DESTROY] = { "destroy", "", no_types },
	[CONTEXT_SET_SANDBOX_ENGINE] = { "set_sandbox_engine", "s", no_types },
	[CONTEXT_SET_APP_ID] = { "set_app_id", "s", no_types },
	[CONTEXT_SET_INSTANCE_ID] = { "set_instance_id", "s", no_types },
	[CONTEXT_COMMIT] = { "commit", "", no_types },
};

static const struct wl_interface context_interface = {
	.name = "wp_security_context_v1",
	.version = VERSION,
	.method_count = N_CONTEXT_REQUESTS,
	.methods = context_requests,
};

static const struct wl_message manager_requests[] = {
	[MANAGER_DESTROY] = { "destroy", "", no_types },
	[MANAGER_CREATE_LISTENER] = { "create_listener", "nhh", listener_types },
};

static const struct wl_interface manager_interface = {
	.name = "wp_security_context_manager_v1",
	.version = VERSION,
	.method_count = N_MANAGER_REQUESTS,
	.methods = manager_requests,
};

static void global_came(void *data, struct wl_registry *registry, uint32_t name,
			const char *interface, uint32_t version)
{
	struct context *c = data;

	(void)version; /* the first one is all we need */
	if (!c->manager && strcmp(interface, manager_interface.name) == 0)
		c->manager = wl_registry_bind(registry, name, &manager_interface, VERSION);
}

static void global_went(void *data, struct wl_registry *registry, uint32_t name)
{
	(void)data;
	(void)registry;
	(void)name;
}

static const struct wl_registry_listener registry_listener = { .global = global_came,
							       .global_remove = global_went };

/* What libwayland has to say about a connection that has failed. */
static int fail(const struct context *c, const char *what, struct err *e)
{
	const struct wl_interface *interface = NULL;
	uint32_t id;
	uint32_t code;
	int error = wl_display_get_error(c->display);

	if (error != EPROTO)
		return err_set(e, error ? error : EPIPE, "%s: %s", what,
			       strerrordesc_np(error ? error : EPIPE));
	code = wl_display_get_protocol_error(c->display, &interface, &id);
	return err_set(e, EPROTO, "%s: the compositor refused it, with error %u of %s", what, code,
		       interface ? interface->name : "an object unknown to us");
}

int context_connect(struct context *ret, struct err *e)
{
	struct wl_registry *registry;

	*ret = CONTEXT_NONE;
	ret->display = wl_display_connect(NULL);
	if (!ret->display)
		return err_sys(e, "cannot reach your compositor");
	registry = wl_display_get_registry(ret->display);
	if (!registry)
		return err_sys(e, "cannot ask your compositor");
	if (wl_registry_add_listener(registry, &registry_listener, ret) < 0 ||
	    wl_display_roundtrip(ret->display) < 0)
		return fail(ret, "your compositor does not answer", e);
	wl_registry_destroy(registry);
	if (!ret->manager)
		return err_set(e, ENOTSUP,
			       "your compositor does not keep sandboxes apart (it has no "
			       "wp_security_context_manager_v1)");
	return 0;
}

static void say(struct wl_proxy *context, enum context_request request, const char *text)
{
	(void)wl_proxy_marshal_flags(context, request, NULL, VERSION, 0, text);
}

int context_hand_over(struct context *c, int listen, const char *name, struct err *e)
{
	struct wl_proxy *context;
	auto_fd int theirs = -1;
	int pair[2];

	if (pipe2(pair, O_CLOEXEC) < 0)
		return err_sys(e, "make a pipe");
	theirs = pair[0];
	c->open = pair[1];
	context = wl_proxy_marshal_flags(c->manager, MANAGER_CREATE_LISTENER, &context_interface,
					 VERSION, 0, NULL, listen, theirs);
	if (!context)
		return err_sys(e, "make a security context");
	say(context, CONTEXT_SET_SANDBOX_ENGINE, ENGINE);
	say(context, CONTEXT_SET_APP_ID, name);
	say(context, CONTEXT_SET_INSTANCE_ID, name);
	(void)wl_proxy_marshal_flags(context, CONTEXT_COMMIT, NULL, VERSION, 0);
	(void)wl_proxy_marshal_flags(context, CONTEXT_DESTROY, NULL, VERSION,
				     WL_MARSHAL_FLAG_DESTROY);
	/* Errors come as an answer to whatever is asked next. */
	return wl_display_roundtrip(c->display) < 0 ? fail(c, "make a security context", e) : 0;
}

int context_keep(struct context *c, struct err *e)
{
	while (wl_display_dispatch(c->display) >= 0)
		;
	return fail(c, "your compositor has ended", e);
}

void context_close(struct context *c)
{
	if (c->manager)
		wl_proxy_destroy(c->manager);
	if (c->display)
		wl_display_disconnect(c->display);
	close_fd(&c->open);
	*c = CONTEXT_NONE;
}
