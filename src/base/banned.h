/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Functions that this tree does not call. The build puts this file in front of every source
 * file (-include base/banned.h), so that no file can forget it.
 *
 * "#pragma GCC poison" would also fail on system headers that come later and merely declare
 * these names. Function-like macros act on calls only; the headers that declare the functions
 * are included here first, so that their include guards keep them away from the macros.
 */
#pragma once

#include <alloca.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#define BANNED(why)                     \
	({                              \
		_Static_assert(0, why); \
		(void *)0;              \
	})

#undef strcpy
#undef strcat
#undef strncpy
#undef sprintf
#undef vsprintf
#undef strtok
#undef atoi
#undef gets
#undef alloca
#undef system
#undef popen

#define strcpy(...) BANNED("strcpy is banned: use struct buf or arena_strdup()")
#define strcat(...) BANNED("strcat is banned: use struct buf")
#define strncpy(...) BANNED("strncpy is banned: it need not end the text; use struct buf")
#define sprintf(...) BANNED("sprintf is banned: use buf_addf() or arena_printf()")
#define vsprintf(...) BANNED("vsprintf is banned: use struct buf or vsnprintf()")
#define strtok(...) BANNED("strtok is banned: it keeps hidden state; use strchr() or strcspn()")
#define atoi(...) BANNED("atoi is banned: use parse_uint()")
#define gets(...) BANNED("gets is banned: use io_read_file()")
#define alloca(...) BANNED("alloca is banned: use an arena")
#define system(...) BANNED("system is banned: no shell; use proc_spawn()")
#define popen(...) BANNED("popen is banned: no shell; use proc_output()")
