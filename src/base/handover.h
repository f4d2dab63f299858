/* SPDX-License-Identifier: Apache-2.0 */
/*
 * What the keeper says to libexec/claude-sandbox/container, which runs as root for a moment (src/container): on a pair
 * of SOCK_SEQPACKET sockets, its end is standard input. Whoever has made the pair is the user for whom it works.
 *
 *   head                    struct handover_head; descriptors: init's channel, what it greets on, the blueprint
 *   batches, until all      a byte for each descriptor beside it: enum handover_kind
 *   (a blueprint that lends: each source comes back over the channel as a mount, beside a WIRE_DONE)
 *   answer                  struct handover_answer; descriptor: a pidfd of the container's supervisor
 *
 * A source is a file or directory that the user has opened (O_PATH): it is shown inside as its owner's, and no root's,
 * without device files and set-user-ID programs. The blueprint says where; this program does not read it as root.
 */
#pragma once

#include <stddef.h>
#include <stdint.h>

#include "base/packet.h"

#define HANDOVER_MAGIC UINT32_C(0x43534831)
#define HANDOVER_MAX 4096 /* descriptors in all */
#define HANDOVER_BATCH PACKET_MAX_FDS

/* printf(3): who may call it through sudo, and its path. sudoers(5): "" is no arguments. */
#define HANDOVER_SUDO_RULE \
	"as root: echo '%s ALL=(root) NOPASSWD: %s \"\"' > /etc/sudoers.d/claude-sandbox"

enum handover_kind {
	HANDOVER_SOURCE = 1, /* read-only */
	HANDOVER_SOURCE_RW,
	HANDOVER_FILE, /* open for reading; it passes through */
};

enum { HANDOVER_CHANNEL, HANDOVER_GREETING, HANDOVER_BLUEPRINT, N_HANDOVER_FIRST };

struct handover_head {
	uint32_t magic;
	uint32_t n_fds; /* in the batches */
};

struct handover_answer {
	uint32_t magic;
	int32_t pid;
};

/* Ids of the host that stand for a container's: its root's, its user's, and that of its group "tty". */
enum { HANDOVER_ID_ROOT, HANDOVER_ID_USER, HANDOVER_ID_TTY, N_HANDOVER_IDS };

/*
 * Above all that systemd gives away (systemd.io/UIDS-GIDS: 1879048192 and more is not used), four for each user. Users whose
 * numbers differ by a multiple of 67108864 share them.
 */
static inline uint32_t handover_id(uint32_t uid, uint32_t which)
{
	return UINT32_C(0x70000000) + (uid & UINT32_C(0x3ffffff)) * 4 + which;
}

/* 0, or -EBADMSG for what no honest keeper says. */
int handover_head_check(const void *message, size_t size, size_t n_fds);
int handover_batch_check(const uint8_t *kinds, size_t n_kinds, size_t n_fds, size_t n_left);
