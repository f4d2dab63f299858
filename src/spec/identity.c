/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Names come from the host's user database and from directories, so they are hostile: a byte that
 * would break a line or a path does not get through.
 */
#include "spec/identity.h"

#include <string.h>

#include "base/hash.h"
#include "base/path.h"

#define NOBODY 65534U
#define HASH_LEN 12
#define NAME_BASE_MAX 32
#define BASE_MAX (255 - 1 - HASH_LEN) /* NAME_MAX less "-" and the hash */

/* One field of /etc/passwd or /etc/group. */
static char *field(struct arena *a, const char *text)
{
	char *copy = arena_strdup(a, text);

	for (char *c = copy; *c; c++)
		if (*c == ':' || (unsigned char)*c < 0x20 || *c == 0x7f)
			*c = '_';
	return copy;
}

/* "-", "+": options of programs and the old marks of NIS. "/": a name that becomes a path. */
static char *name_field(struct arena *a, const char *name, const char *fallback)
{
	char *copy = field(a, name && *name ? name : fallback);

	if (*copy == '-' || *copy == '+')
		*copy = '_';
	for (char *c = copy; *c; c++)
		if (*c == '/' || *c == ' ' || *c == ',')
			*c = '_';
	return copy;
}

char *identity_user(const struct facts *f, struct arena *a)
{
	char *name = name_field(a, f->user, f->uid == 0 ? "root" : "user");
	bool taken = (strcmp(name, "root") == 0 && f->uid != 0) ||
		     (strcmp(name, "nobody") == 0 && f->uid != NOBODY);

	return taken ? arena_strdup(a, "user") : name;
}

char *identity_passwd(const struct facts *f, struct arena *a)
{
	const char *shell =
		facts_path(f, "/bin/bash")->kind == PATH_ABSENT ? "/bin/sh" : "/bin/bash";
	const char *user = arena_printf(a, "%s:x:%u:%u::%s:%s\n", identity_user(f, a), f->uid,
					f->gid, field(a, f->home), shell);

	return arena_printf(
		a, "%s%s%s", f->uid == 0 ? "" : "root:x:0:0:root:/root:/bin/sh\n", user,
		f->uid == NOBODY ? ""
				 : "nobody:x:65534:65534:nobody:/nonexistent:/usr/sbin/nologin\n");
}

char *identity_group(const struct facts *f, struct arena *a)
{
	const char *name = name_field(a, f->group, f->gid == 0 ? "root" : "user");
	bool taken = (strcmp(name, "root") == 0 && f->gid != 0) ||
		     (strcmp(name, "nogroup") == 0 && f->gid != NOBODY);

	return arena_printf(a, "%s%s:x:%u:\n%s", f->gid == 0 ? "" : "root:x:0:\n",
			    taken ? "user" : name, f->gid,
			    f->gid == NOBODY ? "" : "nogroup:x:65534:\n");
}

/*
 * As sd_id128_get_machine_app_specific() does: a digest of the host's id, from which that cannot be
 * computed, shaped like a random UUID. The state root keeps users without a host id apart.
 */
char *identity_machine_id(const struct facts *f, struct arena *a)
{
	const char *text =
		arena_printf(a, "claude-sandbox machine-id\n%s\n%s\n%s\n",
			     f->machine_id ? f->machine_id : "", f->state_root, f->project);
	char hex[HASH_HEX_SIZE];

	hash_hex(text, strlen(text), hex);
	hex[12] = '4';
	hex[16] = "89ab"[(unsigned char)hex[16] % 4];
	return arena_printf(a, "%.32s\n", hex);
}

static char *base_and_hash(const struct facts *f, int base_max, struct arena *a)
{
	static const char plain[] =
		"ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789._-";
	const char *text = arena_printf(a, "%s\n", f->project);
	char *base = arena_strdup(a, path_base(f->project));
	char hex[HASH_HEX_SIZE];

	hash_hex(text, strlen(text), hex);
	for (char *c = base + strspn(base, plain); *c; c += strspn(c, plain))
		*c = '-';
	return arena_printf(a, "%.*s-%.*s", base_max, base, HASH_LEN, hex);
}

char *identity_state_dir(const struct facts *f, struct arena *a)
{
	return arena_printf(a, "%s/projects/%s", f->state_root, base_and_hash(f, BASE_MAX, a));
}

char *identity_name(const struct facts *f, struct arena *a)
{
	return base_and_hash(f, NAME_BASE_MAX, a);
}
