/* SPDX-License-Identifier: Apache-2.0 */
/*
 * bubblewrap and user namespaces: whether they work is found out by using them, why they do not by
 * looking at the kernel's settings.
 */
#include <fcntl.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "base/auto.h"
#include "base/io.h"
#include "base/path.h"
#include "host/doctor.h"
#include "host/doctor_parts.h"
#include "host/program.h"

#define BWRAP_MIN "0.8.0" /* the first with --disable-userns */
#define BWRAP_REMEDY "sudo apt install bubblewrap"
#define LINE_MAX_SIZE ((size_t)4096)

const char *sysctl_read(const char *root, const char *name, struct arena *a)
{
	const char *path = path_join(a, root, arena_printf(a, "proc/sys/%s", name));
	struct err ignored; /* most kernels lack some of them */
	char *text = NULL;
	size_t len;

	if (io_read_file(AT_FDCWD, path, LINE_MAX_SIZE, false, a, &text, &len, &ignored) < 0)
		return NULL;
	text[strcspn(text, "\n")] = '\0';
	return text;
}

/* A setting that can take user namespaces away. */
struct knob {
	const char *name;  /* below /proc/sys */
	const char *value; /* the one that does */
	bool binds_root;
	const char *why;
	const char *remedy;
};

enum { KNOB_MAX, KNOB_CLONE, KNOB_APPARMOR, N_KNOBS };

static const struct knob knobs[N_KNOBS] = {
	[KNOB_MAX] = {
		.name = "user/max_user_namespaces",
		.value = "0",
		.binds_root = true,
		.why = "user namespaces are switched off (user.max_user_namespaces is 0)",
		.remedy = "echo user.max_user_namespaces=15000 | sudo tee /etc/sysctl.d/50-userns.conf && "
			  "sudo sysctl --system",
	},
	[KNOB_CLONE] = {
		.name = "kernel/unprivileged_userns_clone",
		.value = "0",
		.why = "user namespaces are for root only (kernel.unprivileged_userns_clone is 0)",
		.remedy = "echo kernel.unprivileged_userns_clone=1 | sudo tee /etc/sysctl.d/50-userns.conf && "
			  "sudo sysctl --system",
	},
	[KNOB_APPARMOR] = {
		.name = "kernel/apparmor_restrict_unprivileged_userns",
		.value = "1",
		.why = "user namespaces are only for programs with an AppArmor profile that allows them, and "
		       "bubblewrap has none (kernel.apparmor_restrict_unprivileged_userns is 1)",
		.remedy = "printf 'abi <abi/4.0>,\\nprofile bwrap /usr/bin/bwrap flags=(unconfined) { userns, }\\n' | "
			  "sudo tee /etc/apparmor.d/bwrap && sudo apparmor_parser -r /etc/apparmor.d/bwrap",
	},
};

static bool knob_binds(const struct knob *k, const char *root, uid_t uid, struct arena *a)
{
	const char *value = sysctl_read(root, k->name, a);

	return value && strcmp(value, k->value) == 0 && (uid != 0 || k->binds_root);
}

struct finding userns_explain(const char *root, uid_t uid, const char *why, struct arena *a)
{
	for (size_t i = 0; i < N_KNOBS; i++)
		if (knob_binds(&knobs[i], root, uid, a))
			return finding_fail(knobs[i].why, knobs[i].remedy);
	return finding_fail(arena_printf(a, "user namespaces do not work here (%s)", why),
			    "if this is a container, let it make them (docker run --security-opt "
			    "seccomp=unconfined --security-opt apparmor=unconfined --security-opt "
			    "systempaths=unconfined); else use a kernel with CONFIG_USER_NS");
}

/* NULL: it works. */
static const char *try_bwrap(const char *bwrap, const char *const *options, size_t n,
			     struct arena *a)
{
	struct strv argv = STRV_INIT(a);
	const char *line;
	const char *program;
	struct err e;
	int status;

	if (program_find("true", a, &program, &e) < 0)
		return arena_strdup(a, e.msg);
	strv_add(&argv, bwrap);
	strv_addn(&argv, options, n);
	strv_add(&argv, "--", program);
	status = doctor_try(a, strv_argv(&argv), NULL, &line);
	if (status == 0)
		return NULL;
	return line[0] ? line : arena_printf(a, "exit status %d", status);
}

const char *userns_try(const char *bwrap, struct arena *a)
{
	static const char *const options[] = { "--unshare-user", "--ro-bind", "/", "/" };

	return bwrap ? try_bwrap(bwrap, options, N_ELEMENTS(options), a) : NULL;
}

const char *doctor_userns_remedy(struct arena *a)
{
	const char *bwrap;
	const char *why;
	struct finding finding;
	struct err ignored; /* a missing bubblewrap is another sentence than this one */

	if (program_find("bwrap", a, &bwrap, &ignored) < 0)
		return NULL;
	why = userns_try(bwrap, a);
	if (!why)
		return NULL;
	finding = userns_explain("/", getuid(), why, a);
	return arena_printf(a, "%s; to mend that: %s", finding.detail, finding.remedy);
}

struct finding check_bwrap(const struct doctor *d)
{
	const char *detail;

	return doctor_finds(d, "bwrap", d->f->bwrap, &detail) ? finding_pass(detail)
							      : finding_fail(detail, BWRAP_REMEDY);
}

static struct finding not_tried(void)
{
	return finding_warn("not tried, because bubblewrap is missing",
			    "install it first: " BWRAP_REMEDY);
}

/*
 * Known-bad versions: before 0.12.0 a symlink among the parents of a mount point was followed
 * (CVE-2026-87766). That needs a mount point in a directory that a sandbox can write, and
 * spec_check() allows none.
 */
struct finding check_bwrap_version(const struct doctor *d)
{
	const char *const argv[] = { d->f->bwrap, "--version", NULL };
	const char *version;
	const char *line;

	if (!d->f->bwrap)
		return not_tried();
	if (doctor_try(d->a, argv, NULL, &line) != 0 || strncmp(line, "bubblewrap ", 11) != 0)
		return finding_fail(
			arena_printf(d->a, "%s does not tell its version: %s", d->f->bwrap, line),
			"sudo apt install --reinstall bubblewrap");
	version = line + 11;
	if (strverscmp(version, BWRAP_MIN) < 0)
		return finding_fail(
			arena_printf(d->a, "%s is too old, it takes " BWRAP_MIN, version),
			"install a newer one, from your distribution or its backports");
	if (strverscmp(version, "0.12.0") < 0)
		return finding_pass(arena_printf(d->a,
						 "%s (before 0.12.0: CVE-2026-87766 needs a mount "
						 "point in a directory that a "
						 "sandbox can write; there is none)",
						 version));
	return finding_pass(version);
}

struct finding check_bwrap_setuid(const struct doctor *d)
{
	struct stat st;

	if (!d->f->bwrap)
		return not_tried();
	if (stat(d->f->bwrap, &st) < 0 || !(st.st_mode & (S_ISUID | S_ISGID)))
		return finding_pass("not setuid");
	return finding_warn(
		arena_printf(
			d->a,
			"%s is setuid (CVE-2026-41163), and --disable-userns needs one that is not",
			d->f->bwrap),
		arena_printf(d->a, "sudo chmod ug-s %s", d->f->bwrap));
}

struct finding check_userns(const struct doctor *d)
{
	if (!d->f->bwrap)
		return not_tried();
	if (d->userns_error)
		return userns_explain(d->root, d->f->uid, d->userns_error, d->a);
	return finding_pass("bubblewrap can make them");
}

/* What plan/bwrap.c writes in front of the mounts, and one mount of each kind that needs no data. */
struct finding check_bwrap_flags(const struct doctor *d)
{
	static const char *const options[] = {
		"--unshare-user",
		"--unshare-ipc",
		"--unshare-pid",
		"--unshare-uts",
		"--unshare-cgroup",
		"--unshare-net",
		"--disable-userns",
		"--hostname",
		"doctor",
		"--die-with-parent",
		"--as-pid-1",
		"--cap-drop",
		"ALL",
		"--clearenv",
		"--chdir",
		"/",
		"--ro-bind",
		"/",
		"/",
		"--perms",
		"0700",
		"--tmpfs",
		"/tmp",
		"--proc",
		"/proc",
		"--dev",
		"/dev",
		"--remount-ro",
		"/",
	};
	const char *why;

	if (!d->f->bwrap)
		return not_tried();
	if (d->userns_error)
		return finding_warn("not tried, because user namespaces do not work",
				    "mend that first");
	why = try_bwrap(d->f->bwrap, options, N_ELEMENTS(options), d->a);
	if (!why)
		return finding_pass("all namespaces, no capabilities, no user namespace inside");
	return finding_fail(
		why, "install bubblewrap " BWRAP_MIN
		     " or later that is not setuid; if this is a container "
		     "whose /proc is masked, start it with --security-opt systempaths=unconfined");
}

static struct finding check_knob(const struct doctor *d, const struct knob *k)
{
	const char *value = sysctl_read(d->root, k->name, d->a);

	if (!value)
		return finding_pass("this kernel has no such setting");
	if (d->userns_error && knob_binds(k, d->root, d->f->uid, d->a))
		return finding_fail(k->why, k->remedy);
	if (strcmp(value, k->value) == 0)
		return finding_pass(
			arena_printf(d->a, "%s (it does not bind bubblewrap here)", value));
	return finding_pass(value);
}

struct finding check_max_userns(const struct doctor *d)
{
	return check_knob(d, &knobs[KNOB_MAX]);
}

struct finding check_userns_clone(const struct doctor *d)
{
	return check_knob(d, &knobs[KNOB_CLONE]);
}

struct finding check_apparmor_userns(const struct doctor *d)
{
	return check_knob(d, &knobs[KNOB_APPARMOR]);
}
