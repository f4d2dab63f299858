/* SPDX-License-Identifier: Apache-2.0 */
#include <errno.h>
#include <linux/capability.h>
#include <linux/filter.h>
#include <linux/seccomp.h>
#include <sys/prctl.h>
#include <sys/resource.h>
#include <sys/syscall.h>
#include <unistd.h>

#include "init/init.h"

/* capabilities(7): bounding and ambient sets first, the thread's own sets last. */
static int drop_capabilities(void)
{
	struct __user_cap_header_struct head = { .version = _LINUX_CAPABILITY_VERSION_3 };
	struct __user_cap_data_struct none[_LINUX_CAPABILITY_U32S_3] = { 0 };

	for (unsigned long cap = 0; cap < 64; cap++) {
		int held = prctl(PR_CAPBSET_READ, cap, 0, 0, 0);

		if (held < 0)
			break; /* EINVAL: past the last one this kernel knows */
		/* Without CAP_SETPCAP there is nothing left to drop that exec could give back:
		 * no_new_privs is set already. */
		if (held == 1 && prctl(PR_CAPBSET_DROP, cap, 0, 0, 0) < 0 && errno != EPERM)
			return -errno;
	}
	if (prctl(PR_CAP_AMBIENT, PR_CAP_AMBIENT_CLEAR_ALL, 0, 0, 0) < 0 && errno != EINVAL)
		return -errno;
	return syscall(SYS_capset, &head, none) < 0 ? -errno : 0;
}

/* Neither soft nor hard is above @row; what is lower already stays. */
static int lower_limit(const struct rlimit_row *row)
{
	struct rlimit now;

	if (prlimit(0, row->resource, NULL, &now) < 0)
		return -errno;
	now.rlim_max = now.rlim_max < row->max ? now.rlim_max : row->max;
	now.rlim_cur = now.rlim_cur < row->max ? now.rlim_cur : row->max;
	return prlimit(0, row->resource, &now, NULL) < 0 ? -errno : 0;
}

static int lower_limits(const struct walls *walls)
{
	static const struct rlimit_row no_core = { .resource = RLIMIT_CORE };
	int r = lower_limit(&no_core);

	for (size_t i = 0; r == 0 && i < walls->n_rlimits; i++)
		r = lower_limit(&walls->rlimits[i]);
	return r;
}

int walls_raise(const struct walls *walls)
{
	struct sock_fprog prog = { .len = (unsigned short)(walls->filter_size /
							   sizeof(struct sock_filter)) };
	int r;

	/* A copy: the member is not const although the kernel only reads. */
	__builtin_memcpy(&prog.filter, &walls->filter, sizeof(walls->filter));
	r = lower_limits(walls);
	if (r < 0)
		return r;
	if (prctl(PR_SET_NO_NEW_PRIVS, 1, 0, 0, 0) < 0)
		return -errno;
	r = drop_capabilities();
	if (r < 0)
		return r;
	if (prog.len == 0 || walls->filter_size % sizeof(struct sock_filter) != 0)
		return -EINVAL; /* never without a filter */
	if (syscall(SYS_seccomp, SECCOMP_SET_MODE_FILTER, 0, &prog) < 0)
		return -errno;
	return 0;
}
