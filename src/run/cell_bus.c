/* SPDX-License-Identifier: Apache-2.0 */
#include <string.h>

#include "base/io.h"
#include "plan/cell.h"
#include "run/cell.h"

static void give(struct service_program *p, int from, int to)
{
	p->fds[p->n_fds++] = (struct proc_fd){ from, to };
}

static int open_part(const struct cell *cell, const char *what, struct arena *a,
		     struct service_program *ret, struct err *e)
{
	int fd;
	int r;

	*ret = (struct service_program){ .what = what, .argv = cell->argv };
	if (cell->argv.n == 0)
		return 0;
	r = cell_filter(a, &fd, e);
	if (r == 0)
		give(ret, fd, CELL_FILTER_FD);
	for (size_t i = 0; r == 0 && i < cell->n_texts; i++) {
		r = io_memfd("file", cell->texts[i], strlen(cell->texts[i]), &fd, e);
		if (r == 0)
			give(ret, fd, BUS_TEXT_FD + (int)i);
	}
	return r;
}

int cell_open_bus(const struct plan *plan, struct arena *a, struct service *ret, struct err *e)
{
	const struct bus_cells *cells = &plan->bus;
	int r = open_part(&cells->daemon, "the session bus of the sandbox (dbus-daemon)", a,
			  &ret->program, e);

	if (r < 0)
		return r;
	give(&ret->program, ret->fd, CELL_LISTEN_FD);
	r = open_part(&cells->proxy, "the way to your session bus (xdg-dbus-proxy)", a,
		      &ret->bus_proxy, e);
	return r < 0 ? r
		     : open_part(&cells->broker, "what answers on the session bus of the sandbox",
				 a, &ret->bus_broker, e);
}
