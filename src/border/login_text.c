/* SPDX-License-Identifier: Apache-2.0 */
#include "border/login_text.h"

#include <errno.h>
#include <string.h>

#include "base/auto.h"
#include "base/buf.h"
#include "base/hash.h"

#define TOKEN_MAX ((size_t)4096)
#define SCOPES_MAX ((size_t)1024)
/* Nothing lasts longer: the agent's own long-lived token is made for a year. */
#define FUTURE_MAX_MS (INT64_C(366) * 24 * 3600 * 1000)
#define TIME_MAX_MS INT64_C(9007199254740991) /* what a number of JavaScript holds exactly */

#define STAND_IN "sk-ant-ort01-kept-outside-the-sandbox-"
#define STAND_IN_DIGITS 16

/* The agent's own id at its sign-in server, as in its program (2.1.197); it is no secret. */
#define CLIENT "9d1c250a-e61b-44d9-88ed-5944d1962f5e"

static bool is_token(const char *text)
{
	static const char bytes[] = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz"
				    "0123456789-._~+/=#";

	return text && strlen(text) <= TOKEN_MAX && text[strspn(text, bytes)] == '\0';
}

static int read_token(struct json object, const char *key, struct json *ret_at, const char **ret,
		      struct arena *a, struct err *e)
{
	const char *text;
	int r = json_member(object, key, ret_at, e);

	if (r < 0)
		return r;
	text = json_text(*ret_at, a);
	if (!is_token(text))
		return err_set(e, EINVAL, "'%s' is no token", key);
	*ret = text;
	return 0;
}

/* Absent and null are the same: the agent writes both. */
static int read_mark(struct json object, const char *key, struct json *ret, struct err *e)
{
	struct json value = { 0 };
	int r = json_member(object, key, &value, e);

	if (r == 0 && !(value.len == 4 && memcmp(value.text, "null", 4) == 0))
		*ret = value;
	return r == -ENOENT ? 0 : r;
}

static int read_marks(struct json o, struct arena *a, struct login *l, struct err *e)
{
	struct json client = { 0 };
	int r = read_mark(o, "scopes", &l->scopes, e);

	if (r == 0)
		r = read_mark(o, "subscriptionType", &l->plan, e);
	if (r == 0)
		r = read_mark(o, "rateLimitTier", &l->tier, e);
	if (r == 0)
		r = read_mark(o, "clientId", &client, e);
	if (r < 0 || client.len == 0)
		return r;
	l->client = json_text(client, a);
	return is_token(l->client) ? 0 : err_set(e, EINVAL, "'clientId' is no id");
}

int login_parse(const char *text, size_t len, struct arena *a, struct login *ret, struct err *e)
{
	struct login l = { 0 };
	struct json o = { 0 };
	int r;

	if (len > LOGIN_FILE_MAX)
		return err_set(e, EFBIG, "it is larger than %zu bytes", LOGIN_FILE_MAX);
	r = json_parse(text, len, &l.file, e);
	if (r == 0)
		r = json_member(l.file, "claudeAiOauth", &o, e);
	if (r == 0)
		r = read_token(o, "accessToken", &l.access_at, &l.access, a, e);
	if (r == 0)
		r = read_token(o, "refreshToken", &l.refresh_at, &l.refresh, a, e);
	if (r == 0)
		r = json_member(o, "expiresAt", &l.expires_at, e);
	if (r == 0)
		r = json_number(l.expires_at, TIME_MAX_MS, &l.expires_ms, e);
	if (r == 0)
		r = read_marks(o, a, &l, e);
	if (r == 0)
		*ret = l;
	return r;
}

static bool is_same(struct json a, struct json b)
{
	return a.len == b.len && (a.len == 0 || memcmp(a.text, b.text, a.len) == 0);
}

/* The text that differs is the agent's own spelling of a list; two logins of one account have the same. */
static int judge_account(const struct login *host, const struct login *inside, struct err *e)
{
	if (inside->scopes.len > SCOPES_MAX || !is_same(host->scopes, inside->scopes))
		return err_set(e, EPERM, "it is made for other purposes ('scopes')");
	if (!is_same(host->plan, inside->plan) || !is_same(host->tier, inside->tier))
		return err_set(e, EPERM, "it is another kind of account");
	if ((host->client != NULL) != (inside->client != NULL) ||
	    (host->client && strcmp(host->client, inside->client) != 0))
		return err_set(e, EPERM, "it was made for another program");
	return 0;
}

static int judge_change(const struct login *host, const struct login *inside, struct err *e)
{
	if (strcmp(inside->access, host->access) == 0 ||
	    strcmp(inside->refresh, host->refresh) == 0)
		return err_set(e, EPERM, "it is only half new");
	if (inside->expires_ms <= host->expires_ms)
		return err_set(e, EPERM, "it ends no later than the host's");
	return judge_account(host, inside, e);
}

int login_judge(const struct login *host, const struct login *inside, int64_t now_ms, struct err *e)
{
	if (inside->access[0] == '\0' || inside->refresh[0] == '\0')
		return err_set(e, EINVAL, "it is empty");
	if (login_is_stand_in(inside->refresh))
		return err_set(e, EPERM, "it has no refresh token");
	if (host && judge_change(host, inside, e) < 0)
		return e->code;
	if (inside->expires_ms <= now_ms)
		return err_set(e, EPERM, "it has ended already");
	if (inside->expires_ms > now_ms + FUTURE_MAX_MS)
		return err_set(e, EPERM, "it ends in a far future");
	return 0;
}

/* Three places in the order in which they stand in the text. */
struct change {
	struct json at;
	const char *text;
};

char *login_with(const struct login *l, const char *access, const char *refresh, int64_t expires_ms,
		 struct arena *a)
{
	struct change todo[] = {
		{ l->access_at, arena_printf(a, "\"%s\"", access) },
		{ l->refresh_at, arena_printf(a, "\"%s\"", refresh) },
		{ l->expires_at, arena_printf(a, "%lld", (long long)expires_ms) },
	};
	auto_buf struct buf out = BUF_INIT(LOGIN_FILE_MAX + 4 * TOKEN_MAX);
	const char *from = l->file.text;

	for (size_t i = 0; i < N_ELEMENTS(todo); i++) {
		size_t next = i;

		for (size_t k = i + 1; k < N_ELEMENTS(todo); k++)
			if (todo[k].at.text < todo[next].at.text)
				next = k;
		struct change c = todo[next];

		todo[next] = todo[i];
		buf_add(&out, from, (size_t)(c.at.text - from));
		buf_puts(&out, c.text);
		from = c.at.text + c.at.len;
	}
	buf_add(&out, from, (size_t)(l->file.text + l->file.len - from));
	return arena_strdup(a, buf_text(&out));
}

char *login_shown(const struct login *l, struct arena *a)
{
	char hex[HASH_HEX_SIZE];

	if (l->refresh[0] == '\0')
		return login_with(l, l->access, "", l->expires_ms, a);
	hash_hex(l->access, strlen(l->access), hex);
	return login_with(l, l->access, arena_printf(a, STAND_IN "%.*s", STAND_IN_DIGITS, hex),
			  l->expires_ms, a);
}

bool login_is_stand_in(const char *refresh)
{
	return strncmp(refresh, STAND_IN, strlen(STAND_IN)) == 0;
}

int login_answer_parse(const char *text, size_t len, struct arena *a, struct login_answer *ret,
		       struct err *e)
{
	struct login_answer answer = { 0 };
	struct json root = { 0 };
	struct json value = { 0 };
	int64_t seconds = 0;
	int r = json_parse(text, len, &root, e);

	if (r == 0)
		r = read_token(root, "access_token", &value, &answer.access, a, e);
	if (r == 0) {
		r = read_token(root, "refresh_token", &value, &answer.refresh, a, e);
		r = r == -ENOENT ? 0 : r;
	}
	if (r == 0)
		r = json_member(root, "expires_in", &value, e);
	if (r == 0)
		r = json_number(value, FUTURE_MAX_MS / 1000, &seconds, e);
	if (r < 0)
		return r;
	if (!answer.access || answer.access[0] == '\0' ||
	    (answer.refresh && answer.refresh[0] == '\0'))
		return err_set(e, EINVAL, "a token is empty");
	answer.lifetime_ms = seconds * 1000;
	*ret = answer;
	return 0;
}

int login_account(const char *text, size_t len, const char *const keys[2], struct arena *a,
		  const char **ret, struct err *e)
{
	struct json value = { 0 };
	const char *id;
	int r = json_parse(text, len, &value, e);

	if (r == 0)
		r = json_member(value, keys[0], &value, e);
	if (r == 0)
		r = json_member(value, keys[1], &value, e);
	if (r < 0)
		return r;
	id = json_text(value, a);
	if (!is_token(id) || id[0] == '\0')
		return err_set(e, EINVAL, "'%s' is no id", keys[1]);
	*ret = id;
	return 0;
}

/* The scopes that the login has, as one string: ["a","b"] becomes "a b". */
static const char *scope_words(struct json scopes, struct arena *a)
{
	auto_buf struct buf out = BUF_INIT(SCOPES_MAX);

	for (size_t i = 0; i < scopes.len; i++)
		if (scopes.text[i] == ',')
			buf_puts(&out, " ");
		else if (!strchr("[]\" \t\r\n\\", scopes.text[i]))
			buf_add(&out, &scopes.text[i], 1);
	return buf_full(&out) ? "" : arena_strdup(a, buf_text(&out));
}

char *login_request(const struct login *l, struct arena *a)
{
	auto_buf struct buf b = BUF_INIT(4 * TOKEN_MAX);
	const char *scopes = scope_words(l->scopes, a);

	buf_puts(&b, "{\"grant_type\":\"refresh_token\",\"refresh_token\":");
	buf_json(&b, l->refresh);
	buf_puts(&b, ",\"client_id\":");
	buf_json(&b, l->client ? l->client : CLIENT);
	if (scopes[0]) {
		buf_puts(&b, ",\"scope\":");
		buf_json(&b, scopes);
	}
	buf_puts(&b, "}");
	return arena_strdup(a, buf_text(&b));
}
