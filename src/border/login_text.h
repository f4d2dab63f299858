/* SPDX-License-Identifier: Apache-2.0 */
/*
 * What a login file of the agent (~/.claude/.credentials.json) says, and what may be made of it. Pure:
 * bytes in, bytes out. No message ever repeats a token.
 */
#pragma once

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "base/arena.h"
#include "base/err.h"
#include "base/json.h"

#define LOGIN_FILE ".credentials.json"
#define LOGIN_FILE_MAX ((size_t)64 << 10)
/* The agent renews what ends sooner than 5 minutes from now; we are half a minute earlier. */
#define LOGIN_MARGIN_MS INT64_C(330000)

struct login {
	const char *access, *refresh; /* "": logged out */
	int64_t expires_ms;           /* since 1970 */
	const char *client;           /* who was given the login; NULL: the agent itself */
	struct json file;             /* the file's one object */
	struct json access_at, refresh_at, expires_at; /* the values in it */
	struct json scopes, plan, tier; /* as written; empty if absent: what tells accounts apart */
};

/* -ENOENT if it holds no login at all. What is in *ret lives in @a or in @text. */
int login_parse(const char *text, size_t len, struct arena *a, struct login *ret, struct err *e);

/*
 * Whether a login that was made inside may take the place of the host's: complete, made for the same kind
 * of account, later, and not from a far future. Whose it is only the server can tell (login_http.h).
 * @host NULL: nobody's place is taken.
 */
int login_judge(const struct login *host, const struct login *inside, int64_t now_ms,
		struct err *e);

/* The file with another pair in it and every other byte as it was. */
char *login_with(const struct login *l, const char *access, const char *refresh, int64_t expires_ms,
		 struct arena *a);

/*
 * The file as a sandbox sees it: all but the refresh token, in whose place stands a word of fixed length that
 * differs with each access token (the agent never again tries one that was refused).
 */
char *login_shown(const struct login *l, struct arena *a);

/* True for what login_shown() puts there. */
bool login_is_stand_in(const char *refresh);

/* What the server answers to a renewal: the pair, and how long it lasts. */
struct login_answer {
	const char *access, *refresh; /* refresh NULL: the old one stays */
	int64_t lifetime_ms;
};

int login_answer_parse(const char *text, size_t len, struct arena *a, struct login_answer *ret,
		       struct err *e);

/* The account's id: of the server's answer about a token, and of the host's ~/.claude.json. */
int login_account(const char *text, size_t len, const char *const keys[2], struct arena *a,
		  const char **ret, struct err *e);

/* The body of a request for renewal. */
char *login_request(const struct login *l, struct arena *a);
