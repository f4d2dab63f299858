/* SPDX-License-Identifier: Apache-2.0 */
#include "sound/confine.h"

#include <sys/socket.h>
#include <sys/syscall.h>

#include "base/auto.h"
#include "base/confine.h"

static const unsigned short calls[] = {
	SYS_recvfrom, SYS_sendto,     SYS_accept4,      SYS_connect,         SYS_close,
	SYS_ppoll,    SYS_write,      SYS_mmap,         SYS_munmap,          SYS_mremap,
	SYS_mprotect, SYS_madvise,    SYS_brk,          SYS_futex,           SYS_getrandom,
	SYS_exit,     SYS_exit_group, SYS_rt_sigreturn, SYS_restart_syscall,
#ifdef SYS_poll
	SYS_poll,
#endif
};

static const unsigned short families[] = { AF_UNIX };

int sound_confine(void)
{
	return confine_calls(calls, N_ELEMENTS(calls), families, N_ELEMENTS(families));
}
