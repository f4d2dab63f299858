/* SPDX-License-Identifier: Apache-2.0 */
#include "egress/confine.h"

#include <errno.h>
#include <fcntl.h>
#include <linux/audit.h>
#include <linux/filter.h>
#include <linux/seccomp.h>
#include <stddef.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>
#include <sys/prctl.h>
#include <sys/socket.h>
#include <sys/syscall.h>
#include <unistd.h>

#include "base/auto.h"
#include "base/landlock.h"

#if defined(__x86_64__)
#define ARCH AUDIT_ARCH_X86_64
#elif defined(__aarch64__)
#define ARCH AUDIT_ARCH_AARCH64
#else
#error "the numbers of this architecture are not known here"
#endif

/* What can be done with what is there already, and with sockets. Anything else answers EPERM. */
static const unsigned short calls[] = {
	SYS_read,         SYS_write,
	SYS_readv,        SYS_writev,
	SYS_pread64,      SYS_lseek,
	SYS_close,        SYS_recvfrom,
	SYS_recvmsg,      SYS_recvmmsg,
	SYS_sendto,       SYS_sendmsg,
	SYS_sendmmsg,     SYS_accept4,
	SYS_connect,      SYS_bind,
	SYS_shutdown,     SYS_getsockname,
	SYS_getpeername,  SYS_getsockopt,
	SYS_setsockopt,   SYS_splice,
	SYS_pipe2,        SYS_fcntl,
	SYS_epoll_ctl,    SYS_epoll_pwait,
	SYS_ppoll,        SYS_pselect6,
	SYS_openat,       SYS_newfstatat,
	SYS_fstat,        SYS_faccessat,
	SYS_renameat2,    SYS_renameat,
	SYS_getdents64,   SYS_mmap,
	SYS_munmap,       SYS_mremap,
	SYS_mprotect,     SYS_madvise,
	SYS_brk,          SYS_clock_gettime,
	SYS_gettimeofday, SYS_clock_nanosleep,
	SYS_getrandom,    SYS_futex,
	SYS_getpid,       SYS_gettid,
	SYS_getuid,       SYS_geteuid,
	SYS_getgid,       SYS_getegid,
	SYS_uname,        SYS_sysinfo,
	SYS_rt_sigaction, SYS_rt_sigprocmask,
	SYS_rt_sigreturn, SYS_restart_syscall,
	SYS_exit,         SYS_exit_group,
#ifdef SYS_epoll_wait
	SYS_epoll_wait,   SYS_poll,
	SYS_select,       SYS_open,
	SYS_stat,         SYS_lstat,
	SYS_access,       SYS_rename,
	SYS_time,
#endif
};

/* Directories and files that name servers and hosts stand in, wherever a link leads to. */
static const char *const readable[] = {
	"/etc",    "/run/systemd/resolve", "/run/resolvconf", "/run/NetworkManager", "/run/connman",
	"/mnt/wsl"
};

static int landlock_add(int rules, int fd, uint64_t access)
{
	struct landlock_path_beneath_attr attr = { .allowed_access = access, .parent_fd = fd };

	return (int)syscall(SYS_landlock_add_rule, rules, LANDLOCK_RULE_PATH_BENEATH, &attr, 0);
}

/* A kernel without Landlock leaves it to the other wall: the calls for files are few. */
static int landlock(int dir)
{
	const uint64_t all = (LANDLOCK_ACCESS_FS_MAKE_SYM << 1) - 1;
	const struct landlock_ruleset_attr attr = { .handled_access_fs = all };
	auto_fd int rules = (int)syscall(SYS_landlock_create_ruleset, &attr, sizeof(attr), 0);

	if (rules < 0)
		return errno == ENOSYS || errno == EOPNOTSUPP ? 0 : -errno;
	for (size_t i = 0; i < N_ELEMENTS(readable); i++) {
		auto_fd int fd = open(readable[i], O_PATH | O_CLOEXEC);

		if (fd >= 0 && landlock_add(rules, fd, LANDLOCK_ACCESS_FS_READ_FILE) < 0)
			return -errno;
	}
	if (dir >= 0 && landlock_add(rules, dir,
				     LANDLOCK_ACCESS_FS_WRITE_FILE | LANDLOCK_ACCESS_FS_MAKE_REG |
					     LANDLOCK_ACCESS_FS_REMOVE_FILE) < 0)
		return -errno;
	return syscall(SYS_landlock_restrict_self, rules, 0) < 0 ? -errno : 0;
}

static void add(struct sock_fprog *p, struct sock_filter line)
{
	p->filter[p->len++] = line;
}

/*
 * The architecture, then socket(2) by family, then the list. The numbers of x32 have a bit that no number
 * of the list has.
 */
static int filter_calls(void)
{
	struct sock_filter lines[2 * N_ELEMENTS(calls) + 16];
	struct sock_fprog p = { .filter = lines };
	const unsigned short families[] = { AF_INET, AF_INET6 };
	const struct sock_filter allow = BPF_STMT(BPF_RET | BPF_K, SECCOMP_RET_ALLOW);
	const struct sock_filter refuse =
		BPF_STMT(BPF_RET | BPF_K, SECCOMP_RET_ERRNO | (EPERM & SECCOMP_RET_DATA));
	const struct sock_filter number =
		BPF_STMT(BPF_LD | BPF_W | BPF_ABS, offsetof(struct seccomp_data, nr));

	add(&p, (struct sock_filter)BPF_STMT(BPF_LD | BPF_W | BPF_ABS,
					     offsetof(struct seccomp_data, arch)));
	add(&p, (struct sock_filter)BPF_JUMP(BPF_JMP | BPF_JEQ | BPF_K, ARCH, 1, 0));
	add(&p, refuse);
	add(&p, number);
	add(&p, (struct sock_filter)BPF_JUMP(BPF_JMP | BPF_JEQ | BPF_K, SYS_socket, 0,
					     2 + 2 * N_ELEMENTS(families)));
	add(&p, (struct sock_filter)BPF_STMT(BPF_LD | BPF_W | BPF_ABS,
					     offsetof(struct seccomp_data, args[0])));
	for (size_t i = 0; i < N_ELEMENTS(families); i++) {
		add(&p, (struct sock_filter)BPF_JUMP(BPF_JMP | BPF_JEQ | BPF_K, families[i], 0, 1));
		add(&p, allow);
	}
	add(&p, refuse);
	for (size_t i = 0; i < N_ELEMENTS(calls); i++) {
		add(&p, (struct sock_filter)BPF_JUMP(BPF_JMP | BPF_JEQ | BPF_K, calls[i], 0, 1));
		add(&p, allow);
	}
	add(&p, refuse);
	return prctl(PR_SET_SECCOMP, SECCOMP_MODE_FILTER, &p) < 0 ? -errno : 0;
}

int confine(int dir, struct err *e)
{
	int r;

	if (prctl(PR_SET_NO_NEW_PRIVS, 1, 0, 0, 0) < 0 || prctl(PR_SET_DUMPABLE, 0, 0, 0, 0) < 0)
		return err_sys(e, "prctl");
	r = landlock(dir);
	if (r < 0)
		return err_set(e, -r, "cannot keep egress from files: %s", strerrordesc_np(-r));
	r = filter_calls();
	if (r < 0)
		return err_set(e, -r, "cannot keep egress from system calls: %s",
			       strerrordesc_np(-r));
	return 0;
}
