/* SPDX-License-Identifier: Apache-2.0 */
/*
 * The filter that hands calls which make or change files, and netlink sockets, to the guard outside
 * (border/guard.c). init loads it for itself, once: so there is one listener for all that it starts, and none of
 * them can be without. It decides nothing: a call is looked at there, and the payload's own filter stands behind it.
 *
 * Flags and modes are ints: the kernel looks at the low half of the register alone, and so do we.
 */
#include <errno.h>
#include <fcntl.h>
#include <linux/audit.h>
#include <linux/filter.h>
#include <linux/seccomp.h>
#include <stddef.h>
#include <sys/prctl.h>
#include <sys/socket.h>
#include <sys/syscall.h>
#include <unistd.h>

#include "init/init.h"

#if defined(__x86_64__)
#define ARCH AUDIT_ARCH_X86_64
#elif defined(__aarch64__)
#define ARCH AUDIT_ARCH_AARCH64
#else
#error "this architecture has no table yet"
#endif

#define LOAD(member) BPF_STMT(BPF_LD | BPF_W | BPF_ABS, offsetof(struct seccomp_data, member))
#define LOAD_ARG(n)                        \
	BPF_STMT(BPF_LD | BPF_W | BPF_ABS, \
		 offsetof(struct seccomp_data, args) + (n) * sizeof(uint64_t))
#define RETURN(what) BPF_STMT(BPF_RET | BPF_K, what)
/* The next statement is skipped unless the accumulator is this. */
#define IF(value) BPF_JUMP(BPF_JMP | BPF_JEQ | BPF_K, (uint32_t)(value), 0, 1)
#define NOTIFY(call) IF(call), RETURN(SECCOMP_RET_USER_NOTIF)
/* open and openat: only to write, make or empty. */
#define WRITES (O_WRONLY | O_RDWR | O_CREAT | O_TRUNC)
#define NOTIFY_IF_IT_WRITES(call, flags)                                              \
	BPF_JUMP(BPF_JMP | BPF_JEQ | BPF_K, (uint32_t)(call), 0, 4), LOAD_ARG(flags), \
		BPF_JUMP(BPF_JMP | BPF_JSET | BPF_K, (uint32_t)WRITES, 0, 1),         \
		RETURN(SECCOMP_RET_USER_NOTIF), RETURN(SECCOMP_RET_ALLOW)

/* The family is an int as well. */
#define NOTIFY_OF_NETLINK                                                             \
	BPF_JUMP(BPF_JMP | BPF_JEQ | BPF_K, (uint32_t)SYS_socket, 0, 4), LOAD_ARG(0), \
		BPF_JUMP(BPF_JMP | BPF_JEQ | BPF_K, AF_NETLINK, 0, 1),                \
		RETURN(SECCOMP_RET_USER_NOTIF), RETURN(SECCOMP_RET_ALLOW)
#define BEGIN                                                                                   \
	LOAD(arch), BPF_JUMP(BPF_JMP | BPF_JEQ | BPF_K, ARCH, 1, 0), RETURN(SECCOMP_RET_ALLOW), \
		LOAD(nr), NOTIFY_OF_NETLINK

/* Other architectures' numbers, and x32's, are none of these; the payload's filter kills for them.
 * Not const: the kernel only reads it, and its type asks for it writable. */
static struct sock_filter netlink_alone[] = { BEGIN, RETURN(SECCOMP_RET_ALLOW) };
static struct sock_filter all[] = {
	BEGIN,
	NOTIFY_IF_IT_WRITES(SYS_openat, 2),
	NOTIFY(SYS_mkdirat),
	NOTIFY(SYS_mknodat),
	NOTIFY(SYS_renameat),
	NOTIFY(SYS_renameat2),
	NOTIFY(SYS_linkat),
	NOTIFY(SYS_symlinkat),
	NOTIFY(SYS_truncate),
#ifdef SYS_open
	NOTIFY_IF_IT_WRITES(SYS_open, 1),
	NOTIFY(SYS_creat),
	NOTIFY(SYS_mkdir),
	NOTIFY(SYS_mknod),
	NOTIFY(SYS_rename),
	NOTIFY(SYS_link),
	NOTIFY(SYS_symlink),
#endif
	RETURN(SECCOMP_RET_ALLOW),
};

#define PROGRAM(code)                                                     \
	{                                                                 \
		.len = sizeof(code) / sizeof((code)[0]), .filter = (code) \
	}

static int load(const struct sock_fprog *prog, unsigned flags)
{
	return (int)syscall(SYS_seccomp, SECCOMP_SET_MODE_FILTER,
			    SECCOMP_FILTER_FLAG_NEW_LISTENER | flags, prog);
}

int notify_open(bool files, int *ret_listener)
{
	static const struct sock_fprog programs[] = { PROGRAM(netlink_alone), PROGRAM(all) };
	int fd;

	if (prctl(PR_SET_NO_NEW_PRIVS, 1, 0, 0, 0) < 0)
		return -errno;
	/* Killable: without it a signal (Go sends them all the time) starts the call again, Linux 5.19. */
	fd = load(&programs[files], SECCOMP_FILTER_FLAG_WAIT_KILLABLE_RECV);
	/* To ask twice for a socket does no harm; Landlock, which the files need, is as young as the flag. */
	if (fd < 0 && errno == EINVAL && !files)
		fd = load(&programs[files], 0);
	if (fd < 0)
		return -errno;
	*ret_listener = fd;
	return 0;
}
