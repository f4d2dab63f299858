/* SPDX-License-Identifier: Apache-2.0 */
/* What holds a sandbox to its limits here, and what to do if nothing does. */
#include "host/doctor_parts.h"

static const struct {
	enum limit_controller controller;
	const char *what;
} held[] = {
	{ LIMIT_MEMORY, "memory" },
	{ LIMIT_PIDS, "processes" },
	{ LIMIT_CPU, "processors" },
};

static const char *names(const struct doctor *d, bool wanted)
{
	const struct limit_facts *l = &d->f->limits;
	const char *text = "";

	for (size_t i = 0; i < sizeof(held) / sizeof(held[0]); i++)
		if ((l->controllers >> held[i].controller & 1) == wanted)
			text = arena_printf(d->a, "%s%s%s", text, text[0] ? ", " : "",
					    held[i].what);
	return text;
}

/* systemd gives a user's manager the controllers that user@.service delegates. */
static const char *remedy(const struct doctor *d)
{
	if (d->f->uid == 0)
		return "mount the control groups on /sys/fs/cgroup, or start this container with "
		       "a control group of its own that can be written";
	return "on a host with systemd and control groups of version 2: log in through a session "
	       "with a "
	       "user manager (sudo loginctl enable-linger $USER starts it for good); for "
	       "processors: "
	       "sudo systemctl edit user@.service, and there [Service] Delegate=cpu memory pids";
}

struct finding check_limits(const struct doctor *d)
{
	const struct limit_facts *l = &d->f->limits;

	if (l->way == LIMIT_WAY_NONE)
		return finding_warn(
			arena_printf(d->a, "limits of memory and processors cannot be held: %s; %s",
				     l->why_not ? l->why_not : "not looked at",
				     d->f->uid == 0 ? "nor can those of processes"
						    : "those of processes can, by RLIMIT_NPROC"),
			remedy(d));
	if (names(d, false)[0])
		return finding_warn(arena_printf(d->a, "held by %s: %s; not held: %s",
						 limit_way_name(l->way), names(d, true),
						 names(d, false)),
				    remedy(d));
	return finding_pass(arena_printf(d->a, "%s: %s", limit_way_name(l->way), names(d, true)));
}
