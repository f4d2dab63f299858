/* SPDX-License-Identifier: Apache-2.0 */
#include "spec/ssh_key.h"

#include <errno.h>
#include <string.h>

#include "base/auto.h"
#include "base/base64.h"
#include "base/hash.h"

#define KEY_MAX ((size_t)64 << 10)

/*
 * A certificate (PROTOCOL.certkeys of OpenSSH) is its type, a nonce, the fields of the key, and what
 * the authority says of it.
 */
static const struct {
	const char *cert, *plain;
	unsigned n_fields;
} certificates[] = {
	{ "ssh-rsa-cert-v01@openssh.com", "ssh-rsa", 2 },
	{ "ssh-dss-cert-v01@openssh.com", "ssh-dss", 4 },
	{ "ecdsa-sha2-nistp256-cert-v01@openssh.com", "ecdsa-sha2-nistp256", 2 },
	{ "ecdsa-sha2-nistp384-cert-v01@openssh.com", "ecdsa-sha2-nistp384", 2 },
	{ "ecdsa-sha2-nistp521-cert-v01@openssh.com", "ecdsa-sha2-nistp521", 2 },
	{ "ssh-ed25519-cert-v01@openssh.com", "ssh-ed25519", 1 },
	{ "sk-ssh-ed25519-cert-v01@openssh.com", "sk-ssh-ed25519@openssh.com", 2 },
	{ "sk-ecdsa-sha2-nistp256-cert-v01@openssh.com", "sk-ecdsa-sha2-nistp256@openssh.com", 3 },
};

/* The key of a certificate in @out; false: @key is none. */
static bool plain_key(struct ssh_bytes key, struct buf *out)
{
	struct ssh_bytes type, field;
	size_t i = 0;

	if (!ssh_take_string(&key, &type))
		return false;
	while (i < N_ELEMENTS(certificates) && !ssh_is(type, certificates[i].cert))
		i++;
	if (i == N_ELEMENTS(certificates) || !ssh_take_string(&key, &field))
		return false;
	ssh_put_string(out, (struct ssh_bytes){ (const uint8_t *)certificates[i].plain,
						strlen(certificates[i].plain) });
	for (unsigned n = 0; n < certificates[i].n_fields; n++) {
		if (!ssh_take_string(&key, &field))
			return false;
		ssh_put_string(out, field);
	}
	return !buf_full(out);
}

void ssh_fingerprint(struct ssh_bytes key, char ret[static SSH_FINGERPRINT_SIZE])
{
	auto_buf struct buf plain = BUF_INIT(KEY_MAX);
	auto_buf struct buf text = BUF_INIT(SSH_FINGERPRINT_SIZE);
	uint8_t digest[HASH_SIZE];

	if (plain_key(key, &plain))
		key = ssh_of_buf(&plain);
	hash_bytes(key.data, key.len, digest);
	buf_puts(&text, "SHA256:");
	base64_add(&text, digest, sizeof(digest));
	memcpy(ret, buf_text(&text), text.len + 1);
}

bool ssh_key_same(struct ssh_bytes a, struct ssh_bytes b)
{
	char x[SSH_FINGERPRINT_SIZE], y[SSH_FINGERPRINT_SIZE];

	ssh_fingerprint(a, x);
	ssh_fingerprint(b, y);
	return strcmp(x, y) == 0;
}

static bool is_plain_text(const char *text)
{
	for (; *text; text++)
		if ((unsigned char)*text < ' ' || *text == 0x7f)
			return false;
	return true;
}

/* Cuts the next word off *at. */
static char *next_word(char **at)
{
	char *word = *at + strspn(*at, " \t");
	size_t len = strcspn(word, " \t");

	*at = word + len + (word[len] != '\0');
	word[len] = '\0';
	return word;
}

int ssh_public_read(const char *text, size_t len, struct arena *a, struct ssh_public *ret)
{
	const char *end = memchr(text, '\n', len);
	char *rest = arena_strndup(a, text, end ? (size_t)(end - text) : len);
	size_t line_len = strlen(rest);
	uint8_t *key = arena_alloc(a, line_len + 3);
	struct ssh_bytes bytes = { key, 0 }, inner;
	const char *type, *base64;
	ssize_t n;

	if (line_len > KEY_MAX || line_len != (end ? (size_t)(end - text) : len))
		return -EINVAL;
	if (line_len > 0 && rest[line_len - 1] == '\r')
		rest[line_len - 1] = '\0';
	type = next_word(&rest);
	base64 = next_word(&rest);
	n = base64_read(base64, strlen(base64), key);
	if (n <= 0 || !is_plain_text(rest))
		return -EINVAL;
	bytes.len = (size_t)n;
	ret->key = bytes;
	/* The key says its own type: a line that says another is no key. */
	if (!ssh_take_string(&bytes, &inner) || !ssh_is(inner, type) || bytes.len == 0)
		return -EINVAL;
	ret->comment = rest;
	ret->line = arena_printf(a, "%s %s%s%s\n", type, base64, *rest ? " " : "", rest);
	return 0;
}

bool ssh_key_chosen(const struct ssh_choice *choice, struct ssh_bytes key, struct ssh_bytes comment)
{
	char fingerprint[SSH_FINGERPRINT_SIZE];

	if (choice->fingerprints.n == 0 && choice->comments.n == 0)
		return true;
	ssh_fingerprint(key, fingerprint);
	if (strv_has(&choice->fingerprints, fingerprint))
		return true;
	for (size_t i = 0; i < choice->comments.n; i++)
		if (ssh_is(comment, choice->comments.items[i]))
			return true;
	return false;
}
