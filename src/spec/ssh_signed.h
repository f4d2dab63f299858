/* SPDX-License-Identifier: Apache-2.0 */
/* What an agent is asked to sign: a login, a file or message, or something that nobody can name. */
#pragma once

#include "spec/ssh_wire.h"

enum ssh_signed_kind {
	SIGNED_OTHER,
	SIGNED_LOGIN, /* RFC 4252, section 7 */
	SIGNED_FILE,  /* ssh-keygen -Y sign; PROTOCOL.sshsig of OpenSSH */
};

struct ssh_signed {
	enum ssh_signed_kind kind;
	struct ssh_bytes user; /* SIGNED_LOGIN */
	struct ssh_bytes
		host_key; /* SIGNED_LOGIN: of the one server that it is good for; empty: any */
	struct ssh_bytes space; /* SIGNED_FILE: the namespace, "git" for git */
};

/* A login must be one with @key. Points into @data. */
struct ssh_signed ssh_signed_read(struct ssh_bytes data, struct ssh_bytes key);
