/* SPDX-License-Identifier: Apache-2.0 */
#include "plan/parts.h"

#include <errno.h>

#include "plan/cell.h"

const char *plan_add_fd(struct plan *p, struct arena *a, struct plan_fd fd)
{
	p->fds = arena_grow(a, p->fds, p->n_fds + 1, sizeof(*p->fds));
	p->fds[p->n_fds++] = fd;
	return arena_printf(a, "%d", fd.number);
}

int plan_next_number(const struct plan *p)
{
	int last = p->fds[p->n_fds - 1].number;

	return last < PLAN_FIRST_DATA_FD ? PLAN_FIRST_DATA_FD : last + 1;
}

int plan_check_programs(const struct spec *s, const struct facts *f, struct err *e)
{
	if (!f->init)
		return err_set(e, ENOENT,
			       "our own program libexec/claude-sandbox/init is missing; build or "
			       "install claude-sandbox again, in its source directory with: "
			       "./dev build");
	if (s->net.mode == NETWORK_NAT && !f->pasta)
		return err_set(
			e, ENOENT,
			"network nat needs pasta: no program 'pasta' in the system's directories; "
			"install it, on Debian with: sudo apt install passt");
	if (s->net.n_listens > 0 && !f->egress)
		return err_set(e, ENOENT,
			       "our own program libexec/claude-sandbox/egress is missing; build or "
			       "install claude-sandbox again, in its source directory with: "
			       "./dev build");
	if (s->desktop.clipboard != CLIPBOARD_NONE && !f->clipboard)
		return err_set(
			e, ENOENT,
			"our own program libexec/claude-sandbox/clipboard is missing; build or "
			"install claude-sandbox again, in its source directory with: ./dev build");
	if (s->sound.server && !f->sound)
		return err_set(e, ENOENT,
			       "our own program libexec/claude-sandbox/sound is missing; build or "
			       "install claude-sandbox again, in its source directory with: "
			       "./dev build");
	return 0;
}

static void fill_job(const struct spec *s, struct arena *a, struct job *job)
{
	*job = (struct job){ .argv = STRV_INIT(a), .env = STRV_INIT(a), .cwd = s->cwd };
	strv_addn(&job->argv, s->command.items, s->command.n);
	for (size_t i = 0; i < s->n_env; i++)
		strv_add(&job->env, arena_printf(a, "%s=%s", s->env[i].name, s->env[i].value));
}

void plan_fill(const struct spec *s, const struct facts *f, struct arena *a, struct plan *p)
{
	p->egress = f->egress;
	p->pasta = f->pasta;
	fill_job(s, a, &p->job);
	cell_display(s, f, a, &p->cells[SERVICE_DISPLAY]);
	cell_wayland(s, f, a, &p->cells[SERVICE_WAYLAND]);
	cell_clipboard(s, f, a, &p->clipboard);
	cell_sound(s, f, a, &p->cells[SERVICE_SOUND]);
	cell_bus(s, f, a, &p->bus);
	p->cells[SERVICE_BUS] = p->bus.daemon.argv;
}
