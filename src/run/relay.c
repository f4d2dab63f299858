/* SPDX-License-Identifier: Apache-2.0 */
#include "run/relay.h"

#include <errno.h>
#include <unistd.h>

bool relay_fill(struct relay *r, int fd)
{
	ssize_t n = read(fd, r->bytes, sizeof(r->bytes));

	if (n > 0) {
		r->at = 0;
		r->end = (size_t)n;
	}
	return n > 0 || (n < 0 && (errno == EAGAIN || errno == EINTR));
}

/* Before n_tty says EAGAIN it has waited for what was written already (n_tty_read()). */
bool relay_last(struct relay *r, int fd)
{
	ssize_t n;

	do
		n = read(fd, r->bytes, sizeof(r->bytes));
	while (n < 0 && errno == EINTR);
	r->at = 0;
	r->end = n > 0 ? (size_t)n : 0;
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
