/* SPDX-License-Identifier: Apache-2.0 */
/*
 * One system call by number, through whichever door: "call DOOR NUMBER [ARGUMENT...]". DOOR is
 * native, x32 (the number with x32's bit) or i386 (int 0x80, from 64-bit code). An argument is a
 * number, or @TEXT for the address of TEXT. Prints "done RESULT", or the errno's name.
 */
#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#define X32_BIT 0x40000000L

static long i386(long number, const long *a)
{
#ifdef __x86_64__
	long r = number;

	__asm__ volatile("int $0x80"
			 : "+a"(r)
			 : "b"(a[0]), "c"(a[1]), "d"(a[2]), "S"(a[3]), "D"(a[4])
			 : "memory", "r8", "r9", "r10", "r11");
	if ((int)r < 0 && (int)r > -4096) {
		errno = -(int)r;
		return -1;
	}
	return r;
#else
	(void)number;
	(void)a;
	errno = ENOSYS;
	return -1;
#endif
}

static long argument(const char *text)
{
	return text[0] == '@' ? (long)(text + 1) : (long)strtoul(text, NULL, 0);
}

int main(int argc, char *argv[])
{
	long a[6] = { 0 };
	long number;
	long r;

	if (argc < 3 || argc > 9)
		return 2;
	number = (long)strtoul(argv[2], NULL, 0);
	for (int i = 3; i < argc; i++)
		a[i - 3] = argument(argv[i]);
	if (strcmp(argv[1], "i386") == 0)
		r = i386(number, a);
	else
		r = syscall(strcmp(argv[1], "x32") == 0 ? number | X32_BIT : number, a[0], a[1],
			    a[2], a[3], a[4], a[5]);
	if (r == -1)
		(void)puts(strerrorname_np(errno));
	else
		(void)printf("done %ld\n", r);
	return fflush(stdout) != 0;
}
