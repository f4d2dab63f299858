/* SPDX-License-Identifier: Apache-2.0 */
#include "border/login_text.h"

#include <errno.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include "base/auto.h"

#define NOW INT64_C(1800000000000)
#define MARKS ",\"scopes\":[\"a:b\",\"c\"],\"subscriptionType\":\"max\",\"rateLimitTier\":null"
#define LOGIN(body) "{\"claudeAiOauth\":{" body "}}"
#define PAIR(a, r, t) "\"accessToken\":\"" a "\",\"refreshToken\":\"" r "\",\"expiresAt\":" t

static const char host_text[] = "{ \"first\" : [1, {\"x\":\"}\"}],\n \"claudeAiOauth\":{" PAIR(
	"at-old", "rt-old", "1800000001000") MARKS "}, \"last\":\"\\u00e4\" }";

static int parse(const char *text, struct arena *a, struct login *ret, struct err *e)
{
	return login_parse(text, strlen(text), a, ret, e);
}

/* What a sandbox writes, and what is said of it; NULL: it may go to the host. */
static const struct {
	const char *text, *said;
} inside[] = {
	{ LOGIN(PAIR("at-new", "rt-new", "1800000002000") MARKS), NULL },
	{ LOGIN("\"extra\":{},\"x\":[]," PAIR("at-new", "rt-new", "1800000002000") MARKS), NULL },
	{ "", "no valid JSON" },
	{ "{", "no valid JSON" },
	{ "{}", "'claudeAiOauth' is missing" },
	{ "[]", "no object" },
	{ "null", "no object" },
	{ "{\"claudeAiOauth\":null}", "no object" },
	{ "{\"claudeAiOauth\":[]}", "no object" },
	{ LOGIN(PAIR("at-new", "rt-new", "1800000002000") MARKS) "x", "something follows" },
	{ LOGIN(PAIR("at-new", "rt-new", "1800000002000") MARKS ","), "no valid JSON" },
	{ LOGIN(PAIR("at-new", "rt-new", "1800000002000") MARKS "\t\"\n\":1"), "no valid JSON" },
	{ LOGIN(PAIR("at-new", "rt-new", "01800000002000") MARKS), "no valid JSON" },
	{ LOGIN(PAIR("at-new", "rt-new", "\"1800000002000\"") MARKS), "no whole number" },
	{ LOGIN(PAIR("at-new", "rt-new", "1800000002000.5") MARKS), "no whole number" },
	{ LOGIN(PAIR("at-new", "rt-new", "18e11") MARKS), "no whole number" },
	{ LOGIN(PAIR("at-new", "rt-new", "-1") MARKS), "no whole number" },
	{ LOGIN(PAIR("at-new", "rt-new", "99999999999999999999") MARKS), "no whole number" },
	{ LOGIN(PAIR("at-new", "rt-new", "null") MARKS), "no whole number" },
	{ LOGIN(PAIR("at-new", "rt-new", "9007199254740991") MARKS), "far future" },
	{ LOGIN(PAIR("at-new", "rt-new", "1800000000500") MARKS), "no later" },
	{ LOGIN(PAIR("at-new", "rt-new", "1800000001000") MARKS), "no later" },
	{ LOGIN(PAIR("at-new", "rt-new", "0") MARKS), "no later" },
	{ LOGIN(PAIR("at-old", "rt-new", "1800000002000") MARKS), "half new" },
	{ LOGIN(PAIR("at-new", "rt-old", "1800000002000") MARKS), "half new" },
	{ LOGIN(PAIR("", "", "0") MARKS), "empty" },
	{ LOGIN(PAIR("at-new", "", "1800000002000") MARKS), "empty" },
	{ LOGIN(PAIR("at-new", "sk-ant-ort01-kept-outside-the-sandbox-0123456789abcdef",
		     "1800000002000") MARKS),
	  "no refresh token" },
	{ LOGIN(PAIR("at\\n", "rt-new", "1800000002000") MARKS), "no token" },
	{ LOGIN(PAIR("at new", "rt-new", "1800000002000") MARKS), "no token" },
	{ LOGIN(PAIR("at-new", "r\\u0074", "1800000002000") MARKS), "no token" },
	{ LOGIN("\"accessToken\":7,\"refreshToken\":\"r\",\"expiresAt\":1" MARKS), "no token" },
	{ LOGIN("\"accessToken\":\"a\",\"expiresAt\":1" MARKS), "'refreshToken' is missing" },
	{ LOGIN("\"accessToken\":\"a\",\"refreshToken\":\"r\"" MARKS), "'expiresAt' is missing" },
	{ LOGIN(PAIR("at-new", "rt-new", "1800000002000") ",\"accessToken\":\"b\"" MARKS),
	  "twice" },
	{ LOGIN(PAIR("at-new", "rt-new", "1800000002000") ",\"access\\u0054oken\":\"b\"" MARKS),
	  "backslash" },
	{ "{\"claudeAiOauth\":{},\"claudeAiOauth\":{}}", "twice" },
	{ LOGIN(PAIR("at-new", "rt-new", "1800000002000")), "other purposes" },
	{ LOGIN(PAIR("at-new", "rt-new", "1800000002000") ",\"scopes\":[\"all\"]"),
	  "other purposes" },
	{ LOGIN(PAIR("at-new", "rt-new", "1800000002000") ",\"scopes\":[\"a:b\",\"c\"],"
							  "\"subscriptionType\":\"team\""),
	  "another kind" },
	{ LOGIN(PAIR("at-new", "rt-new", "1800000002000") MARKS ",\"clientId\":\"x\""),
	  "another program" },
	{ LOGIN(PAIR("at-new", "rt-new", "1800000002000") MARKS ",\"clientId\":[]"), "no id" },
};

static void judges(void **state)
{
	(void)state;
	for (size_t i = 0; i < N_ELEMENTS(inside); i++) {
		auto_arena struct arena a = ARENA_INIT;
		struct login host = { 0 };
		struct login l = { 0 };
		struct err e = { 0 };
		int r;

		assert_int_equal(parse(host_text, &a, &host, &e), 0);
		r = parse(inside[i].text, &a, &l, &e);
		if (r == 0)
			r = login_judge(&host, &l, NOW, &e);
		if ((r == 0) != !inside[i].said || (r < 0 && !strstr(e.msg, inside[i].said)))
			fail_msg("row %zu: %s\ngot %d '%s', want '%s'", i, inside[i].text, r, e.msg,
				 inside[i].said ? inside[i].said : "accepted");
	}
}

/* Where the host has none there is nothing to compare with; it must be a whole login all the same. */
static void judges_without_a_host(void **state)
{
	static const struct {
		const char *text;
		bool good;
	} rows[] = {
		{ LOGIN(PAIR("at", "rt", "1800000002000") MARKS), true },
		{ LOGIN(PAIR("at", "rt", "1800000002000")), true },
		{ LOGIN(PAIR("at", "", "1800000002000")), false },
		{ LOGIN(PAIR("", "rt", "1800000002000")), false },
		{ LOGIN(PAIR("at", "rt", "1000")), false },
		{ LOGIN(PAIR("at", "rt", "9007199254740991")), false },
	};

	(void)state;
	for (size_t i = 0; i < N_ELEMENTS(rows); i++) {
		auto_arena struct arena a = ARENA_INIT;
		struct login l = { 0 };
		struct err e = { 0 };
		int r = parse(rows[i].text, &a, &l, &e);

		if (r == 0)
			r = login_judge(NULL, &l, NOW, &e);
		if ((r == 0) != rows[i].good)
			fail_msg("row %zu: %d '%s'", i, r, e.msg);
	}
}

static void refuses_what_is_huge_or_deep(void **state)
{
	auto_arena struct arena a = ARENA_INIT;
	char *huge = calloc(1, LOGIN_FILE_MAX + 2);
	struct login l = { 0 };
	struct err e = { 0 };

	(void)state;
	memset(huge, ' ', LOGIN_FILE_MAX + 1);
	assert_int_equal(parse(huge, &a, &l, &e), -EFBIG);
	memset(huge, '[', LOGIN_FILE_MAX);
	huge[LOGIN_FILE_MAX] = '\0';
	assert_int_equal(parse(huge, &a, &l, &e), -EINVAL);
	free(huge);
}

static void messages_hold_no_token(void **state)
{
	auto_arena struct arena a = ARENA_INIT;
	struct login l = { 0 };
	struct err e = { 0 };

	(void)state;
	assert_true(parse(LOGIN(PAIR("canary one", "rt", "1")), &a, &l, &e) < 0);
	assert_null(strstr(e.msg, "canary"));
	assert_true(parse("{\"claudeAiOauth\": canary", &a, &l, &e) < 0);
	assert_null(strstr(e.msg, "canary"));
}

static void changes_three_values_and_no_other_byte(void **state)
{
	auto_arena struct arena a = ARENA_INIT;
	struct login l = { 0 };
	struct err e = { 0 };

	(void)state;
	assert_int_equal(parse(host_text, &a, &l, &e), 0);
	assert_string_equal(login_with(&l, "at-new", "rt-newer", 17, &a),
			    "{ \"first\" : [1, {\"x\":\"}\"}],\n \"claudeAiOauth\":{" PAIR(
				    "at-new", "rt-newer", "17") MARKS "}, \"last\":\"\\u00e4\" }");
	/* In whatever order they stand. */
	assert_int_equal(
		parse(LOGIN("\"expiresAt\":1,\"refreshToken\":\"r\",\"accessToken\":\"a\""), &a, &l,
		      &e),
		0);
	assert_string_equal(
		login_with(&l, "A", "RR", 22, &a),
		LOGIN("\"expiresAt\":22,\"refreshToken\":\"RR\",\"accessToken\":\"A\""));
}

static void shows_no_refresh_token(void **state)
{
	auto_arena struct arena a = ARENA_INIT;
	struct login l = { 0 };
	struct login shown = { 0 };
	struct login other = { 0 };
	struct err e = { 0 };

	(void)state;
	assert_int_equal(parse(host_text, &a, &l, &e), 0);
	assert_null(strstr(login_shown(&l, &a), "rt-old"));
	assert_int_equal(parse(login_shown(&l, &a), &a, &shown, &e), 0);
	assert_string_equal(shown.access, "at-old");
	assert_int_equal(shown.expires_ms, l.expires_ms);
	assert_true(login_is_stand_in(shown.refresh));
	/* Of one length, and another one for each token. */
	l.access = "at-new";
	assert_int_equal(parse(login_shown(&l, &a), &a, &other, &e), 0);
	assert_int_equal(strlen(other.refresh), strlen(shown.refresh));
	assert_string_not_equal(other.refresh, shown.refresh);
}

static void reads_answers(void **state)
{
	static const char good[] =
		"{\"access_token\":\"a\",\"refresh_token\":\"r\",\"expires_in\":60}";
	static const char *const keys[] = { "o", "k" };
	static const char *const bad[] = {
		"",
		"{}",
		"{\"access_token\":\"\",\"expires_in\":1}",
		"{\"access_token\":\"a\",\"expires_in\":-1}",
		"{\"access_token\":\"a\"}",
		"{\"access_token\":\"a\",\"refresh_token\":\"\",\"expires_in\":1}",
		"{\"access_token\":\"a\",\"refresh_token\":\"x y\",\"expires_in\":1}",
	};
	auto_arena struct arena a = ARENA_INIT;
	struct login_answer answer = { 0 };
	struct err e = { 0 };
	const char *id = NULL;

	(void)state;
	assert_int_equal(login_answer_parse(good, strlen(good), &a, &answer, &e), 0);
	assert_string_equal(answer.access, "a");
	assert_string_equal(answer.refresh, "r");
	assert_int_equal(answer.lifetime_ms, 60000);
	for (size_t i = 0; i < N_ELEMENTS(bad); i++)
		assert_true(login_answer_parse(bad[i], strlen(bad[i]), &a, &answer, &e) < 0);
	assert_int_equal(login_account("{\"o\":{\"k\":\"1-2\"}}", 17, keys, &a, &id, &e), 0);
	assert_string_equal(id, "1-2");
	assert_true(login_account("{\"o\":{\"k\":\"\"}}", 14, keys, &a, &id, &e) < 0);
}

static void asks_with_the_logins_own_scopes(void **state)
{
	auto_arena struct arena a = ARENA_INIT;
	struct login l = { 0 };
	struct err e = { 0 };

	(void)state;
	assert_int_equal(parse(host_text, &a, &l, &e), 0);
	assert_non_null(strstr(login_request(&l, &a), "\"refresh_token\":\"rt-old\""));
	assert_non_null(strstr(login_request(&l, &a), "\"scope\":\"a:b c\""));
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(judges),
		cmocka_unit_test(judges_without_a_host),
		cmocka_unit_test(refuses_what_is_huge_or_deep),
		cmocka_unit_test(messages_hold_no_token),
		cmocka_unit_test(changes_three_values_and_no_other_byte),
		cmocka_unit_test(shows_no_refresh_token),
		cmocka_unit_test(reads_answers),
		cmocka_unit_test(asks_with_the_logins_own_scopes),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
