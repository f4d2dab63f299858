/* SPDX-License-Identifier: Apache-2.0 */
#include "run/relay.h"

#include <assert.h>
#include <errno.h>
#include <sys/types.h>
#include <unistd.h>

/* Reads what there is, at most RELAY_READ bytes; as read(2). */
static ssize_t take(struct relay *r, int fd)
{
	char chunk[RELAY_READ];
	ssize_t n = read(fd, r->filter ? chunk : r->bytes, RELAY_READ);
	size_t consumed;

	r->at = 0;
	r->end = n > 0 ? (size_t)n : 0;
	if (n > 0 && r->filter) {
		r->end = vtfilter_feed(r->filter, chunk, (size_t)n, r->bytes, sizeof(r->bytes),
				       &consumed);
		assert(consumed == (size_t)n && !vtfilter_is_pending(r->filter));
	}
	return n;
}

bool relay_fill(struct relay *r, int fd)
{
	ssize_t n = take(r, fd);

	return n > 0 || (n < 0 && (errno == EAGAIN || errno == EINTR));
}

/* Before n_tty says EAGAIN it has waited for what was written already (n_tty_read()). */
bool relay_last(struct relay *r, int fd)
{
	ssize_t n;

	do
		n = take(r, fd);
	while (n < 0 && errno == EINTR);
	return n > 0;
}

void relay_drain(struct relay *r, int fd)
{
	ssize_t n = write(fd, r->bytes + r->at, r->end - r->at);

	if (n > 0)
		r->at += (size_t)n;
	if (r->at == r->end || (n < 0 && errno != EAGAIN && errno != EINTR))
		r->at = r->end = 0;
}
