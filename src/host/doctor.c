/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Is this host able? A table of checks; each looks at one thing and says what to do if it is not
 * as it should be. A failure means that no sandbox starts, a warning that something will be missing.
 */
#include "host/doctor.h"

#include <errno.h>
#include <fcntl.h>
#include <link.h>
#include <linux/landlock.h>
#include <linux/magic.h>
#include <linux/seccomp.h>
#include <stdint.h>
#include <string.h>
#include <sys/prctl.h>
#include <sys/stat.h>
#include <sys/statfs.h>
#include <sys/syscall.h>
#include <sys/utsname.h>
#include <unistd.h>

#include "base/auto.h"
#include "base/io.h"
#include "base/path.h"
#include "base/proc.h"
#include "host/doctor_parts.h"
#include "host/program.h"
#include "spec/agent.h"
#include "spec/landlock.h"

#define TRY_TIMEOUT_MS 5000
#define TRY_OUTPUT_MAX ((size_t)4096)
#define MAX_FINDINGS 64

int doctor_try(struct arena *a, const char *const *argv, const char *path, const char **ret_line)
{
	const char *const envp[] = {
		arena_printf(a, "PATH=%s", path ? path : "/usr/bin:/bin"),
		"HOME=/nonexistent",
		"LC_ALL=C.UTF-8",
		NULL,
	};
	const struct cmd cmd = { .argv = argv, .envp = envp, .die_with_parent = true };
	auto_free char *text = NULL;
	struct err e;
	int status;

	if (proc_output(&cmd, TRY_OUTPUT_MAX, TRY_TIMEOUT_MS, &text, &status, &e) < 0) {
		*ret_line = arena_strdup(a, e.msg);
		return 127;
	}
	*ret_line = arena_strndup(a, text, strcspn(text, "\n"));
	return status;
}

bool doctor_finds(const struct doctor *d, const char *name, const char *known,
		  const char **ret_detail)
{
	struct err e;

	*ret_detail = known;
	if (known || program_find(name, d->a, ret_detail, &e) == 0)
		return true;
	*ret_detail = arena_strdup(d->a, e.msg);
	return false;
}

/* 1: an ELF file that needs no loader; 0: it needs one; < 0: it is no ELF file of this width. */
static int is_static(const char *path)
{
	auto_fd int fd = open(path, O_RDONLY | O_CLOEXEC);
	ElfW(Ehdr) head;

	if (fd < 0 || pread(fd, &head, sizeof(head), 0) != (ssize_t)sizeof(head) ||
	    memcmp(head.e_ident, ELFMAG, SELFMAG) != 0)
		return -EINVAL;
	for (unsigned i = 0; i < head.e_phnum; i++) {
		off_t at = (off_t)(head.e_phoff + (size_t)i * sizeof(ElfW(Phdr)));
		ElfW(Phdr) part;

		if (pread(fd, &part, sizeof(part), at) != (ssize_t)sizeof(part))
			return -EINVAL;
		if (part.p_type == PT_INTERP)
			return 0;
	}
	return 1;
}

static struct finding check_init(const struct doctor *d)
{
	static const char again[] =
		"build or install claude-sandbox again; in its source directory: ./dev build";

	if (!d->f->init)
		return finding_fail("libexec/claude-sandbox/init is missing beside our own program",
				    again);
	if (is_static(d->f->init) != 1)
		return finding_fail(arena_printf(d->a, "%s is not a static program of this machine",
						 d->f->init),
				    again);
	return finding_pass(arena_printf(d->a, "%s, static", d->f->init));
}

static struct finding check_seccomp(const struct doctor *d)
{
	uint32_t action = SECCOMP_RET_KILL_PROCESS;

	if (prctl(PR_GET_SECCOMP, 0, 0, 0, 0) < 0 ||
	    syscall(SYS_seccomp, SECCOMP_GET_ACTION_AVAIL, 0, &action) < 0)
		return finding_fail(
			arena_printf(d->a, "the kernel cannot filter system calls: %s",
				     strerrordesc_np(errno)),
			"use a kernel of version 4.14 or later with CONFIG_SECCOMP_FILTER");
	return finding_pass("the kernel can filter system calls");
}

static struct finding describe_landlock(const struct doctor *d, long abi)
{
	const struct facts f = { .landlock_abi = (int)abi };
	struct strv holds = STRV_INIT(d->a);
	struct strv lacks = STRV_INIT(d->a);
	struct landlock l;

	landlock_build(&f, NULL, 0, d->a, &l);
	landlock_describe(&l, &holds, &lacks);
	if (lacks.n == 0)
		return finding_pass(arena_printf(d->a, "ABI %ld, all that is used", abi));
	if (holds.n == 0)
		return finding_warn(arena_printf(d->a, "ABI %ld, too old to be used", abi),
				    "use Linux 5.19 or later");
	return finding_pass(arena_printf(d->a, "ABI %ld; this kernel cannot hold that %s", abi,
					 lacks.items[0]));
}

static struct finding check_landlock(const struct doctor *d)
{
	long abi = syscall(SYS_landlock_create_ruleset, NULL, 0, LANDLOCK_CREATE_RULESET_VERSION);

	/* A second wall: without it the first one stands, and --explain says so. */
	if (abi < 0 && errno == EOPNOTSUPP)
		return finding_warn("in this kernel, but switched off: no second wall",
				    "start the kernel with landlock in its lsm= list");
	if (abi < 0)
		return finding_warn("not in this kernel: no second wall behind the mounts",
				    "use Linux 5.19 or later with CONFIG_SECURITY_LANDLOCK");
	return describe_landlock(d, abi);
}

static const char *install_agent(const struct doctor *d)
{
	const struct agent *agent = agent_find(d->c->agent);

	return arena_printf(d->a, "./dev run fetches it; or: npm install --global %s",
			    agent && agent->package ? agent->package : d->c->agent);
}

/*
 * Its version is asked for in "/": what the project holds (a package.json, a bunfig.toml) must not
 * have a say in what runs out here. PATH has the directory it was found in, where nvm keeps its node.
 */
static struct finding check_agent(const struct doctor *d)
{
	const struct agent_fact *agent = &d->f->agent;
	const char *argv[] = { NULL, "--chdir=/", agent->real, "--version", NULL };
	const char *path;
	const char *line;
	struct err e;

	if (!agent->program || !agent->real)
		return finding_warn(arena_printf(d->a, "%s is not installed", d->c->agent),
				    install_agent(d));
	if (strchr(agent->real, '='))
		return finding_pass(agent->program); /* env(1) would take it for a variable */
	if (program_find("env", d->a, &argv[0], &e) < 0)
		return finding_warn(arena_strdup(d->a, e.msg), "sudo apt install coreutils");
	path = arena_printf(d->a, "%s:/usr/local/bin:/usr/bin:/bin",
			    path_parent(d->a, agent->program));
	if (doctor_try(d->a, argv, path, &line) != 0 || !line[0])
		return finding_warn(
			arena_printf(d->a, "%s --version does not answer: %s", agent->real, line),
			install_agent(d));
	return finding_pass(arena_printf(d->a, "%s, %s", agent->program, line));
}

static struct finding check_git(const struct doctor *d)
{
	const char *detail;

	return doctor_finds(d, "git", NULL, &detail) ? finding_pass(detail)
						     : finding_warn(detail, "sudo apt install git");
}

static struct finding check_certificates(const struct doctor *d)
{
	static const char *const bundles[] = {
		"etc/ssl/certs/ca-certificates.crt", /* Debian, Arch, NixOS */
		"etc/pki/tls/certs/ca-bundle.crt",   /* Fedora */
		"etc/ssl/ca-bundle.pem",             /* SUSE */
		"etc/ssl/cert.pem",                  /* Alpine */
	};

	for (size_t i = 0; i < N_ELEMENTS(bundles); i++) {
		const char *path = path_join(d->a, d->root, bundles[i]);
		struct stat st;

		if (stat(path, &st) == 0 && st.st_size > 0 && access(path, R_OK) == 0)
			return finding_pass(path);
	}
	return finding_warn("no bundle of certificates in /etc/ssl or /etc/pki, so HTTPS will fail",
			    "sudo apt install ca-certificates");
}

/* The doctor makes nothing: the nearest directory that exists tells. */
static struct finding check_state(const struct doctor *d)
{
	const char *path = d->f->state_root;
	struct stat st;

	while (path && stat(path, &st) < 0 && errno == ENOENT)
		path = path_parent(d->a, path);
	if (path && stat(path, &st) == 0 && S_ISDIR(st.st_mode) && access(path, W_OK | X_OK) == 0)
		return finding_pass(d->f->state_root);
	return finding_fail(
		arena_printf(d->a, "%s cannot be made or written: see %s", d->f->state_root,
			     path ? path : "/"),
		"give that directory to yourself, or set XDG_STATE_HOME to one you can write to");
}

/* overlayfs(rst): what can carry a layer keeps marks of users and tells the type of a name. */
static struct finding check_review(const struct doctor *d)
{
	static const unsigned long unfit[] = { OVERLAYFS_SUPER_MAGIC, NFS_SUPER_MAGIC,
					       SMB_SUPER_MAGIC, FUSE_SUPER_MAGIC };
	const char *path = d->f->state_root;
	struct statfs fs = { 0 };

	while (path && statfs(path, &fs) < 0 && errno == ENOENT)
		path = path_parent(d->a, path);
	for (size_t i = 0; path && i < N_ELEMENTS(unfit); i++)
		if ((unsigned long)fs.f_type == unfit[i])
			return finding_warn(
				arena_printf(d->a,
					     "%s is on a file system that cannot carry the "
					     "layer of --review",
					     path),
				"set XDG_STATE_HOME to a directory on a local disk");
	return finding_pass("--review can keep its layer there");
}

/* A broken one has already ended the program with a sentence of its own. */
static struct finding check_project_file(const struct doctor *d)
{
	struct stat st;

	if (!d->f->project ||
	    lstat(path_join(d->a, d->f->project, ".claude-sandbox.json"), &st) < 0)
		return finding_pass("none");
	return finding_pass(arena_printf(d->a, "%s/.claude-sandbox.json, which may only tighten",
					 d->f->project));
}

static struct finding check_tiocsti(const struct doctor *d)
{
	const char *value = sysctl_read(d->root, "dev/tty/legacy_tiocsti", d->a);

	if (value && strcmp(value, "0") == 0)
		return finding_pass("0: no program can type into a terminal");
	return finding_pass(
		"allowed by this kernel; harmless, the payload has a terminal of its own");
}

static struct finding check_kernel(const struct doctor *d)
{
	const char *path = path_join(d->a, d->root, "proc/version");
	struct err ignored; /* without it, no WSL */
	struct utsname uts;
	char *text = NULL;
	size_t len;
	bool is_wsl;

	if (uname(&uts) < 0)
		return finding_warn("uname(2) fails", "use Linux");
	is_wsl = io_read_file(AT_FDCWD, path, TRY_OUTPUT_MAX, false, d->a, &text, &len, &ignored) ==
			 0 &&
		 strcasestr(text, "microsoft");
	return finding_pass(
		arena_printf(d->a, "%s%s", uts.release,
			     is_wsl ? ", WSL2: Windows drives below /mnt stay outside" : ""));
}

static struct finding check_user(const struct doctor *d)
{
	if (d->f->uid == 0)
		return finding_warn(
			"you are root: whoever breaks out of the sandbox is root as well",
			"start it as an ordinary user");
	return finding_pass(arena_printf(d->a, "%s (%u)", d->f->user, d->f->uid));
}

const struct doctor_check doctor_checks[] = {
	{ "bubblewrap", check_bwrap },
	{ "bubblewrap version", check_bwrap_version },
	{ "bubblewrap mode", check_bwrap_setuid },
	{ "user namespaces", check_userns },
	{ "isolation", check_bwrap_flags },
	{ "init", check_init },
	{ "seccomp", check_seccomp },
	{ "state directory", check_state },
	{ "review", check_review },
	{ "limits", check_limits },
	{ "packet rules", check_packet_rules },
	{ "pasta", check_pasta },
	{ "tun device", check_tun },
	{ "screen", check_screen },
	{ "session bus", check_bus },
	{ "browser", check_browser },
	{ "container", check_container },
	{ "agent", check_agent },
	{ "git", check_git },
	{ "certificates", check_certificates },
	{ "tools", check_tools },
	{ "project file", check_project_file },
	{ "user.max_user_namespaces", check_max_userns },
	{ "kernel.unprivileged_userns_clone", check_userns_clone },
	{ "kernel.apparmor_restrict_unprivileged_userns", check_apparmor_userns },
	{ "dev.tty.legacy_tiocsti", check_tiocsti },
	{ "landlock", check_landlock },
	{ "kernel", check_kernel },
	{ "user", check_user },
	{ NULL, NULL },
};

_Static_assert(sizeof(doctor_checks) / sizeof(doctor_checks[0]) <= MAX_FINDINGS, "room for all");

void doctor_run(const struct facts *f, const struct config *c, bool json, struct buf *out,
		unsigned *ret_failed)
{
	auto_arena struct arena arena = ARENA_INIT;
	struct doctor d = { .f = f, .c = c, .a = &arena, .root = "/" };
	struct finding findings[MAX_FINDINGS];
	unsigned n_failed = 0;
	size_t n = 0;

	d.userns_error = userns_try(f->bwrap, &arena);
	for (const struct doctor_check *check = doctor_checks; check->name; check++) {
		findings[n] = check->check(&d);
		findings[n].name = check->name;
		n_failed += findings[n++].result == FINDING_FAIL;
	}
	doctor_print(findings, n, json, out);
	*ret_failed = n_failed;
}
