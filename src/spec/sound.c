/* SPDX-License-Identifier: Apache-2.0 */
#include "spec/sound.h"

#include <string.h>
#include <sys/socket.h>

#include "base/auto.h"
#include "base/path.h"
#include "spec/facts.h"
#include "spec/spec.h"

#define COOKIE_INSIDE "/run/claude-sandbox/pulse-cookie"

#define N_COOKIES 3

/* What the parts of this file work on. */
struct scope {
	const struct config *c;
	const struct facts *f;
	struct arena *a;
	struct spec *s;
};

bool sound_is_filtered(const struct config *c)
{
	return c->audio && !c->audio_capture;
}

/* "unix:/run/pulse" and "/run/pulse"; a list, another machine's, and what begins with a host's name are not for us. */
static const char *named_socket(const char *server, struct arena *a)
{
	const char *path =
		strncmp(server, "unix:", strlen("unix:")) == 0 ? server + strlen("unix:") : server;

	return path[0] == '/' && !strpbrk(path, " \t\n") ? path_clean(a, path) : NULL;
}

static const char *below(const struct facts *f, struct arena *a, const char *variable,
			 const char *name)
{
	const char *dir = env_get(&f->env, variable);

	return dir && dir[0] == '/' ? path_clean(a, path_join(a, dir, name)) : NULL;
}

const char *sound_socket(const struct facts *f, struct arena *a)
{
	const char *server = env_get(&f->env, "PULSE_SERVER");
	const char *path;

	if (server && server[0])
		return named_socket(server, a);
	path = below(f, a, "PULSE_RUNTIME_PATH", "native");
	return path ? path : below(f, a, "XDG_RUNTIME_DIR", "pulse/native");
}

/* In the order that clients look; a name may be NULL. */
static void cookies(const struct facts *f, struct arena *a, const char *ret[static N_COOKIES])
{
	const char *asked = env_get(&f->env, "PULSE_COOKIE");
	const char *config = below(f, a, "XDG_CONFIG_HOME", "pulse/cookie");

	ret[0] = asked && asked[0] == '/' ? path_clean(a, asked) : NULL;
	ret[1] = config ? config : path_join(a, f->home, ".config/pulse/cookie");
	ret[2] = path_join(a, f->home, ".pulse-cookie");
}

void sound_paths(const struct config *c, const struct facts *f, struct arena *a, struct strv *ret)
{
	const char *places[N_COOKIES + 1];

	cookies(f, a, places);
	places[N_COOKIES] = sound_socket(f, a);
	for (size_t i = 0; c->audio && i < N_ELEMENTS(places); i++)
		if (places[i])
			strv_add(ret, places[i]);
}

static const char *find_cookie(const struct scope *x)
{
	const char *places[N_COOKIES];

	cookies(x->f, x->a, places);
	for (size_t i = 0; i < N_COOKIES; i++)
		if (places[i] && facts_path(x->f, places[i])->kind == PATH_FILE)
			return facts_path(x->f, places[i])->real;
	return NULL;
}

static void set(const struct scope *x, const char *name, const char *value, const char *why)
{
	spec_env(x->s, x->a, (struct env_var){ .name = name, .value = value, .why = why });
}

static void add_filter(const struct scope *x, const char *server)
{
	static const char why[] = "playing on your speakers; nothing is recorded";
	const char *dir = arena_printf(x->a, "/run/user/%u/pulse", x->f->uid);
	const char *inside = path_join(x->a, dir, "native");

	x->s->sound = (struct spec_sound){ .server = server, .cookie = find_cookie(x) };
	spec_mount(x->s, x->a,
		   (struct mount){ .kind = MOUNT_DIR,
				   .dst = dir,
				   .mode = 0700,
				   .share = "sound",
				   .why = why });
	spec_service(x->s, x->a,
		     (struct service_want){ .service = SERVICE_SOUND,
					    .type = SOCK_STREAM,
					    .path = inside,
					    .why = why });
	set(x, "PULSE_SERVER", arena_printf(x->a, "unix:%s", inside), why);
}

/* The server knows its own user by the number, and a container's is another. */
static void add_cookie(const struct scope *x)
{
	static const char why[] = "lets the programs of a container be heard by your sound server";
	const char *cookie = find_cookie(x);

	if (!cookie)
		return;
	spec_mount(x->s, x->a,
		   (struct mount){ .kind = MOUNT_COPY,
				   .src = cookie,
				   .dst = COOKIE_INSIDE,
				   .mode = 0400,
				   .share = "sound",
				   .why = why });
	set(x, "PULSE_COOKIE", COOKIE_INSIDE, why);
}

/* The mounts come from the table of shares. */
static void add_host(const struct scope *x, const char *server)
{
	static const char why[] = "your own sound server";
	const char *runtime = env_get(&x->f->env, "XDG_RUNTIME_DIR");
	const char *pipewire = below(x->f, x->a, "XDG_RUNTIME_DIR", "pipewire-0");
	bool has_pipewire = pipewire && facts_path(x->f, pipewire)->kind == PATH_SOCKET;

	if (server)
		set(x, "PULSE_SERVER", arena_printf(x->a, "unix:%s", sound_socket(x->f, x->a)),
		    why);
	if (server && x->c->backend == BACKEND_CONTAINER)
		add_cookie(x);
	if (has_pipewire)
		set(x, "PIPEWIRE_RUNTIME_DIR", runtime, why);
	if (server || has_pipewire)
		strv_add(x->c->level == LEVEL_COMPAT ? &x->s->details : &x->s->notes,
			 "sound: your own sound server is shared, so programs inside can record "
			 "what the microphone hears and what other programs play, and load "
			 "modules into it; audio_capture false lets them play only");
}

void spec_add_sound(const struct config *c, const struct facts *f, struct arena *a, struct spec *s)
{
	const struct scope x = { .c = c, .f = f, .a = a, .s = s };
	const struct path_fact *socket = facts_path(f, sound_socket(f, a));
	const char *server = socket->kind == PATH_SOCKET ? socket->real : NULL;

	if (c->audio && c->audio_capture)
		add_host(&x, server);
	else if (c->audio && server)
		add_filter(&x, server);
	else if (c->audio)
		strv_add(&s->details,
			 "sound: none, since there is no socket of a sound server that speaks "
			 "PulseAudio's protocol: neither PULSE_SERVER nor XDG_RUNTIME_DIR leads to "
			 "one");
}
