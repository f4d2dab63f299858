/* SPDX-License-Identifier: Apache-2.0 */
/*
 * The kernel without a libc. A static program of glibc's needs 0.3 ms to get to its main(), and reads variables
 * of its environment on the way (GLIBC_TUNABLES); this one needs nothing before its first line. Only headers
 * are taken from libc. syscall(2) has the conventions.
 */
#pragma once

#include <stddef.h>
#include <stdint.h>
#include <sys/syscall.h>

/* Calls stub_main() with the initial stack: argc, argv, NULL, environment, NULL. */
#if defined(__x86_64__)
#define START                               \
	__asm__(".globl _start\n"           \
		".type _start, @function\n" \
		"_start:\n"                 \
		"	xor %ebp, %ebp\n"         \
		"	mov %rsp, %rdi\n"         \
		"	and $-16, %rsp\n"         \
		"	call stub_main\n"         \
		"	hlt\n")
#elif defined(__aarch64__)
#define START                               \
	__asm__(".globl _start\n"           \
		".type _start, %function\n" \
		"_start:\n"                 \
		"	mov x29, #0\n"            \
		"	mov x30, #0\n"            \
		"	mov x0, sp\n"             \
		"	bl stub_main\n"           \
		"	brk #1\n")
#else
#error "the entry and the calls of this architecture are to be written here"
#endif

/* The result, or a negated errno. */
static inline long kernel_call(long number, long a, long b, long c, long d, long e)
{
#if defined(__x86_64__)
	register long r10 __asm__("r10") = d;
	register long r8 __asm__("r8") = e;
	long r;

	__asm__ volatile("syscall"
			 : "=a"(r)
			 : "a"(number), "D"(a), "S"(b), "d"(c), "r"(r10), "r"(r8)
			 : "rcx", "r11", "memory");
	return r;
#else
	register long x8 __asm__("x8") = number;
	register long x0 __asm__("x0") = a;
	register long x1 __asm__("x1") = b;
	register long x2 __asm__("x2") = c;
	register long x3 __asm__("x3") = d;
	register long x4 __asm__("x4") = e;

	__asm__ volatile("svc #0"
			 : "+r"(x0)
			 : "r"(x8), "r"(x1), "r"(x2), "r"(x3), "r"(x4)
			 : "memory");
	return x0;
#endif
}
