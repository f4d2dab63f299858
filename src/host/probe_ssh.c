/* SPDX-License-Identifier: Apache-2.0 */
/* The user's configuration of ssh with what it includes, and public keys. No private key is opened. */
#include <errno.h>
#include <fcntl.h>
#include <glob.h>
#include <string.h>

#include "base/auto.h"
#include "base/io.h"
#include "base/path.h"
#include "host/probe_parts.h"
#include "spec/ssh.h"
#include "spec/ssh_config.h"

#define CONFIG_MAX ((size_t)1 << 20)
#define KEY_MAX ((size_t)16 << 10)
#define FILES_MAX 64

static void read_key(struct facts *f, const char *path, struct arena *a)
{
	struct text_fact fact = { .path = path };
	struct err ignored; /* no such key, or none that we may read: it is not shown */
	char *text;

	if (facts_text(f, path) ||
	    io_read_file(AT_FDCWD, path, KEY_MAX, false, a, &text, &fact.len, &ignored) < 0)
		return;
	fact.text = text;
	facts_add_text(f, a, fact);
}

static int read_config(struct facts *f, const char *path, bool is_main, struct arena *a,
		       struct ssh_config *config, struct err *e)
{
	struct text_fact fact = { .path = path, .is_config = true };
	auto_buf struct buf unused = BUF_INIT(CONFIG_MAX);
	char *text;
	int r;

	if (facts_text(f, path))
		return 0;
	r = io_read_file(AT_FDCWD, path, CONFIG_MAX, false, a, &text, &fact.len, e);
	/* ssh passes over what it may not read, too, but for the user's own file. */
	if (r == -ENOENT || r == -ENOTDIR || (r < 0 && !is_main))
		return 0;
	if (r < 0)
		return err_set(e, -r, "%.*s; mend the file, or start with --ssh-files known-hosts",
			       ERR_MSG_MAX / 2, arena_strdup(a, e->msg));
	fact.text = text;
	facts_add_text(f, a, fact);
	config->out = &unused;
	return ssh_config_clean(config, text, fact.len, e);
}

static int read_included(struct facts *f, const char *pattern, const char *dir, struct arena *a,
			 struct ssh_config *config, struct err *e)
{
	glob_t found = { 0 };
	int r = 0;

	if (glob(pattern, 0, NULL, &found) != 0)
		return 0;
	for (size_t i = 0; i < found.gl_pathc && r == 0 && f->n_texts < FILES_MAX; i++) {
		const char *path = path_clean(a, found.gl_pathv[i]);

		if (path_below(path, dir))
			r = read_config(f, path, false, a, config, e);
	}
	globfree(&found);
	return r;
}

int probe_ssh(struct facts *f, const struct config *c, struct arena *a, struct err *e)
{
	const char *dir = path_join(a, f->home, ".ssh");
	struct ssh_config config = { .file = "~/.ssh/config",
				     .home = f->home,
				     .arena = a,
				     .dropped = STRV_INIT(a),
				     .includes = STRV_INIT(a),
				     .named = STRV_INIT(a) };
	int r = 0;

	if (c->ssh_files == SSH_CLEANED)
		r = read_config(f, path_join(a, dir, "config"), true, a, &config, e);
	/* The list grows while included files include more; no file is read twice. */
	for (size_t i = 0; i < config.includes.n && r == 0; i++)
		r = read_included(f, config.includes.items[i], dir, a, &config, e);
	if (r < 0)
		return r;
	ssh_key_files(c, f, a, &config.named);
	for (size_t i = 0; i < config.named.n && f->n_texts < 2 * (size_t)FILES_MAX; i++)
		read_key(f, config.named.items[i], a);
	return 0;
}
