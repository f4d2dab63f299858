/* SPDX-License-Identifier: Apache-2.0 */
/* Fingerprints are those that ssh-keygen -l printed for these keys, and a certificate's is that of its key. */
#include "spec/ssh_key.h"

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
#include "base/base64.h"

#define ED25519 "SHA256:QGx+6gYOCtOkoZrpVk1B26dO4jFmx4NGNveTvQlOny4"
#define ECDSA "SHA256:RkVI4GRq4Dy1QmTbevvj62U0UiR6QP1GhXMmxKOz3KQ"

static const char ed25519[] =
	"ssh-ed25519 AAAAC3NzaC1lZDI1NTE5AAAAIE2VPLVsMjRQI55EX+wIhq83y+xOpABg+Teo5DoIcste ann@hos"
	"t";
static const char ed25519_cert[] =
	"ssh-ed25519-cert-v01@openssh.com AAAAIHNzaC1lZDI1NTE5LWNlcnQtdjAxQG9wZW5zc2guY29tAAAAIFX"
	"VxBnHqds2nLJm8dGv34c9KvuC1XxYcGni5bcL44HqAAAAIE2VPLVsMjRQI55EX+wIhq83y+xOpABg+Teo5DoIcst"
	"eAAAAAAAAAAAAAAABAAAAAmlkAAAABwAAAANhbm4AAAAAAAAAAP//////////AAAAAAAAAIIAAAAVcGVybWl0LVg"
	"xMS1mb3J3YXJkaW5nAAAAAAAAABdwZXJtaXQtYWdlbnQtZm9yd2FyZGluZwAAAAAAAAAWcGVybWl0LXBvcnQtZm9"
	"yd2FyZGluZwAAAAAAAAAKcGVybWl0LXB0eQAAAAAAAAAOcGVybWl0LXVzZXItcmMAAAAAAAAAAAAAADMAAAALc3N"
	"oLWVkMjU1MTkAAAAg82lRNkvJYnTCrCusTs2kObxpPRwRw3oFTPyRgMUop/4AAABTAAAAC3NzaC1lZDI1NTE5AAA"
	"AQL+cNA+hE8m77uqQbs4R4luseGbjY9bAVUlyp3VZDDe7+rrz2roLh0Vw7LNfEq+pct7PvCOKsqFCrQOOCgb/kgQ"
	"= ann@host";
static const char ecdsa[] =
	"ecdsa-sha2-nistp256 AAAAE2VjZHNhLXNoYTItbmlzdHAyNTYAAAAIbmlzdHAyNTYAAABBBJ2VbxI6UbTcdln2"
	"4xMuS3R3HaB5Nlh3kfyFw/QCb/mWfP71zB2E/oNR2r8RIcx8TgwstVdhY4eKdx+C8/wEb/s= e";
static const char ecdsa_cert[] =
	"ecdsa-sha2-nistp256-cert-v01@openssh.com AAAAKGVjZHNhLXNoYTItbmlzdHAyNTYtY2VydC12MDFAb3B"
	"lbnNzaC5jb20AAAAg3TAAiAPQkt65FdpmFAGAwawDgaeB0J/U03T7Z+agptUAAAAIbmlzdHAyNTYAAABBBJ2VbxI"
	"6UbTcdln24xMuS3R3HaB5Nlh3kfyFw/QCb/mWfP71zB2E/oNR2r8RIcx8TgwstVdhY4eKdx+C8/wEb/sAAAAAAAA"
	"AAAAAAAEAAAACaWQAAAAHAAAAA2FubgAAAAAAAAAA//////////8AAAAAAAAAggAAABVwZXJtaXQtWDExLWZvcnd"
	"hcmRpbmcAAAAAAAAAF3Blcm1pdC1hZ2VudC1mb3J3YXJkaW5nAAAAAAAAABZwZXJtaXQtcG9ydC1mb3J3YXJkaW5"
	"nAAAAAAAAAApwZXJtaXQtcHR5AAAAAAAAAA5wZXJtaXQtdXNlci1yYwAAAAAAAAAAAAAAMwAAAAtzc2gtZWQyNTU"
	"xOQAAACDzaVE2S8lidMKsK6xOzaQ5vGk9HBHDegVM/JGAxSin/gAAAFMAAAALc3NoLWVkMjU1MTkAAABA1vAJPe2"
	"V25lWU3TdFIVfXO6haX7+7+NhDpd02r/e3m0Cs3i/xQOPr0gx6nGLh/x/e8EJh78fkzBO6jcrDq+JCg== e";

static struct ssh_bytes bytes_of(const char *text)
{
	return (struct ssh_bytes){ (const uint8_t *)text, strlen(text) };
}

static struct ssh_bytes key_of(const char *line, struct arena *a)
{
	struct ssh_public key;

	assert_int_equal(ssh_public_read(line, strlen(line), a, &key), 0);
	return key.key;
}

static void fingerprints(void **state)
{
	static const struct {
		const char *line, *want;
	} rows[] = { { ed25519, ED25519 },
		     { ed25519_cert, ED25519 },
		     { ecdsa, ECDSA },
		     { ecdsa_cert, ECDSA } };

	(void)state;
	for (size_t i = 0; i < N_ELEMENTS(rows); i++) {
		auto_arena struct arena a = ARENA_INIT;
		char got[SSH_FINGERPRINT_SIZE];

		ssh_fingerprint(key_of(rows[i].line, &a), got);
		assert_string_equal(got, rows[i].want);
	}
}

static void lines(void **state)
{
	static const char *const bad[] = {
		"",
		"\n",
		"ssh-ed25519",
		"ssh-ed25519 AAAA",
		"ssh-rsa AAAAC3NzaC1lZDI1NTE5AAAAIE2VPLVs x",
		"-----BEGIN OPENSSH PRIVATE KEY-----\nb3BlbnNzaC1rZXktdjE=\n",
		"ssh-ed25519 !!!! x",
		"ssh-ed25519 AAAAC3NzaC1lZDI1NTE5 only the type",
		"command=\"x\" ssh-ed25519 AAAA x",
	};
	auto_arena struct arena a = ARENA_INIT;
	struct ssh_public key;

	(void)state;
	for (size_t i = 0; i < N_ELEMENTS(bad); i++)
		assert_int_equal(ssh_public_read(bad[i], strlen(bad[i]), &a, &key), -EINVAL);
	assert_int_equal(ssh_public_read(ed25519, strlen(ed25519), &a, &key), 0);
	assert_string_equal(key.comment, "ann@host");
	assert_string_equal(key.line, arena_printf(&a, "%s\n", ed25519));
	/* Only the first line counts, and no control byte of it gets on. */
	assert_int_equal(ssh_public_read(arena_printf(&a, "%s\r\nsecret", ecdsa), strlen(ecdsa) + 8,
					 &a, &key),
			 0);
	assert_string_equal(key.line, arena_printf(&a, "%s\n", ecdsa));
	assert_int_equal(
		ssh_public_read(arena_printf(&a, "%s\033[m", ecdsa), strlen(ecdsa) + 3, &a, &key),
		-EINVAL);
}

static void choices(void **state)
{
	auto_arena struct arena a = ARENA_INIT;
	struct ssh_choice all = { STRV_INIT(&a), STRV_INIT(&a) }, some = all;
	struct ssh_bytes key = key_of(ed25519, &a), other = key_of(ecdsa, &a);

	(void)state;
	assert_true(ssh_key_chosen(&all, key, bytes_of("x")));
	strv_add(&some.fingerprints, ED25519);
	assert_true(ssh_key_chosen(&some, key, bytes_of("x")));
	assert_true(ssh_key_chosen(&some, key_of(ed25519_cert, &a), bytes_of("x")));
	assert_false(ssh_key_chosen(&some, other, bytes_of("x")));
	strv_add(&some.comments, "mine");
	assert_true(ssh_key_chosen(&some, other, bytes_of("mine")));
	assert_false(ssh_key_chosen(&some, other, bytes_of("mine ")));
	assert_false(
		ssh_key_chosen(&some, other, (struct ssh_bytes){ (const uint8_t *)"mine", 5 }));
}

static void base64(void **state)
{
	static const struct {
		const char *plain, *text;
	} rows[] = { { "", "" },
		     { "f", "Zg==" },
		     { "fo", "Zm8=" },
		     { "foo", "Zm9v" },
		     { "foob", "Zm9vYg==" } };
	static const char *const bad[] = { "Z",    "Zg=",  "Zh==", "Zg===",
					   "Z g=", "=Zg=", "Zm9=", "Zg==Zg==" };
	uint8_t bytes[32];

	(void)state;
	for (size_t i = 0; i < N_ELEMENTS(rows); i++) {
		auto_buf struct buf b = BUF_INIT(100);
		size_t len = strlen(rows[i].plain);

		base64_add(&b, rows[i].plain, len);
		assert_int_equal(strncmp(buf_text(&b), rows[i].text, b.len), 0);
		assert_int_equal(base64_read(rows[i].text, strlen(rows[i].text), bytes), len);
		assert_memory_equal(bytes, rows[i].plain, len);
		assert_int_equal(base64_read(buf_text(&b), b.len, bytes), len);
	}
	for (size_t i = 0; i < N_ELEMENTS(bad); i++)
		assert_int_equal(base64_read(bad[i], strlen(bad[i]), bytes), -EINVAL);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(fingerprints),
		cmocka_unit_test(lines),
		cmocka_unit_test(choices),
		cmocka_unit_test(base64),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
