/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Whether the compositor keeps sandboxes apart. Only it can tell, and only in its own protocol; so our program
 * that will need the answer asks, before the sandbox is promised anything.
 */
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "base/auto.h"
#include "base/buf.h"
#include "base/path.h"
#include "base/proc.h"
#include "host/probe_parts.h"
#include "spec/desktop.h"

/* One that does not answer would show no window either. */
#define ANSWER_MS 1000
#define WORDS_MAX ((size_t)1024)

static const char *own_program(const struct facts *f, struct arena *a)
{
	const char *dir = f->exe ? path_parent(a, f->exe) : NULL;
	const char *path = dir ? path_join(a, dir, "../libexec/claude-sandbox/wayland") : NULL;

	return path && access(path, X_OK) == 0 ? probe_real(a, path) : NULL;
}

/* NULL: it has. Else a sentence. */
static const char *ask(const char *program, const char *socket, struct arena *a)
{
	const char *const argv[] = { program, "probe", NULL };
	const char *const envp[] = { arena_printf(a, "WAYLAND_DISPLAY=%s", socket), NULL };
	const struct cmd cmd = { .argv = argv, .envp = envp, .die_with_parent = true };
	auto_free char *text = NULL;
	auto_buf struct buf said = BUF_INIT(2 * WORDS_MAX);
	struct err e;
	int status;

	if (proc_output(&cmd, WORDS_MAX, ANSWER_MS, &text, &status, &e) < 0)
		return arena_printf(a, "your compositor was asked in vain: %s", e.msg);
	if (status == 0)
		return NULL;
	text[strcspn(text, "\n")] = '\0';
	buf_visible(&said, text);
	return arena_strdup(a, buf_text(&said));
}

void probe_wayland(struct facts *f, const struct config *c, struct arena *a)
{
	const char *socket = desktop_wayland_socket(f, a);
	struct stat st;

	if (c->display != DISPLAY_WAYLAND && c->display != DISPLAY_AUTO)
		return;
	if (!socket || stat(socket, &st) < 0 || !S_ISSOCK(st.st_mode))
		return;
	f->desktop.wayland = own_program(f, a);
	if (f->desktop.wayland)
		f->desktop.no_context = ask(f->desktop.wayland, socket, a);
}
