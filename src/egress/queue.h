/* SPDX-License-Identifier: Apache-2.0 */
/* A queue of bytes that is there while it has any: memory of a connection that waits for more, or for its turn. */
#pragma once

#include <stddef.h>
#include <stdint.h>
#include <sys/types.h>

struct queue {
	uint8_t *data;  /* NULL while empty */
	size_t at, len; /* data[at] to data[len - 1] */
	size_t cap;
};

static inline size_t queue_left(const struct queue *b)
{
	return b->len - b->at;
}

static inline const uint8_t *queue_first(const struct queue *b)
{
	return b->data ? b->data + b->at : NULL;
}

void queue_add(struct queue *b, const void *data, size_t len);
void queue_drop(struct queue *b, size_t len);
void queue_done(struct queue *b);

/* At most @most bytes more from a socket. As recv(2), with a negated errno. */
ssize_t queue_recv(struct queue *b, int fd, size_t most);

/* What @fd takes now. As send(2), with a negated errno. */
ssize_t queue_send(struct queue *b, int fd);
