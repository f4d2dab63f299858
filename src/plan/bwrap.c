/* SPDX-License-Identifier: Apache-2.0 */
/*
 * spec -> bubblewrap 0.8 (Debian 12) or later. bwrap works its options off in the order in which
 * they stand, so the mounts are written in the order of the spec, parents first.
 */
#include "plan/plan.h"

#include <errno.h>

#include "base/auto.h"
#include "plan/parts.h"

/* What stands between a mount's option and its destination. */
enum operand {
	OPERAND_NONE,
	OPERAND_SRC,
	OPERAND_NULL,
	OPERAND_TEXT_FD,
	OPERAND_FILE_FD,
	OPERAND_LOGIN_FD,
	OPERAND_COOKIE_FD
};

struct mount_form {
	const char *option;
	enum operand operand;
	mode_t mode;   /* if the spec names none; 0: bwrap's own default, 0755 */
	bool has_mode; /* --perms goes before it */
};

/*
 * MASK: bwrap's bind mounts are nodev, so opening the masked file fails with EACCES instead of
 * reading as empty, which tells the payload the truth.
 * TEXT and COPY are --file and no bind: a tenth of the time of a mount, and in the home they can be
 * replaced by rename(2), as settings files are. Outside of it the root is read-only in the end.
 * STUB: a file of its own for each, so that its number tells which command it stands for. Nobody inside can
 * make it readable again: bwrap unlinks what it binds, and the bind is read-only.
 */
static const struct mount_form forms[] = {
	[MOUNT_RO] = { "--ro-bind", OPERAND_SRC, 0, false },
	[MOUNT_RW] = { "--bind", OPERAND_SRC, 0, false },
	[MOUNT_DEVICE] = { "--dev-bind", OPERAND_SRC, 0, false },
	[MOUNT_TMPFS] = { "--tmpfs", OPERAND_NONE, 0, true },
	[MOUNT_DIR] = { "--dir", OPERAND_NONE, 0, true },
	[MOUNT_SYMLINK] = { "--symlink", OPERAND_SRC, 0, false },
	[MOUNT_PROC] = { "--proc", OPERAND_NONE, 0, false },
	[MOUNT_DEV] = { "--dev", OPERAND_NONE, 0, false },
	[MOUNT_TEXT] = { "--file", OPERAND_TEXT_FD, 0444, true },
	[MOUNT_COPY] = { "--file", OPERAND_FILE_FD, 0600, true },
	[MOUNT_LOGIN] = { "--file", OPERAND_LOGIN_FD, 0600, true },
	[MOUNT_MASK] = { "--ro-bind", OPERAND_NULL, 0, false },
	[MOUNT_SCRIPT] = { "--ro-bind-data", OPERAND_TEXT_FD, 0555, true },
	[MOUNT_STUB] = { "--ro-bind-data", OPERAND_FILE_FD, 0111, true },
	[MOUNT_COOKIE] = { "--file", OPERAND_COOKIE_FD, 0400, true },
};

/*
 * What stands before the mounts:
 *
 * --unshare-*        every namespace there is, the network's unless it is the host's. Named one by
 *                    one, because --unshare-all means "-try" for user and cgroup: it fails open.
 * --disable-userns   no user namespace inside, by sysctl in a parent namespace that the payload
 *                    cannot reach: the second lock behind the filter's refusal of clone and
 *                    unshare. Needs --unshare-user and a bwrap that is not setuid. Not there where
 *                    a browser makes its own, in which the filter still refuses to mount.
 * --hostname         the host's name stays outside.
 * --info-fd          who the first process is, before anything is mounted: what limits it from
 *                    outside is done meanwhile.
 * --die-with-parent  a killed launcher leaves nothing behind.
 * --as-pid-1         our init is the first process and reaps; bwrap's own would be one more.
 * --cap-drop ALL     for root, whom bwrap otherwise leaves every capability.
 * --clearenv         nothing of the caller's environment; init gets the payload's by channel, so
 *                    it shows in no /proc/PID/environ but the payload's own.
 * --chdir /          not the caller's directory; init goes to the payload's.
 *
 * What is not there: --new-session, since init gives each job a session with a pty made inside;
 * --seccomp, since init loads the filter last, after what the filter refuses (keyctl) is done;
 * --setenv and other places where a secret would show in argv; --uid and --gid, since bwrap maps
 * the caller onto itself.
 */
static const char *const head[] = {
	"--unshare-user", "--unshare-ipc", "--unshare-pid", "--unshare-uts", "--unshare-cgroup",
};
static const char *const tail[] = {
	"--die-with-parent", "--as-pid-1", "--cap-drop", "ALL", "--clearenv", "--chdir", "/",
};

static const char *operand(struct plan *p, struct arena *a, const struct mount *m)
{
	switch (forms[m->kind].operand) {
	case OPERAND_NONE:
		return NULL;
	case OPERAND_SRC:
		return m->src;
	case OPERAND_NULL:
		return "/dev/null";
	case OPERAND_TEXT_FD:
		return plan_add_fd(p, a,
				   (struct plan_fd){ .number = plan_next_number(p),
						     .kind = PLAN_FD_TEXT,
						     .text = m->text,
						     .what = m->dst });
	case OPERAND_FILE_FD:
		return plan_add_fd(p, a,
				   (struct plan_fd){ .number = plan_next_number(p),
						     .kind = PLAN_FD_FILE,
						     .path = m->src,
						     .what = m->dst });
	case OPERAND_LOGIN_FD:
		return plan_add_fd(p, a,
				   (struct plan_fd){ .number = plan_next_number(p),
						     .kind = PLAN_FD_LOGIN,
						     .path = m->src,
						     .what = m->dst });
	case OPERAND_COOKIE_FD:
		return plan_add_fd(p, a,
				   (struct plan_fd){ .number = plan_next_number(p),
						     .kind = PLAN_FD_COOKIE,
						     .path = m->src,
						     .text = m->text,
						     .what = m->dst });
	}
	return NULL;
}

static void add_mount(struct plan *p, struct arena *a, const struct mount *m)
{
	const struct mount_form *form = &forms[m->kind];
	mode_t mode = m->mode ? m->mode : form->mode;
	const char *word = operand(p, a, m);

	if (form->has_mode && mode)
		strv_add(&p->argv, "--perms", arena_printf(a, "%04o", mode));
	if (m->kind == MOUNT_TMPFS && m->size_mib)
		strv_add(&p->argv, "--size",
			 arena_printf(a, "%llu", (unsigned long long)m->size_mib << 20));
	strv_add(&p->argv, form->option);
	if (word)
		strv_add(&p->argv, word);
	strv_add(&p->argv, m->dst);
}

/*
 * bwrap's /dev is a tmpfs of the kernel's default size, half of all memory. Once all that lies in
 * it is there, nobody has to write to it: devices, pts and shm are mounts of their own.
 */
static void close_devices(const struct spec *s, struct plan *p)
{
	for (size_t i = 0; i < s->n_mounts; i++)
		if (s->mounts[i].kind == MOUNT_DEV)
			strv_add(&p->argv, "--remount-ro", s->mounts[i].dst);
}

static int check_programs(const struct spec *s, const struct facts *f, struct err *e)
{
	if (!f->bwrap)
		return err_set(
			e, ENOENT,
			"bubblewrap is not installed: no program 'bwrap' in the system's "
			"directories; install it, on Debian with: sudo apt install bubblewrap");
	return plan_check_programs(s, f, e);
}

static int render(const struct spec *s, const struct facts *f, struct arena *a, struct plan *ret,
		  struct err *e)
{
	struct plan p = { .backend = "bubblewrap", .spec = s, .argv = STRV_INIT(a) };
	const char *channel;
	int r = check_programs(s, f, e);

	if (r < 0)
		return r;
	channel = plan_add_fd(&p, a,
			      (struct plan_fd){ .number = PLAN_CHANNEL_FD,
						.kind = PLAN_FD_CHANNEL,
						.what = "channel between launcher and init" });
	strv_add(&p.argv, f->bwrap);
	strv_addn(&p.argv, head, N_ELEMENTS(head));
	if (s->net.mode != NETWORK_HOST)
		strv_add(&p.argv, "--unshare-net");
	if (!(s->seccomp.relax & SECCOMP_BROWSER))
		strv_add(&p.argv, "--disable-userns");
	if (spec_wants_init(s))
		strv_add(&p.argv, "--info-fd",
			 plan_add_fd(&p, a,
				     (struct plan_fd){ .number = PLAN_INFO_FD,
						       .kind = PLAN_FD_INFO,
						       .what = "number of the first process" }));
	strv_add(&p.argv, "--hostname", s->hostname);
	strv_addn(&p.argv, tail, N_ELEMENTS(tail));
	for (size_t i = 0; i < s->n_mounts; i++)
		add_mount(&p, a, &s->mounts[i]);
	close_devices(s, &p);
	/* After every mount of the spec, so that none can cover it; the root last of all, since
	 * bwrap makes the places for mounts in it. */
	strv_add(&p.argv, "--ro-bind", f->init, PLAN_INIT_PATH, "--remount-ro", "/", "--");
	p.n_wrapper = p.argv.n;
	strv_add(&p.argv, PLAN_INIT_PATH, "--channel", channel);
	plan_fill(s, f, a, &p);
	*ret = p;
	return 0;
}

const struct backend_ops backend_bubblewrap = { .name = "bubblewrap", .render = render };
