/* SPDX-License-Identifier: Apache-2.0 */
/*
 * --tmux: the command runs in a tmux server inside, and each launch is one more client of it. Nothing
 * on the host ever attaches to that server: a client is a session like any other, so what the
 * server says to its clients stays behind the same walls. The settings are system A's, written
 * once into the project's state, where the user may edit them and no sandbox can.
 */
#include <string.h>

#include "base/path.h"
#include "spec/spec.h"

#define CONF_INSIDE "/run/claude-sandbox/tmux.conf"
#define SOCKET_INSIDE "/tmp/tmux-claude-sandbox"
#define HASH_SUFFIX 13 /* "-" and 12 digits at the end of a sandbox's name */

static const char conf_text[] =
	"# Settings of tmux inside the sandbox of this project. Yours to edit.\n"
	"set -g mouse on\n"
	"set -g default-terminal tmux-256color\n"
	"set -g status-style bg=colour16,fg=colour208,bold\n"
	"set -g status-left-style bg=colour166,fg=colour255,bold\n"
	"set -g status-left ' #S '\n"
	"set -g status-left-length 40\n";

/* tmux itself would turn these two into '_'; a name without them is what it says. */
static const char *session_name(const struct spec *s, struct arena *a)
{
	size_t len = strlen(s->name) - HASH_SUFFIX;
	char *name = arena_printf(a, "sandbox_%.*s", (int)len, s->name);

	for (char *c = name; *c; c++)
		if (*c == '.' || *c == ':')
			*c = '_';
	return name;
}

/* A single word would go through a shell: tmux(1), "new-session". */
static void add_command(struct strv *argv, const struct strv *command)
{
	if (command->n == 1)
		strv_add(argv, "/bin/sh", "-c", "exec \"$@\"", "sh");
	strv_addn(argv, command->items, command->n);
}

void spec_add_tmux(struct arena *a, struct spec *s)
{
	const char *conf = path_join(a, s->state, "tmux.conf");
	struct strv argv = STRV_INIT(a);

	spec_file(s, a, (struct host_file){ .path = conf, .text = conf_text });
	spec_mount(s, a,
		   (struct mount){ .kind = MOUNT_RO,
				   .src = conf,
				   .dst = CONF_INSIDE,
				   .share = "tmux",
				   .why = "settings of --tmux" });
	strv_add(&argv, "tmux", "-f", CONF_INSIDE, "-S", SOCKET_INSIDE, "new-session", "-A", "-s",
		 session_name(s, a), "--");
	add_command(&argv, &s->command);
	s->command = argv;
	s->command_why = arena_printf(a, "--tmux, with %s", s->command_why);
}
