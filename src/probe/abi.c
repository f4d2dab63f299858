/* SPDX-License-Identifier: Apache-2.0 */
/* S-01, S-02: the kernel's other doors on x86_64, whose numbers mean other calls. */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/syscall.h>
#include <unistd.h>

#include "probe/probe.h"

#ifdef __x86_64__
#define X32_BIT 0x40000000L

static struct verdict x32(const struct attempt *at)
{
	return by_result(syscall(X32_BIT | at->attack->value, 0, 0, 0));
}

/* i386 takes its arguments in ebx, ecx, edx; the compiler keeps rbx for itself where it must. */
static long call_i386(long number, long a, long b, long c)
{
	long result;

	__asm__ volatile("int $0x80"
			 : "=a"(result)
			 : "a"(number), "b"(a), "c"(b), "d"(c)
			 : "memory", "r8", "r9", "r10", "r11");
	return result;
}

static struct verdict by_i386(long result)
{
	return result < 0 && result > -4096 ? refused((int)-result) : done();
}

static struct verdict i386_getpid(const struct attempt *at)
{
	(void)at;
	return by_i386(call_i386(20, 0, 0, 0));
}

static struct verdict i386_socket(const struct attempt *at)
{
	(void)at;
	return by_i386(call_i386(359, 1 /* AF_UNIX */, 1 /* SOCK_STREAM */, 0));
}

/* One call for all of them, with the arguments in memory below 4 GiB. */
static struct verdict i386_socketcall(const struct attempt *at)
{
	unsigned *words = mmap(NULL, 4096, PROT_READ | PROT_WRITE,
			       MAP_PRIVATE | MAP_ANONYMOUS | MAP_32BIT, -1, 0);

	(void)at;
	if (words == MAP_FAILED)
		return cannot("memory below 4 GiB");
	words[0] = 16; /* AF_NETLINK */
	words[1] = 3;  /* SOCK_RAW */
	words[2] = 0;
	return by_i386(call_i386(102, 1 /* SYS_SOCKET */, (long)words, 0));
}
#else
static struct verdict x32(const struct attempt *at)
{
	(void)at;
	return cannot("only x86_64 has it");
}
#define i386_getpid x32
#define i386_socket x32
#define i386_socketcall x32
#endif

/* clang-format off */
const struct attack abi_attacks[] = {
	{ "S-01a", "x32-getpid", "getpid by its x32 number", x32, SYS_getpid, 0, true },
	{ "S-01b", "x32-unshare", "unshare by its x32 number", x32, SYS_unshare, 0, true },
	{ "S-01c", "x32-ptrace", "ptrace by x32's own number for it", x32, 521, 0, true },
	{ "S-02a", "i386-getpid", "getpid by int 0x80", i386_getpid, 0, 0, true },
	{ "S-02b", "i386-socket", "a socket by int 0x80", i386_socket, 0, 0, true },
	{ "S-02c", "i386-socketcall", "a netlink socket by i386's socketcall", i386_socketcall, 0, 0, true },
	{ .name = NULL },
};
/* clang-format on */
