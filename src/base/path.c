/* SPDX-License-Identifier: Apache-2.0 */
#include "base/path.h"

#include <assert.h>
#include <stdint.h>
#include <string.h>

#define SESSION_NAME_MAX 200

/* By hand: most pairs differ within a few bytes, and a start compares thousands. */
bool path_below(const char *path, const char *root)
{
	if (root[0] == '/' && root[1] == '\0')
		return path[0] == '/';
	while (*root && *root == *path) {
		root++;
		path++;
	}
	return *root == '\0' && (*path == '\0' || *path == '/');
}

static bool is_dots(const char *part, size_t len)
{
	return (len == 1 && part[0] == '.') || (len == 2 && part[0] == '.' && part[1] == '.');
}

bool path_is_clean(const char *path)
{
	if (path[0] != '/')
		return false;
	if (path[1] == '\0')
		return true;
	while (*path == '/') {
		size_t len = strcspn(++path, "/");

		if (len == 0 || is_dots(path, len))
			return false;
		path += len;
	}
	return true;
}

char *path_clean(struct arena *a, const char *path)
{
	/* The result is never longer: each part is copied with one slash of its own. */
	char *out = arena_alloc(a, strlen(path) + 2);
	size_t n = 0;

	assert(path[0] == '/');
	while (*path) {
		size_t len;

		path += strspn(path, "/");
		len = strcspn(path, "/");
		if (len == 2 && is_dots(path, len)) {
			while (n > 0 && out[--n] != '/')
				;
		} else if (len > 0 && !is_dots(path, len)) {
			out[n++] = '/';
			memcpy(out + n, path, len);
			n += len;
		}
		path += len;
	}
	if (n == 0)
		out[n++] = '/';
	out[n] = '\0';
	return out;
}

char *path_join(struct arena *a, const char *dir, const char *name)
{
	size_t dir_len = strlen(dir);
	size_t name_len = strlen(name);
	char *both;

	if (name[0] == '/')
		return path_clean(a, name);
	both = arena_alloc(a, dir_len + name_len + 2);
	memcpy(mempcpy(mempcpy(both, dir, dir_len), "/", 1), name, name_len + 1);
	return path_clean(a, both);
}

const char *path_base(const char *path)
{
	const char *slash = strrchr(path, '/');

	if (!slash || strcmp(path, "/") == 0)
		return path;
	return slash + 1;
}

char *path_parent(struct arena *a, const char *path)
{
	const char *slash = strrchr(path, '/');

	if (!slash || strcmp(path, "/") == 0)
		return NULL;
	return arena_strndup(a, path, slash == path ? 1 : (size_t)(slash - path));
}

/* Not isalnum(): the name must not depend on the locale. */
static bool is_alnum(char c)
{
	return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || (c >= '0' && c <= '9');
}

/*
 * The next character of UTF-8 text as JavaScript has it: 1 or 2 UTF-16 units. A byte that begins no
 * valid sequence counts as one U+FFFD. Returns the units and moves *at on.
 */
static unsigned next_units(const unsigned char **at, unsigned units[static 2])
{
	static const unsigned least[] = { 0, 0x80, 0x800, 0x10000 };
	const unsigned char *c = *at;
	unsigned more = *c < 0x80 ? 0 : *c >= 0xf0 ? 3 : *c >= 0xe0 ? 2 : 1;
	unsigned value = more ? *c & (0x3fU >> more) : *c;
	bool ok = *c < 0x80 || (*c >= 0xc2 && *c <= 0xf4);

	for (unsigned i = 1; ok && i <= more; i++) {
		ok = (c[i] & 0xc0) == 0x80; /* false at the terminating NUL */
		value = value << 6 | (c[i] & 0x3fU);
	}
	ok = ok && value >= least[more] && value <= 0x10ffff && (value < 0xd800 || value > 0xdfff);
	*at += ok ? more + 1 : 1;
	units[0] = ok ? value : 0xfffd;
	if (units[0] < 0x10000)
		return 1;
	units[1] = 0xdc00 + ((value - 0x10000) & 0x3ff);
	units[0] = 0xd800 + ((value - 0x10000) >> 10);
	return 2;
}

/* |n| in base 36, as JavaScript's toString(36). */
static char *base36(struct arena *a, uint32_t n)
{
	char text[8];
	size_t at = sizeof(text) - 1;

	text[at] = '\0';
	do {
		text[--at] = "0123456789abcdefghijklmnopqrstuvwxyz"[n % 36];
		n /= 36;
	} while (n > 0);
	return arena_strdup(a, text + at);
}

/* Seen in Claude Code 2.1: names over 200 units are cut and end in a hash of the whole path. */
char *path_session_name(struct arena *a, const char *path)
{
	const unsigned char *at = (const unsigned char *)path;
	char *name = arena_alloc(a, strlen(path) + 1);
	uint32_t hash = 0;
	size_t n = 0;

	while (*at) {
		unsigned units[2];
		unsigned n_units = next_units(&at, units);

		for (unsigned i = 0; i < n_units; i++) {
			hash = hash * 31 + units[i];
			name[n++] =
				units[i] < 0x80 && is_alnum((char)units[i]) ? (char)units[i] : '-';
		}
	}
	if (n <= SESSION_NAME_MAX)
		return name;
	/* Math.abs() of the 32-bit signed value. */
	if (hash > INT32_MAX)
		hash = -hash;
	return arena_printf(a, "%.*s-%s", SESSION_NAME_MAX, name, base36(a, hash));
}

char *path_expand_home(struct arena *a, const char *home, const char *path)
{
	if (path[0] == '~' && (path[1] == '\0' || path[1] == '/'))
		path = arena_printf(a, "%s%s", home, path + 1);
	return path[0] == '/' ? path_clean(a, path) : arena_strdup(a, path);
}
