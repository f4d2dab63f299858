/* SPDX-License-Identifier: Apache-2.0 */
/* Requests, answers and what is signed, byte by byte. */
#include "spec/ssh_agent.h"

#include <errno.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <string.h>
#include <unistd.h>

#include <cmocka.h>

#include "base/auto.h"
#include "spec/ssh_signed.h"

#define MAX ((size_t)1 << 20)

static struct ssh_bytes text(const char *s)
{
	return (struct ssh_bytes){ (const uint8_t *)s, strlen(s) };
}

/* A key of @letter 32 times. */
static void put_key(struct buf *b, char letter)
{
	char body[33] = "";

	memset(body, letter, 32);
	ssh_put_string(b, text("ssh-ed25519"));
	ssh_put_string(b, text(body));
}

static void only_list_and_sign_pass(void **state)
{
	(void)state;
	for (unsigned type = 0; type < 256; type++) {
		const uint8_t body[] = { (uint8_t)type };
		struct ssh_agent_request r = ssh_agent_request((struct ssh_bytes){ body, 1 });

		assert_int_equal(r.verdict, type == 11 ? AGENT_LIST : AGENT_REFUSE);
		assert_non_null(r.what);
		assert_false(r.is_routine);
	}
	assert_string_equal(
		ssh_agent_request((struct ssh_bytes){ (const uint8_t *)"\x16", 1 }).what,
		"lock the agent");
	assert_int_equal(
		ssh_agent_request((struct ssh_bytes){ (const uint8_t *)"\x0b\0", 2 }).verdict,
		AGENT_REFUSE);
	assert_int_equal(ssh_agent_request((struct ssh_bytes){ NULL, 0 }).verdict, AGENT_REFUSE);
}

static void signing_is_read_to_the_last_byte(void **state)
{
	static const struct {
		uint32_t flags;
		enum ssh_agent_verdict want;
	} rows[] = { { 0, AGENT_SIGN },   { 2, AGENT_SIGN },   { 4, AGENT_SIGN },
		     { 1, AGENT_REFUSE }, { 8, AGENT_REFUSE }, { 0x80000002, AGENT_REFUSE } };

	(void)state;
	for (size_t i = 0; i < N_ELEMENTS(rows); i++) {
		auto_buf struct buf b = BUF_INIT(MAX);
		struct ssh_bytes body, cut;

		ssh_put_byte(&b, 13);
		ssh_put_string(&b, text("key"));
		ssh_put_string(&b, text("data"));
		ssh_put_u32(&b, rows[i].flags);
		body = cut = ssh_of_buf(&b);
		assert_int_equal(ssh_agent_request(body).verdict, rows[i].want);
		while (--cut.len > 0)
			assert_int_equal(ssh_agent_request(cut).verdict, AGENT_REFUSE);
		ssh_put_byte(&b, 0);
		assert_int_equal(ssh_agent_request(ssh_of_buf(&b)).verdict, AGENT_REFUSE);
	}
}

static void session_bind_is_routine(void **state)
{
	auto_buf struct buf b = BUF_INIT(MAX);
	struct ssh_agent_request r;

	(void)state;
	ssh_put_byte(&b, 27);
	ssh_put_string(&b, text("session-bind@openssh.com"));
	r = ssh_agent_request(ssh_of_buf(&b));
	assert_int_equal(r.verdict, AGENT_REFUSE);
	assert_true(r.is_routine);
}

static void frames(void **state)
{
	static const struct {
		const char *bytes;
		size_t len;
		ssize_t want;
	} rows[] = {
		{ "", 0, 0 },
		{ "\0\0\0", 3, 0 },
		{ "\0\0\0\1", 4, 0 },
		{ "\0\0\0\1x", 5, 5 },
		{ "\0\0\0\1xy", 6, 5 },
		{ "\0\0\0\0", 4, -EMSGSIZE },
		{ "\0\4\0\0", 4, 0 },
		{ "\0\4\0\1", 4, -EMSGSIZE },
		{ "\377\377\377\377", 4, -EMSGSIZE },
	};

	(void)state;
	for (size_t i = 0; i < N_ELEMENTS(rows); i++) {
		struct ssh_bytes body;

		assert_int_equal(ssh_agent_frame((struct ssh_bytes){ (const uint8_t *)rows[i].bytes,
								     rows[i].len },
						 &body),
				 rows[i].want);
	}
}

/* An answer of the agent with the keys a and b. */
static void put_answer(struct buf *b, uint32_t n)
{
	auto_buf struct buf one = BUF_INIT(MAX), two = BUF_INIT(MAX);

	put_key(&one, 'a');
	put_key(&two, 'b');
	ssh_put_byte(b, 12);
	ssh_put_u32(b, n);
	ssh_put_string(b, ssh_of_buf(&one));
	ssh_put_string(b, text("first"));
	ssh_put_string(b, ssh_of_buf(&two));
	ssh_put_string(b, text("second"));
}

static void keys_that_are_not_chosen_do_not_exist(void **state)
{
	auto_arena struct arena a = ARENA_INIT;
	auto_buf struct buf b = BUF_INIT(MAX), out = BUF_INIT(MAX), key = BUF_INIT(MAX),
			    other = BUF_INIT(MAX);
	struct ssh_choice choice = { STRV_INIT(&a), STRV_INIT(&a) };
	struct ssh_bytes body, comment;

	(void)state;
	strv_add(&choice.comments, "second");
	put_answer(&b, 2);
	put_key(&key, 'b');
	put_key(&other, 'a');
	assert_int_equal(ssh_agent_put_chosen(&out, ssh_of_buf(&b), &choice), 0);
	assert_int_equal(ssh_agent_frame(ssh_of_buf(&out), &body), out.len);
	assert_null(memmem(body.data, body.len, "first", 5));
	assert_non_null(memmem(body.data, body.len, "second", 6));
	assert_true(ssh_agent_find(ssh_of_buf(&b), &choice, ssh_of_buf(&key), &comment));
	assert_true(ssh_is(comment, "second"));
	assert_false(ssh_agent_find(ssh_of_buf(&b), &choice, ssh_of_buf(&other), &comment));
}

static void torn_answers(void **state)
{
	static const uint32_t counts[] = { 0, 1, 3, 2049, 0xffffffff };
	auto_arena struct arena a = ARENA_INIT;
	struct ssh_choice all = { STRV_INIT(&a), STRV_INIT(&a) };

	(void)state;
	for (size_t i = 0; i < N_ELEMENTS(counts); i++) {
		auto_buf struct buf b = BUF_INIT(MAX), out = BUF_INIT(MAX);

		put_answer(&b, counts[i]);
		assert_int_equal(ssh_agent_put_chosen(&out, ssh_of_buf(&b), &all), -EBADMSG);
		assert_int_equal(out.len, 0);
	}
	assert_false(ssh_agent_is_signature(text("\x05")));
	assert_true(ssh_agent_is_signature(
		(struct ssh_bytes){ (const uint8_t *)"\x0e\0\0\0\6\0\0\0\1xss", 11 }));
	assert_false(ssh_agent_is_signature(
		(struct ssh_bytes){ (const uint8_t *)"\x0e\0\0\0\6\0\0\0\1xsss", 12 }));
}

struct login {
	const char *service, *method;
	size_t id_len;
	uint8_t type, has_signature;
	char key; /* whose login it says to be */
	const char *host, *more;
};

static void put_login(struct buf *b, const struct login *l)
{
	static const uint8_t id[64];
	auto_buf struct buf key = BUF_INIT(MAX);

	put_key(&key, l->key);
	ssh_put_string(b, (struct ssh_bytes){ id, l->id_len });
	ssh_put_byte(b, l->type);
	ssh_put_string(b, text("git"));
	ssh_put_string(b, text(l->service));
	ssh_put_string(b, text(l->method));
	ssh_put_byte(b, l->has_signature);
	ssh_put_string(b, text("ssh-ed25519"));
	ssh_put_string(b, ssh_of_buf(&key));
	if (l->host)
		ssh_put_string(b, text(l->host));
	buf_puts(b, l->more);
}

static void logins(void **state)
{
	static const char bound[] = "publickey-hostbound-v00@openssh.com";
	const struct {
		struct login login;
		enum ssh_signed_kind want;
	} rows[] = {
		{ { "ssh-connection", "publickey", 32, 50, 1, 'a', NULL, "" }, SIGNED_LOGIN },
		{ { "ssh-connection", "publickey", 64, 50, 1, 'a', NULL, "" }, SIGNED_LOGIN },
		{ { "ssh-connection", bound, 20, 50, 1, 'a', "host", "" }, SIGNED_LOGIN },
		{ { "ssh-connection", bound, 20, 50, 1, 'a', NULL, "" }, SIGNED_OTHER },
		{ { "ssh-connection", bound, 20, 50, 1, 'a', "", "" }, SIGNED_OTHER },
		{ { "ssh-connection", "publickey", 32, 50, 1, 'a', "host", "" }, SIGNED_OTHER },
		{ { "ssh-connection", "publickey", 32, 50, 1, 'b', NULL, "" }, SIGNED_OTHER },
		{ { "ssh-connection", "publickey", 31, 50, 1, 'a', NULL, "" }, SIGNED_OTHER },
		{ { "ssh-connection", "publickey", 32, 51, 1, 'a', NULL, "" }, SIGNED_OTHER },
		{ { "ssh-connection", "publickey", 32, 50, 0, 'a', NULL, "" }, SIGNED_OTHER },
		{ { "ssh-connection", "hostbased", 32, 50, 1, 'a', NULL, "" }, SIGNED_OTHER },
		{ { "ssh-userauth", "publickey", 32, 50, 1, 'a', NULL, "" }, SIGNED_OTHER },
		{ { "ssh-connection", "publickey", 32, 50, 1, 'a', NULL, "x" }, SIGNED_OTHER },
	};
	auto_buf struct buf key = BUF_INIT(MAX);

	(void)state;
	put_key(&key, 'a');
	for (size_t i = 0; i < N_ELEMENTS(rows); i++) {
		auto_buf struct buf b = BUF_INIT(MAX);
		struct ssh_signed s;

		put_login(&b, &rows[i].login);
		s = ssh_signed_read(ssh_of_buf(&b), ssh_of_buf(&key));
		assert_int_equal(s.kind, rows[i].want);
		if (s.kind == SIGNED_LOGIN)
			assert_true(ssh_is(s.user, "git") &&
				    ssh_is(s.host_key, rows[i].login.host ? "host" : ""));
	}
}

static void files(void **state)
{
	static const struct {
		const char *magic, *space, *algorithm, *more;
		size_t digest_len;
		enum ssh_signed_kind want;
	} rows[] = {
		{ "SSHSIG", "git", "sha512", "", 64, SIGNED_FILE },
		{ "SSHSIG", "file", "sha256", "", 32, SIGNED_FILE },
		{ "SSHSIG", "", "sha512", "", 64, SIGNED_OTHER },
		{ "SSHSIH", "git", "sha512", "", 64, SIGNED_OTHER },
		{ "SSHSIG", "git", "sha512", "", 32, SIGNED_OTHER },
		{ "SSHSIG", "git", "md5", "", 16, SIGNED_OTHER },
		{ "SSHSIG", "git", "sha512", "x", 64, SIGNED_OTHER },
	};
	static const uint8_t digest[64];

	(void)state;
	for (size_t i = 0; i < N_ELEMENTS(rows); i++) {
		auto_buf struct buf b = BUF_INIT(MAX);
		struct ssh_signed s;

		buf_puts(&b, rows[i].magic);
		ssh_put_string(&b, text(rows[i].space));
		ssh_put_string(&b, text(""));
		ssh_put_string(&b, text(rows[i].algorithm));
		ssh_put_string(&b, (struct ssh_bytes){ digest, rows[i].digest_len });
		buf_puts(&b, rows[i].more);
		s = ssh_signed_read(ssh_of_buf(&b), text("key"));
		assert_int_equal(s.kind, rows[i].want);
		assert_true(s.kind != SIGNED_FILE || ssh_is(s.space, rows[i].space));
	}
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(only_list_and_sign_pass),
		cmocka_unit_test(signing_is_read_to_the_last_byte),
		cmocka_unit_test(session_bind_is_routine),
		cmocka_unit_test(frames),
		cmocka_unit_test(keys_that_are_not_chosen_do_not_exist),
		cmocka_unit_test(torn_answers),
		cmocka_unit_test(logins),
		cmocka_unit_test(files),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
