/* SPDX-License-Identifier: Apache-2.0 */
/* Cells are bubblewrap's whatever the backend is: they hold programs of the host, not the sandbox. */
#include "plan/cell.h"

#include <string.h>

#include "base/auto.h"
#include "spec/facts.h"

#define COOKIE "/cookie"
#define HOST_COOKIE "/host-cookie"
#define WAYLAND "/wayland"
#define OWN_PROGRAM "/program"
#define SOUND_SERVER "/sound-server"

/* How long a nested window stays after its last program has gone, in seconds: another may follow. */
#define LINGER "2"

static const char *const head[] = {
	"--unshare-user",
	"--unshare-ipc",
	"--unshare-pid",
	"--unshare-uts",
	"--unshare-cgroup",
	"--disable-userns",
	"--as-pid-1",
	"--die-with-parent",
	"--new-session",
	"--cap-drop",
	"ALL",
	"--clearenv",
	"--chdir",
	"/",
};

/* By the share it came from: programs, libraries, and how the loader finds them. */
static bool is_system(const struct mount *m)
{
	static const char *const shares[] = { "/usr",
					      "/bin",
					      "/sbin",
					      "/lib",
					      "/lib32",
					      "/lib64",
					      "/libx32",
					      "/etc/ld.so.cache",
					      "/etc/alternatives",
					      "/nix/store" };

	for (size_t i = 0; m->share && i < N_ELEMENTS(shares); i++)
		if (strcmp(m->share, shares[i]) == 0)
			return true;
	return false;
}

static void add_system(const struct spec *s, struct strv *argv)
{
	for (size_t i = 0; i < s->n_mounts; i++)
		if (is_system(&s->mounts[i]))
			strv_add(argv,
				 s->mounts[i].kind == MOUNT_SYMLINK ? "--symlink" : "--ro-bind",
				 s->mounts[i].src, s->mounts[i].dst);
}

static void set(struct strv *argv, const char *name, const char *value)
{
	strv_add(argv, "--setenv", name, value);
}

void cell_begin(const struct spec *s, const struct facts *f, bool has_network, struct arena *a,
		struct strv *ret)
{
	strv_add(ret, f->bwrap);
	strv_addn(ret, head, N_ELEMENTS(head));
	if (!has_network)
		strv_add(ret, "--unshare-net");
	strv_add(ret, "--seccomp", arena_printf(a, "%d", CELL_FILTER_FD));
	add_system(s, ret);
	strv_add(ret, "--dev", "/dev", "--perms", "1777", "--tmpfs", "/tmp");
	set(ret, "PATH", "/usr/bin:/bin");
}

static void add_host_wayland(const struct spec_desktop *d, struct strv *ret)
{
	strv_add(ret, "--ro-bind", d->host.wayland, WAYLAND);
	set(ret, "WAYLAND_DISPLAY", WAYLAND);
	set(ret, "XDG_RUNTIME_DIR", "/tmp");
}

static void add_host_x11(const struct spec_desktop *d, struct arena *a, struct strv *ret)
{
	strv_add(ret, "--ro-bind", d->host.socket,
		 arena_printf(a, "/tmp/.X11-unix/X%s", d->host.name + 1));
	set(ret, "DISPLAY", d->host.name);
	if (d->host.xauthority) {
		strv_add(ret, "--ro-bind", d->host.xauthority, HOST_COOKIE);
		set(ret, "XAUTHORITY", HOST_COOKIE);
	}
}

/* What the user reads in the frame of the window: no name that the project chose may say otherwise. */
static const char *title(const struct spec *s, struct arena *a)
{
	return arena_printf(a, "[claude-sandbox] %s", s->name);
}

/* In WM_CLASS of the window, which no page and no program inside can choose: by this the clipboard knows it. */
static const char *window_name(const struct spec *s, struct arena *a)
{
	return arena_printf(a, "claude-sandbox.%s", s->name);
}

/*
 * -nolisten: the sockets are those it is given, and no other. -extension MIT-SHM: clients are in another
 * ipc namespace, where the segments they offer do not exist, and some of them take that badly. -shm: the
 * compositor gets its pictures in memory, since there is no graphics card in a cell. Xwayland's window is as
 * large as the compositor's screen; versions that could be told a size have no way to say so before they start.
 */
static void add_x_server(const struct spec *s, struct arena *a, struct strv *ret)
{
	static const char *const alone[] = { "-auth",     COOKIE,       "-nolisten", "tcp",
					     "-nolisten", "unix",       "-nolisten", "local",
					     "-noreset",  "-extension", "MIT-SHM" };
	const struct spec_desktop *d = &s->desktop;

	strv_add(ret, "--", d->program, d->name);
	switch (d->server) {
	case DISPLAY_SERVER_NONE:
		return;
	case DISPLAY_XVFB:
		strv_addn(ret, alone, N_ELEMENTS(alone));
		strv_add(ret, "-screen", "0", arena_printf(a, "%sx24", d->size));
		return;
	case DISPLAY_XEPHYR:
		strv_addn(ret, alone, N_ELEMENTS(alone));
		strv_add(ret, "-screen", d->size, "-resizeable", "-title", title(s, a));
		strv_add(ret, "-name", window_name(s, a), "-terminate", LINGER);
		return;
	case DISPLAY_XWAYLAND:
		strv_addn(ret, alone, N_ELEMENTS(alone));
		strv_add(ret, "-listenfd", arena_printf(a, "%d", CELL_LISTEN_FD));
		strv_add(ret, "-listenfd", arena_printf(a, "%d", CELL_WAY_FD));
		strv_add(ret, "-terminate", LINGER, "-shm");
		return;
	}
}

void cell_display(const struct spec *s, const struct facts *f, struct arena *a, struct strv *ret)
{
	const struct spec_desktop *d = &s->desktop;

	*ret = STRV_INIT(a);
	if (!d->program)
		return;
	cell_begin(s, f, false, a, ret);
	strv_add(ret, "--file", arena_printf(a, "%d", CELL_COOKIE_FD), COOKIE);
	/* Xwayland is told by an option of its own, and Xvfb by systemd's way. */
	if (d->server != DISPLAY_XWAYLAND) {
		set(ret, "LISTEN_FDS", "2");
		set(ret, "LISTEN_PID", "1");
	}
	if (d->server == DISPLAY_XWAYLAND)
		add_host_wayland(d, ret);
	else if (d->server == DISPLAY_XEPHYR)
		add_host_x11(d, a, ret);
	add_x_server(s, a, ret);
}

void cell_wayland(const struct spec *s, const struct facts *f, struct arena *a, struct strv *ret)
{
	const struct spec_desktop *d = &s->desktop;

	*ret = STRV_INIT(a);
	if (!d->wayland)
		return;
	cell_begin(s, f, false, a, ret);
	strv_add(ret, "--ro-bind", d->wayland, OWN_PROGRAM);
	add_host_wayland(d, ret);
	strv_add(ret, "--", OWN_PROGRAM, "serve", s->name);
}

void cell_clipboard(const struct spec *s, const struct facts *f, struct arena *a, struct strv *ret)
{
	const struct spec_desktop *d = &s->desktop;

	*ret = STRV_INIT(a);
	if (d->clipboard == CLIPBOARD_NONE)
		return;
	cell_begin(s, f, false, a, ret);
	add_host_x11(d, a, ret);
	strv_add(ret, "--ro-bind", f->clipboard, OWN_PROGRAM, "--", OWN_PROGRAM,
		 clipboard_names[d->clipboard], window_name(s, a));
}

void cell_sound(const struct spec *s, const struct facts *f, struct arena *a, struct strv *ret)
{
	*ret = STRV_INIT(a);
	if (!s->sound.server)
		return;
	cell_begin(s, f, false, a, ret);
	strv_add(ret, "--ro-bind", f->sound, OWN_PROGRAM, "--ro-bind", s->sound.server,
		 SOUND_SERVER);
	if (s->sound.cookie)
		strv_add(ret, "--ro-bind", s->sound.cookie, HOST_COOKIE);
	strv_add(ret, "--", OWN_PROGRAM, SOUND_SERVER);
	if (s->sound.cookie)
		strv_add(ret, HOST_COOKIE);
}
