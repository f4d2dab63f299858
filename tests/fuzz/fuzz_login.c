/* SPDX-License-Identifier: Apache-2.0 */
/*
 * A login file from inside, any bytes. What is understood is understood in the same way after it has been written
 * anew; what may go to the host holds no stand-in; what is shown inside holds no refresh token.
 */
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#include "border/login_text.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

static const char *const keys[] = { "account", "uuid" };

#define NOW INT64_C(1800000000000)

static const char host_text[] =
	"{\"claudeAiOauth\":{\"accessToken\":\"at-old\",\"refreshToken\":\"rt-old\","
	"\"expiresAt\":1800000001000,\"scopes\":[\"a\"],\"subscriptionType\":\"max\"}}";

static void expect(bool is_true)
{
	if (!is_true)
		abort();
}

static void check_written(const struct login *l, struct arena *a)
{
	char *text = login_with(l, "at-x", "rt-x", 42, a);
	char *shown = login_shown(l, a);
	struct login again = { 0 };
	struct err e = { 0 };

	expect(login_parse(text, strlen(text), a, &again, &e) == 0);
	expect(strcmp(again.access, "at-x") == 0 && strcmp(again.refresh, "rt-x") == 0);
	expect(again.expires_ms == 42 && again.scopes.len == l->scopes.len);
	expect(login_parse(shown, strlen(shown), a, &again, &e) == 0);
	expect(strcmp(again.access, l->access) == 0 && again.expires_ms == l->expires_ms);
	expect(again.refresh[0] == '\0' || login_is_stand_in(again.refresh));
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	auto_arena struct arena a = ARENA_INIT;
	const char *text = (const char *)data;
	struct login_answer answer = { 0 };
	struct login host = { 0 };
	struct login l = { 0 };
	const char *id = NULL;
	struct err e = { 0 };

	expect(login_parse(host_text, strlen(host_text), &a, &host, &e) == 0);
	(void)login_answer_parse(text, size, &a, &answer, &e);
	(void)login_account(text, size, keys, &a, &id, &e);
	if (login_parse(text, size, &a, &l, &e) < 0) {
		expect(e.msg[0] != '\0');
		return 0;
	}
	expect(size <= LOGIN_FILE_MAX);
	(void)login_request(&l, &a);
	if (l.file.len < LOGIN_FILE_MAX / 2)
		check_written(&l, &a);
	if (login_judge(&host, &l, NOW, &e) == 0)
		expect(!login_is_stand_in(l.refresh) && l.expires_ms > host.expires_ms);
	return 0;
}
