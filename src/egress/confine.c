/* SPDX-License-Identifier: Apache-2.0 */
#include "egress/confine.h"

#include <errno.h>
#include <fcntl.h>
#include <stdint.h>
#include <string.h>
#include <sys/prctl.h>
#include <sys/socket.h>
#include <sys/syscall.h>
#include <unistd.h>

#include "base/auto.h"
#include "base/confine.h"
#include "base/landlock.h"

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

static const unsigned short families[] = { AF_INET, AF_INET6 };

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

int confine(int dir, struct err *e)
{
	int r;

	if (prctl(PR_SET_NO_NEW_PRIVS, 1, 0, 0, 0) < 0 || prctl(PR_SET_DUMPABLE, 0, 0, 0, 0) < 0)
		return err_sys(e, "prctl");
	r = landlock(dir);
	if (r < 0)
		return err_set(e, -r, "cannot keep egress from files: %s", strerrordesc_np(-r));
	r = confine_calls(calls, N_ELEMENTS(calls), families, N_ELEMENTS(families));
	if (r < 0)
		return err_set(e, -r, "cannot keep egress from system calls: %s",
			       strerrordesc_np(-r));
	return 0;
}
