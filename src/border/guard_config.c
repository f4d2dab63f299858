/* SPDX-License-Identifier: Apache-2.0 */
/*
 * git changes its configuration by writing config.lock and renaming it. What is put in place is
 * not that file, which its writer may still hold open, but a fresh one with the text that was read once and
 * found to be harmless.
 */
#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <string.h>
#include <strings.h>
#include <sys/random.h>
#include <sys/stat.h>
#include <unistd.h>

#include "base/auto.h"
#include "base/io.h"
#include "border/guard_parts.h"
#include "spec/gitmediate.h"
#include "spec/giturl.h"

#define CONFIG_MAX ((size_t)1 << 20)

static int read_at(const struct guard_place *p, struct arena *a, char **ret, size_t *ret_len)
{
	struct err e;

	return io_read_file(p->parent, p->name, CONFIG_MAX, true, a, ret, ret_len, &e);
}

static int write_beside(const struct guard_place *to, const struct buf *text, mode_t mode)
{
	char name[sizeof(GUARD_TEMP) + 20];
	auto_fd int fd = -1;
	uint64_t random = 0;
	struct err e;
	int r;

	if (getrandom(&random, sizeof(random), 0) < 0)
		return -errno;
	(void)snprintf(name, sizeof(name), GUARD_TEMP "%016llx", (unsigned long long)random);
	fd = openat(to->parent, name, O_WRONLY | O_CREAT | O_EXCL | O_NOFOLLOW | O_CLOEXEC, mode);
	if (fd < 0)
		return -errno;
	r = io_write_all(fd, buf_text(text), text->len, &e);
	if (r == 0 && renameat(to->parent, name, to->parent, to->name) < 0)
		r = -errno;
	if (r < 0)
		(void)unlinkat(to->parent, name, 0);
	return r;
}

/* In a repository that was cloned below the project; its own is pushed from without a second look. */
static bool is_below(const struct guard_place *p)
{
	return strncasecmp(p->rel, ".git/", strlen(".git/")) != 0;
}

static bool has_local_remote(const struct guard_place *p, const char *text, size_t len)
{
	auto_arena struct arena a = ARENA_INIT;
	auto_buf struct buf out = BUF_INIT(CONFIG_MAX);
	struct strv refused = STRV_INIT(&a);
	struct err e;

	(void)gitconfig_mediate(p->path, false, "", 0, text, len, &a, &out, &refused, &e);
	for (size_t i = 0; i < refused.n; i++)
		if (strstr(refused.items[i], giturl_local))
			return true;
	return false;
}

int guard_put_config(const struct guard_place *from, const struct guard_place *to)
{
	auto_arena struct arena a = ARENA_INIT;
	auto_buf struct buf out = BUF_INIT(CONFIG_MAX);
	struct strv refused = STRV_INIT(&a);
	char *old_text = arena_strdup(&a, "");
	char *new_text;
	size_t old_len = 0;
	size_t new_len = 0;
	bool is_local;
	struct stat st;
	struct err e;
	int r = read_at(from, &a, &new_text, &new_len);

	if (r < 0 || fstatat(from->parent, from->name, &st, AT_SYMLINK_NOFOLLOW) < 0)
		return r < 0 ? r : -errno;
	r = read_at(to, &a, &old_text, &old_len);
	if (r < 0 && r != -ENOENT)
		return r;
	is_local = is_below(to) && has_local_remote(to, new_text, new_len);
	r = gitconfig_mediate(to->path, is_local, old_text, old_len, new_text, new_len, &a, &out,
			      &refused, &e);
	for (size_t i = 0; i < refused.n; i++)
		guard_note_refused(to, refused.items[i]);
	if (r < 0)
		return r == -EPERM ? -EACCES : r;
	if (is_local)
		guard_note_changed(to, giturl_local);
	r = write_beside(to, &out, st.st_mode & 0666);
	if (r == 0)
		(void)unlinkat(from->parent, from->name, 0);
	return r;
}
