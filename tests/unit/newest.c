/* SPDX-License-Identifier: Apache-2.0 */
/*
 * The newest system call of this machine's kernel headers. In a file of its own, because the
 * generic list and the architecture's cannot be included together. __NR_syscalls counts.
 */
#include <asm-generic/unistd.h>

extern const int newest_of_headers;
const int newest_of_headers = __NR_syscalls - 1;
