/* SPDX-License-Identifier: Apache-2.0 */
/*
 * A row with no .wanted is let in at every level. Rows are as narrow as they can be: nothing is
 * shown and then hidden again.
 */
#include "spec/shares.h"

#include <string.h>

#include "base/auto.h"
#include "base/path.h"
#include "spec/bus.h"
#include "spec/claude.h"
#include "spec/desktop.h"
#include "spec/project.h"
#include "spec/sound.h"
#include "spec/ssh.h"

static bool want_raw_git(const struct config *c)
{
	return c->git_config == GIT_RAW;
}

static bool want_git(const struct config *c)
{
	return c->git_config == GIT_CLEANED;
}

static bool want_ssh_keys(const struct config *c)
{
	return c->ssh_files == SSH_ALL;
}

static bool want_known_hosts(const struct config *c)
{
	return c->ssh_files == SSH_KNOWN_HOSTS || c->ssh_files == SSH_CLEANED;
}

static bool want_raw_agent(const struct config *c)
{
	return c->ssh_agent == AGENT_RAW && !ssh_is_guarded(c);
}

static bool want_gh(const struct config *c)
{
	return c->gh_config;
}

static bool want_nested(const struct config *c)
{
	return c->display == DISPLAY_NESTED || c->display == DISPLAY_WAYLAND ||
	       c->display == DISPLAY_AUTO;
}

static bool want_wayland(const struct config *c)
{
	return c->display == DISPLAY_WAYLAND || c->display == DISPLAY_AUTO;
}

static bool want_host_display(const struct config *c)
{
	return c->display == DISPLAY_HOST;
}

static bool want_clipboard(const struct config *c)
{
	return c->clipboard != CLIPBOARD_NONE && want_nested(c);
}

static bool want_virtual(const struct config *c)
{
	return c->display == DISPLAY_VIRTUAL || c->display == DISPLAY_AUTO;
}

static bool want_gpu(const struct config *c)
{
	return c->gpu && c->backend != BACKEND_CONTAINER; /* spec/contained.c tells why */
}

static bool want_keyring(const struct config *c)
{
	return c->keyring;
}

static bool want_browser(const struct config *c)
{
	return c->browser;
}

static bool want_looks(const struct config *c)
{
	return c->display != DISPLAY_NONE;
}

static bool want_raw_audio(const struct config *c)
{
	return c->audio && c->audio_capture;
}

static bool want_bus(const struct config *c)
{
	return c->dbus;
}

static bool want_nix_daemon(const struct config *c)
{
	return c->nix_daemon;
}

#define SYSTEM(path, text)                                                   \
	{                                                                    \
		.name = path, .group = "system", .source = path, .why = text \
	}
#define ETC(path, text)                                                   \
	{                                                                 \
		.name = path, .group = "etc", .source = path, .why = text \
	}
#define NIX(path, text)                                                   \
	{                                                                 \
		.name = path, .group = "nix", .source = path, .why = text \
	}

#define LOOK(path, text)                                                                \
	{                                                                               \
		.name = path, .group = "desktop", .source = path, .wanted = want_looks, \
		.why = text                                                             \
	}
#define RENDER(number)                                                                    \
	{                                                                                 \
		.name = "gpu", .group = "desktop", .source = "/dev/dri/renderD" number,   \
		.how = SHARE_DEVICE, .wanted = want_gpu,                                  \
		.why = "rendering on the graphics card; no node that sets modes is shown" \
	}

/* clang-format off */
const struct share shares[] = {
	SYSTEM("/usr", "programs and libraries"),
	SYSTEM("/bin", "programs"),
	SYSTEM("/sbin", "programs"),
	SYSTEM("/lib", "libraries"),
	SYSTEM("/lib32", "libraries"),
	SYSTEM("/lib64", "libraries and the dynamic loader"),
	SYSTEM("/libx32", "libraries"),

	ETC("/etc/alternatives", "Debian's choice of awk, vi, cc"),
	ETC("/etc/ld.so.cache", "dynamic loader"),
	ETC("/etc/resolv.conf", "name resolution"),
	ETC("/etc/hosts", "name resolution"),
	ETC("/etc/nsswitch.conf", "name resolution"),
	ETC("/etc/services", "names of ports"),
	ETC("/etc/protocols", "names of protocols"),
	ETC("/etc/ssl/certs", "certificates"),
	ETC("/etc/ssl/openssl.cnf", "OpenSSL"),
	ETC("/etc/pki/tls/certs", "certificates (Fedora)"),
	ETC("/etc/pki/ca-trust", "certificates (Fedora)"),
	ETC("/etc/crypto-policies", "certificates (Fedora)"),
	ETC("/etc/fonts", "fonts"),
	ETC("/etc/localtime", "time zone"),
	ETC("/etc/timezone", "time zone"),
	ETC("/etc/zoneinfo", "time zone (NixOS)"),
	ETC("/etc/locale.conf", "language"),
	ETC("/etc/os-release", "which distribution this is"),
	ETC("/etc/profile", "shells"),
	ETC("/etc/bash.bashrc", "shells"),
	ETC("/etc/inputrc", "shells"),
	ETC("/etc/mime.types", "file types"),
	ETC("/etc/java-17-openjdk", "interpreter"),
	ETC("/etc/chromium.d", "browser: its start script reads it"),
	ETC("/etc/ssh/ssh_config", "ssh client"),
	ETC("/etc/ssh/ssh_known_hosts", "host keys that the administrator trusts"),
	ETC("/etc/nix", "Nix"),
	ETC("/etc/static", "NixOS"),

	NIX("/nix/store", "programs and libraries"),
	NIX("/nix/var/nix/db", "which store paths are valid"),
	NIX("/run/current-system/sw", "NixOS programs"),
	NIX("/run/opengl-driver", "NixOS drivers"),
	{ .name = "nix-daemon", .group = "nix", .source = "/nix/var/nix/daemon-socket", .how = SHARE_RW, .wanted = want_nix_daemon,
	  .why = "builds by the Nix daemon" },

	{ .name = "gitconfig", .group = "git", .source = "$HOME/.gitconfig", .wanted = want_raw_git, .why = "git's configuration as it is" },
	{ .name = "git-config-dir", .group = "git", .source = "$HOME/.config/git", .wanted = want_raw_git, .why = "git's configuration as it is" },
	{ .name = "git-ignore", .group = "git", .source = "$HOME/.config/git/ignore", .wanted = want_git, .why = "names that git ignores" },
	{ .name = "ssh", .group = "ssh", .source = "$HOME/.ssh", .wanted = want_ssh_keys, .why = "ssh configuration, private keys too" },
	{ .name = "known-hosts", .group = "ssh", .source = "$HOME/.ssh/known_hosts", .wanted = want_known_hosts, .why = "host keys that you trust" },
	{ .name = "ssh-agent", .group = "ssh", .source = "$SSH_AUTH_SOCK", .how = SHARE_SOCKET, .wanted = want_raw_agent, .env = "SSH_AUTH_SOCK",
	  .why = "use of every key in your agent" },
	{ .name = "gh", .group = "login", .source = "$HOME/.config/gh", .wanted = want_gh, .why = "GitHub login, token included" },

	{ .name = "display-wayland", .group = "desktop", .source = "$WAYLAND_DISPLAY", .how = SHARE_SERVED, .wanted = want_wayland,
	  .by = "a security context", .why = "windows on your screen, where the compositor keeps them apart from yours" },
	{ .name = "display-nested", .group = "desktop", .source = "$DISPLAY, $WAYLAND_DISPLAY", .how = SHARE_SERVED, .wanted = want_nested,
	  .by = "Xephyr or Xwayland", .why = "a screen of its own in a window of yours" },
	{ .name = "clipboard", .group = "desktop", .source = "CLIPBOARD of $DISPLAY", .how = SHARE_SERVED, .wanted = want_clipboard,
	  .by = "our program clipboard", .why = "text that you copy where the nested screen is in use" },
	{ .name = "display-virtual", .group = "desktop", .source = "no screen of yours", .how = SHARE_SERVED, .wanted = want_virtual,
	  .by = "Xvfb", .why = "a screen of its own that nobody sees, where there is none of yours" },
	{ .name = "x11", .group = "desktop", .source = "$X11_SOCKET", .how = SHARE_SOCKET, .wanted = want_host_display,
	  .why = "your own screen: what is typed, shown and copied in every window" },
	{ .name = "xauthority", .group = "desktop", .source = "$XAUTHORITY", .how = SHARE_SERVED, .wanted = want_host_display,
	  .by = "a copy for any host's name", .why = "the key to your own screen" },
	{ .name = "wayland", .group = "desktop", .source = "$WAYLAND_SOCKET", .how = SHARE_SOCKET, .wanted = want_host_display,
	  .why = "your own screen" },
	{ .name = "pipewire", .group = "desktop", .source = "$XDG_RUNTIME_DIR/pipewire-0", .how = SHARE_SOCKET, .wanted = want_raw_audio,
	  .why = "sound, the microphone and cameras included" },
	{ .name = "sound", .group = "desktop", .source = "$PULSE_SOCKET", .how = SHARE_SERVED, .wanted = sound_is_filtered,
	  .by = "our filter", .why = "playing on your speakers; nothing is recorded" },
	{ .name = "pulse", .group = "desktop", .source = "$PULSE_SOCKET", .how = SHARE_SOCKET, .wanted = want_raw_audio,
	  .why = "sound, the microphone included" },
	{ .name = "bus", .group = "desktop", .source = "$DBUS_SESSION_BUS_ADDRESS", .how = SHARE_SERVED, .wanted = want_bus,
	  .by = "a bus of its own", .why = "notifications; secrets and web pages where you ask for them: see docs/desktop.md" },
	{ .name = "keyring", .group = "desktop", .source = "$XDG_RUNTIME_DIR/keyring", .wanted = want_keyring,
	  .why = "control sockets of the keyring daemon" },
	RENDER("128"), RENDER("129"), RENDER("130"), RENDER("131"),
	{ .name = "gpu-sysfs", .group = "desktop", .source = "/sys/dev/char", .wanted = want_gpu, .beside = "/dev/dri",
	   .why = "tells drivers which card a node is" },
	{ .name = "gpu-devices", .group = "desktop", .source = "/sys/devices", .wanted = want_gpu, .beside = "/dev/dri",
	   .why = "the same" },
	{ .name = "browser", .group = "desktop", .source = "/opt/google/chrome", .wanted = want_browser,
	  .why = "Google Chrome, where there is no Chromium in the system's own places" },
	LOOK("$HOME/.fonts", "fonts"), LOOK("$HOME/.config/fontconfig", "fonts"),
	LOOK("$HOME/.icons", "cursors and icons"), LOOK("$HOME/.themes", "themes"),
	LOOK("$HOME/.config/gtk-3.0/settings.ini", "themes"), LOOK("$HOME/.config/gtk-4.0/settings.ini", "themes"),
	{ .name = NULL },
};
/* clang-format on */

const char *share_expand(const char *source, const struct facts *f, struct arena *a)
{
	const char *slash = strchr(source, '/');
	const char *value;
	char *name;

	if (source[0] != '$')
		return source;
	if (strcmp(source, "$X11_SOCKET") == 0)
		return desktop_x11_socket(f, a);
	if (strcmp(source, "$WAYLAND_SOCKET") == 0)
		return desktop_wayland_socket(f, a);
	if (strcmp(source, "$PULSE_SOCKET") == 0)
		return sound_socket(f, a);
	name = slash ? arena_strndup(a, source + 1, (size_t)(slash - source - 1))
		     : arena_strdup(a, source + 1);
	value = strcmp(name, "HOME") == 0 ? f->home : env_get(&f->env, name);
	if (!value || value[0] != '/')
		return NULL;
	return path_clean(a, arena_printf(a, "%s%s", value, slash ? slash : ""));
}

/* The interpreter that an agent written in JavaScript was installed with (nvm and the like). */
const char *shares_node(const struct facts *f, struct arena *a)
{
	const char *lib = f->agent.real ? strstr(f->agent.real, "/lib/node_modules/") : NULL;

	if (!lib)
		return NULL;
	return arena_printf(a, "%.*s/bin/node", (int)(lib - f->agent.real), f->agent.real);
}

const char *const shares_lfs[] = { "/usr/local/bin/git-lfs", "/usr/bin/git-lfs",
				   "/run/current-system/sw/bin/git-lfs", NULL };

void shares_paths(const struct config *c, const struct facts *f, struct arena *a, struct strv *ret)
{
	static const char *const always[] = {
		"/usr/local/bin", "/usr/local/sbin", "/usr/bin",   "/usr/sbin",      "/bin/bash",
		"/bin/sh",        "/usr/bin/env",    "/proc/keys", "/proc/key-users"
	};
	const char *node = shares_node(f, a);

	strv_addn(ret, always, N_ELEMENTS(always));
	for (const struct share *s = shares; s->name; s++) {
		const char *path = s->how != SHARE_SERVED && (!s->wanted || s->wanted(c))
					   ? share_expand(s->source, f, a)
					   : NULL;

		if (path)
			strv_add(ret, path);
		if (path && s->beside)
			strv_add(ret, s->beside);
	}
	desktop_paths(c, f, a, ret);
	sound_paths(c, f, a, ret);
	bus_paths(c, f, a, ret);
	if (c->browser)
		strv_add(ret, PROC_SYS);
	if (node)
		strv_add(ret, node);
	for (size_t i = 0; f->uid == 0 && root_proc[i]; i++)
		strv_add(ret, root_proc[i]);
	for (size_t i = 0; (f->gitconfig || f->gitconfig_xdg) && shares_lfs[i]; i++)
		strv_add(ret, shares_lfs[i]);
	claude_paths(f, a, ret);
	project_paths(f, a, ret);
	ssh_paths(c, f, a, ret);
	for (size_t i = 0; i < c->extra_bind.n; i++)
		strv_add(ret, path_expand_home(a, f->home, c->extra_bind.items[i]));
	for (size_t i = 0; i < c->untrusted_projects.n; i++)
		strv_add(ret, path_expand_home(a, f->home, c->untrusted_projects.items[i]));
	for (size_t i = 0; i < c->extra_ro_binds.n; i++)
		strv_add(ret, path_expand_home(a, f->home, c->extra_ro_binds.items[i]));
	for (size_t i = 0; i < c->extra_path.n; i++)
		strv_add(ret, path_expand_home(a, f->home, c->extra_path.items[i]));
}

static const char *how_text(const struct share *s, struct arena *a)
{
	switch (s->how) {
	case SHARE_RO:
		return "read-only";
	case SHARE_RW:
		return "writable";
	case SHARE_SOCKET:
		return "socket";
	case SHARE_DEVICE:
		return "device";
	case SHARE_SERVED:
		return arena_printf(a, "through %s", s->by);
	}
	return "";
}

void shares_markdown(struct arena *a, struct buf *b)
{
	static const unsigned order[] = { LEVEL_COMPAT, LEVEL_DEFAULT, LEVEL_STRICT };
	struct config levels[N_LEVELS];

	for (unsigned l = 0; l < N_LEVELS; l++)
		config_of_level(l, a, &levels[l]);
	buf_puts(b, "| what | compat | default | strict | why |\n|---|---|---|---|---|\n");
	for (const struct share *s = shares; s->name; s++) {
		buf_addf(b, "| `%s` |", s->source);
		for (size_t i = 0; i < N_ELEMENTS(order); i++)
			buf_addf(b, " %s |",
				 !s->wanted || s->wanted(&levels[order[i]]) ? how_text(s, a) : "-");
		buf_addf(b, " %s |\n", s->why);
	}
}
