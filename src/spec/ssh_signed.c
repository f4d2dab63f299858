/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Both kinds are told from each other and from all else by their first bytes: a login begins with the
 * length of a session's id, which is a digest, the other one with "SSHSIG". A server or a signature's
 * reader accepts nothing that was not built this way to the last byte.
 */
#include "spec/ssh_signed.h"

#include <string.h>

#include "spec/ssh_key.h"

#define USERAUTH_REQUEST 50
#define NAME_MAX_LEN 255

/* The exchange hash of a key exchange: SHA-1 to SHA-512. */
static bool is_session_id(struct ssh_bytes id)
{
	return id.len == 20 || id.len == 32 || id.len == 48 || id.len == 64;
}

static bool read_login(struct ssh_bytes data, struct ssh_bytes key, struct ssh_signed *ret)
{
	static const char bound[] = "publickey-hostbound-v00@openssh.com";
	struct ssh_bytes id, service, method, algorithm, own;
	uint8_t type, has_signature;

	if (!ssh_take_string(&data, &id) || !is_session_id(id) || !ssh_take_byte(&data, &type) ||
	    type != USERAUTH_REQUEST || !ssh_take_string(&data, &ret->user) ||
	    !ssh_take_string(&data, &service) || !ssh_is(service, "ssh-connection") ||
	    !ssh_take_string(&data, &method) || !ssh_take_byte(&data, &has_signature) ||
	    has_signature != 1 || !ssh_take_string(&data, &algorithm) ||
	    !ssh_take_string(&data, &own) || !ssh_key_same(own, key))
		return false;
	/* PROTOCOL of OpenSSH, section 1.9: the server's key is part of what is signed. */
	if (ssh_is(method, bound)) {
		if (!ssh_take_string(&data, &ret->host_key) || ret->host_key.len == 0)
			return false;
	} else if (!ssh_is(method, "publickey")) {
		return false;
	}
	return data.len == 0 && algorithm.len > 0 && ret->user.len > 0 &&
	       ret->user.len <= NAME_MAX_LEN;
}

static bool read_file(struct ssh_bytes data, struct ssh_signed *ret)
{
	static const char magic[6] = "SSHSIG";
	struct ssh_bytes reserved, algorithm, digest;

	if (data.len < sizeof(magic) || memcmp(data.data, magic, sizeof(magic)) != 0)
		return false;
	data.data += sizeof(magic);
	data.len -= sizeof(magic);
	if (!ssh_take_string(&data, &ret->space) || !ssh_take_string(&data, &reserved) ||
	    !ssh_take_string(&data, &algorithm) || !ssh_take_string(&data, &digest))
		return false;
	return data.len == 0 && ret->space.len > 0 && ret->space.len <= NAME_MAX_LEN &&
	       ((ssh_is(algorithm, "sha512") && digest.len == 64) ||
		(ssh_is(algorithm, "sha256") && digest.len == 32));
}

struct ssh_signed ssh_signed_read(struct ssh_bytes data, struct ssh_bytes key)
{
	struct ssh_signed s = { 0 };

	if (read_login(data, key, &s)) {
		s.kind = SIGNED_LOGIN;
		return s;
	}
	s = (struct ssh_signed){ 0 };
	if (read_file(data, &s)) {
		s.kind = SIGNED_FILE;
		return s;
	}
	return (struct ssh_signed){ .kind = SIGNED_OTHER };
}
