/* SPDX-License-Identifier: Apache-2.0 */
#include "base/confine.h"

#include <errno.h>
#include <linux/audit.h>
#include <linux/filter.h>
#include <linux/seccomp.h>
#include <sys/prctl.h>
#include <sys/syscall.h>

#include "base/auto.h"

#if defined(__x86_64__)
#define ARCH AUDIT_ARCH_X86_64
#elif defined(__aarch64__)
#define ARCH AUDIT_ARCH_AARCH64
#else
#error "the numbers of this architecture are not known here"
#endif

#define FAMILIES_MAX 4

static const struct sock_filter allow = BPF_STMT(BPF_RET | BPF_K, SECCOMP_RET_ALLOW);
static const struct sock_filter refuse =
	BPF_STMT(BPF_RET | BPF_K, SECCOMP_RET_ERRNO | (EPERM & SECCOMP_RET_DATA));

static void add(struct sock_fprog *p, struct sock_filter line)
{
	p->filter[p->len++] = line;
}

static void load(struct sock_fprog *p, size_t offset)
{
	add(p, (struct sock_filter)BPF_STMT(BPF_LD | BPF_W | BPF_ABS, (unsigned)offset));
}

static void allow_each(struct sock_fprog *p, const unsigned short *values, size_t n)
{
	for (size_t i = 0; i < n; i++) {
		add(p, (struct sock_filter)BPF_JUMP(BPF_JMP | BPF_JEQ | BPF_K, values[i], 0, 1));
		add(p, allow);
	}
	add(p, refuse);
}

/*
 * The architecture, then socket(2) by family, then the list. The numbers of x32 have a bit that no number
 * of the list has.
 */
int confine_calls(const unsigned short *calls, size_t n_calls, const unsigned short *families,
		  size_t n_families)
{
	struct sock_filter lines[2 * (CONFINE_CALLS_MAX + FAMILIES_MAX) + 8];
	struct sock_fprog p = { .filter = lines };

	if (n_calls > CONFINE_CALLS_MAX || n_families > FAMILIES_MAX)
		return -E2BIG;
	if (prctl(PR_SET_NO_NEW_PRIVS, 1, 0, 0, 0) < 0)
		return -errno;
	load(&p, offsetof(struct seccomp_data, arch));
	add(&p, (struct sock_filter)BPF_JUMP(BPF_JMP | BPF_JEQ | BPF_K, ARCH, 1, 0));
	add(&p, refuse);
	load(&p, offsetof(struct seccomp_data, nr));
	add(&p, (struct sock_filter)BPF_JUMP(BPF_JMP | BPF_JEQ | BPF_K, SYS_socket, 0,
					     (unsigned char)(2 + 2 * n_families)));
	load(&p, offsetof(struct seccomp_data, args[0]));
	allow_each(&p, families, n_families);
	allow_each(&p, calls, n_calls);
	return prctl(PR_SET_SECCOMP, SECCOMP_MODE_FILTER, &p) < 0 ? -errno : 0;
}
