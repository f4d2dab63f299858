/* SPDX-License-Identifier: Apache-2.0 */
#include "egress/queue.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>

#define LEAST 1024

static void reserve(struct queue *b, size_t more)
{
	size_t cap = b->cap ? b->cap : LEAST;

	while (cap < b->len + more)
		cap *= 2;
	if (cap == b->cap)
		return;
	b->data = realloc(b->data, cap);
	if (!b->data)
		abort();
	b->cap = cap;
}

void queue_add(struct queue *b, const void *data, size_t len)
{
	reserve(b, len);
	memcpy(b->data + b->len, data, len);
	b->len += len;
}

void queue_drop(struct queue *b, size_t len)
{
	b->at += len;
	if (b->at == b->len)
		queue_done(b);
}

void queue_done(struct queue *b)
{
	free(b->data);
	*b = (struct queue){ 0 };
}

ssize_t queue_recv(struct queue *b, int fd, size_t most)
{
	uint8_t chunk[16384];
	ssize_t n = recv(fd, chunk, most < sizeof(chunk) ? most : sizeof(chunk), MSG_DONTWAIT);

	if (n < 0)
		return -errno;
	if (n > 0)
		queue_add(b, chunk, (size_t)n);
	return n;
}

ssize_t queue_send(struct queue *b, int fd)
{
	ssize_t n = queue_left(b) == 0
			    ? 0
			    : send(fd, queue_first(b), queue_left(b), MSG_DONTWAIT | MSG_NOSIGNAL);

	if (n < 0)
		return -errno;
	queue_drop(b, (size_t)n);
	return n;
}
