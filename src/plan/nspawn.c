/* SPDX-License-Identifier: Apache-2.0 */
/*
 * spec -> systemd-nspawn 252 (Debian 12) or later, with the root that src/container builds for it.
 *
 * systemd-nspawn has the namespaces, /proc, /dev and the supervision; the root and every mount in it are the blueprint's, as
 * its own options cannot show a file as another user's without giving the container's root the host's root files as well,
 * and it would have to run as the host's root for that.
 */
#include "plan/plan.h"

#include <errno.h>
#include <string.h>

#include "base/auto.h"
#include "plan/parts.h"

/* src/container/container.h */
#define ROOT "--directory=/run/root"

#define DROP_CAPABILITIES                                                                   \
	"--drop-capability=CAP_AUDIT_CONTROL,CAP_AUDIT_WRITE,CAP_CHOWN,"                    \
	"CAP_DAC_READ_SEARCH,CAP_FOWNER,CAP_FSETID,CAP_IPC_OWNER,CAP_KILL,CAP_LEASE,"       \
	"CAP_LINUX_IMMUTABLE,CAP_MKNOD,CAP_NET_BIND_SERVICE,CAP_NET_BROADCAST,CAP_NET_RAW," \
	"CAP_SYS_BOOT,CAP_SYS_CHROOT,CAP_SYS_NICE,CAP_SYS_PTRACE,CAP_SYS_RESOURCE,"         \
	"CAP_SYS_TTY_CONFIG"

/*
 * --register=no, --keep-unit   the sandbox is in the keeper's control group, and nobody else ends it. A container that is
 *                              registered ends with its unit: `machinectl terminate` would end the user's session.
 * --settings=no ... timezone   nothing is taken from the host, or written into the root, but by the blueprint.
 * --console=pipe               no terminal; init gives each job one that is made inside.
 * --no-new-privileges          as bubblewrap does.
 * --drop-capability            what init does not need: it mounts, clears away, and becomes the user. Then it has none. SETFCAP is
 *                              wanted of who maps the root of a user namespace again, if the user is root.
 *
 * What is not there: --private-users and --private-network, since it is in namespaces of the container's own already
 * (src/container); --seccomp, see src/container/supervisor.c; --as-pid2, as init is the first process.
 */
static const char *const options[] = {
	"--quiet",
	"--register=no",
	"--keep-unit",
	"--settings=no",
	"--link-journal=no",
	"--resolv-conf=off",
	"--timezone=off",
	"--console=pipe",
	"--no-new-privileges=yes",
	"--machine=claude-sandbox",
	DROP_CAPABILITIES,
	ROOT,
};

static const struct {
	enum blueprint_op op;
	uint32_t mode; /* if the spec names none */
	enum plan_fd_kind content;
} forms[] = {
	[MOUNT_RO] = { BLUEPRINT_BIND, 0, PLAN_FD_SOURCE },
	[MOUNT_RW] = { BLUEPRINT_BIND, 0, PLAN_FD_SOURCE },
	[MOUNT_TMPFS] = { BLUEPRINT_TMPFS, 0755, 0 },
	[MOUNT_DIR] = { BLUEPRINT_DIR, 0755, 0 },
	[MOUNT_SYMLINK] = { BLUEPRINT_SYMLINK, 0, 0 },
	[MOUNT_TEXT] = { BLUEPRINT_FILE, 0444, PLAN_FD_TEXT },
	[MOUNT_COPY] = { BLUEPRINT_FILE, 0600, PLAN_FD_FILE },
	[MOUNT_LOGIN] = { BLUEPRINT_FILE, 0600, PLAN_FD_LOGIN },
	[MOUNT_MASK] = { BLUEPRINT_MASK, 0, 0 },
	[MOUNT_SCRIPT] = { BLUEPRINT_PROGRAM, 0555, PLAN_FD_TEXT },
	[MOUNT_STUB] = { BLUEPRINT_PROGRAM, 0111, PLAN_FD_FILE },
	[MOUNT_COOKIE] = { BLUEPRINT_FILE, 0400, PLAN_FD_COOKIE },
};

/* Its place among all that is handed over. */
static uint32_t add_content(struct plan *p, struct arena *a, struct plan_fd fd)
{
	fd.number = plan_next_number(p);
	(void)plan_add_fd(p, a, fd);
	return (uint32_t)(fd.number - PLAN_FIRST_DATA_FD);
}

static uint32_t add_source(struct plan *p, struct arena *a, const char *path, bool is_writable,
			   const char *what)
{
	return add_content(p, a,
			   (struct plan_fd){ .kind = PLAN_FD_SOURCE,
					     .path = path,
					     .is_writable = is_writable,
					     .what = what });
}

static void add_row(struct plan *p, struct arena *a, struct blueprint_row row)
{
	struct blueprint *bp = &p->blueprint;

	bp->rows = arena_grow(a, bp->rows, bp->n_rows, sizeof(*bp->rows));
	bp->rows[bp->n_rows++] = row;
}

static void add_bind(struct plan *p, struct arena *a, const char *src, const char *dst,
		     bool is_writable)
{
	add_row(p, a,
		(struct blueprint_row){ .op = BLUEPRINT_BIND,
					.source = add_source(p, a, src, is_writable, dst),
					.over = BLUEPRINT_NONE,
					.file = BLUEPRINT_NONE,
					.dst = dst,
					.target = "" });
}

/* What is written goes beside the project. */
static void add_layer(struct plan *p, struct arena *a, const struct mount *m)
{
	const struct spec *s = p->spec;
	struct blueprint_row row = {
		.op = BLUEPRINT_LAYER, .file = BLUEPRINT_NONE, .dst = m->dst, .target = ""
	};

	row.source = add_source(p, a, s->project, false, m->dst);
	row.over = add_source(p, a, s->review.dir, true, "what is written to it");
	add_row(p, a, row);
}

static void add_made(struct plan *p, struct arena *a, const struct mount *m)
{
	enum plan_fd_kind content = forms[m->kind].content;
	struct blueprint_row row = { .op = forms[m->kind].op,
				     .mode = m->mode ? m->mode : forms[m->kind].mode,
				     .size = m->kind == MOUNT_TMPFS ? m->size_mib << 20 : 0,
				     .source = BLUEPRINT_NONE,
				     .over = BLUEPRINT_NONE,
				     .file = BLUEPRINT_NONE,
				     .dst = m->dst,
				     .target = m->kind == MOUNT_SYMLINK ? m->src : "" };

	if (row.op == BLUEPRINT_FILE || row.op == BLUEPRINT_PROGRAM)
		row.file = add_content(
			p, a,
			(struct plan_fd){
				.kind = content, .path = m->src, .text = m->text, .what = m->dst });
	add_row(p, a, row);
}

/* On top of systemd-nspawn's own /dev. */
static void add_in_dev(struct plan *p, struct arena *a, const struct mount *m)
{
	const char *size =
		m->size_mib ? arena_printf(a, ",size=%llum", (unsigned long long)m->size_mib) : "";

	strv_add(&p->argv, arena_printf(a, "--tmpfs=%s:nosuid,nodev,mode=%04o%s", m->dst,
					m->mode ? m->mode : 0755, size));
}

/* -ENOTSUP: a device of the host, which is no other user's. spec/ has left them out. */
static int add_mount(struct plan *p, struct arena *a, const struct mount *m, struct err *e)
{
	const char *merged = p->spec->review.merged;

	/* systemd-nspawn mounts it later, and init covers there what is to be covered (src/init/contained.c). */
	if (strncmp(m->dst, "/proc/", strlen("/proc/")) == 0)
		return 0;
	switch (m->kind) {
	case MOUNT_PROC:
	case MOUNT_DEV:
		return 0;
	case MOUNT_DEVICE:
		return err_set(e, ENOTSUP,
			       "a container cannot use the device %s: use --backend bubblewrap",
			       m->src);
	case MOUNT_RO:
	case MOUNT_RW:
		if (merged && strcmp(m->src, merged) == 0)
			add_layer(p, a, m);
		else
			add_bind(p, a, m->src, m->dst, m->kind == MOUNT_RW);
		return 0;
	case MOUNT_TMPFS:
		if (strncmp(m->dst, "/dev/", strlen("/dev/")) == 0) {
			add_in_dev(p, a, m);
			return 0;
		}
		break;
	case MOUNT_DIR:
	case MOUNT_SYMLINK:
	case MOUNT_TEXT:
	case MOUNT_COPY:
	case MOUNT_LOGIN:
	case MOUNT_MASK:
	case MOUNT_SCRIPT:
	case MOUNT_STUB:
	case MOUNT_COOKIE:
		break;
	}
	add_made(p, a, m);
	return 0;
}

static int check_nspawn(const struct facts *f, struct err *e)
{
	if (!f->nspawn)
		return err_set(
			e, ENOENT,
			"systemd-nspawn is not installed: no program of this name in the system's "
			"directories; install it, on Debian with: sudo apt install "
			"systemd-container");
	return 0;
}

int plan_starter(const struct facts *f, struct arena *a, struct strv *ret, struct err *e)
{
	if (!f->container)
		return err_set(
			e, ENOENT,
			"our own program libexec/claude-sandbox/container is missing; build or "
			"install claude-sandbox again, in its source directory with: "
			"./dev build");
	if (f->uid != 0 && !f->sudo)
		return err_set(
			e, ENOENT,
			"a container is started through sudo, which is not installed: install "
			"it, or use --backend bubblewrap");
	if (f->uid != 0 && !f->container_is_root)
		return err_set(
			e, EPERM,
			"%s is started as root, and others than root can change it: install "
			"claude-sandbox, in its source directory with: sudo meson install -C "
			"build --no-rebuild",
			f->container);
	*ret = STRV_INIT(a);
	if (f->uid != 0)
		strv_add(ret, f->sudo, "-n", "--");
	strv_add(ret, f->container);
	return 0;
}

static int render(const struct spec *s, const struct facts *f, struct arena *a, struct plan *ret,
		  struct err *e)
{
	struct plan p = { .backend = "container",
			  .spec = s,
			  .argv = STRV_INIT(a),
			  .blueprint = { .uid = s->uid,
					 .gid = s->gid,
					 .own_network = s->net.mode != NETWORK_HOST } };
	int r = check_nspawn(f, e);

	if (r == 0)
		r = plan_starter(f, a, &p.starter, e);
	if (r == 0)
		r = plan_check_programs(s, f, e);

	if (r < 0)
		return r;
	(void)plan_add_fd(&p, a,
			  (struct plan_fd){ .number = PLAN_CHANNEL_FD,
					    .kind = PLAN_FD_CHANNEL,
					    .what = "channel between launcher and init" });
	(void)plan_add_fd(&p, a,
			  (struct plan_fd){ .number = PLAN_INFO_FD,
					    .kind = PLAN_FD_GREETING,
					    .what = "number of the first process" });
	p.user = f->user ? f->user : "USER";
	strv_add(&p.argv, f->nspawn);
	strv_addn(&p.argv, options, N_ELEMENTS(options));
	strv_add(&p.argv, arena_printf(a, "--hostname=%s", s->hostname));
	for (size_t i = 0; i < s->n_mounts && r == 0; i++)
		r = add_mount(&p, a, &s->mounts[i], e);
	if (r < 0)
		return r;
	add_bind(&p, a, f->init, PLAN_INIT_PATH, false);
	strv_add(&p.argv, "--");
	p.n_wrapper = p.argv.n;
	strv_add(&p.argv, PLAN_INIT_PATH, "--contained", arena_printf(a, "%u", s->uid),
		 arena_printf(a, "%u", s->gid));
	p.blueprint.argv = p.argv;
	plan_fill(s, f, a, &p);
	*ret = p;
	return 0;
}

const struct backend_ops backend_container = { .name = "container", .render = render };
