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
int walls_drop_capabilities(void)
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

/* Limits only go down: where the caller's own is lower still, that one stays. */
static int lower(int resource, uint64_t soft, uint64_t hard)
{
	struct rlimit now;

	if (syscall(SYS_prlimit64, 0, resource, NULL, &now) < 0)
		return -errno;
	now.rlim_max = now.rlim_max < hard ? now.rlim_max : hard;
	now.rlim_cur = now.rlim_cur < soft ? now.rlim_cur : soft;
	if (now.rlim_cur > now.rlim_max)
		now.rlim_cur = now.rlim_max;
	return syscall(SYS_prlimit64, 0, resource, &now, NULL) < 0 ? -errno : 0;
}

static int load_filter(const void *filter, size_t size)
{
	struct sock_fprog prog = { .len = (unsigned short)(size / sizeof(struct sock_filter)) };

	/* Never without a filter, and never with a part of one. */
	if (size == 0 || size != (size_t)prog.len * sizeof(struct sock_filter))
		return -EINVAL;
	/* A copy: the member is not const although the kernel only reads. */
	__builtin_memcpy(&prog.filter, &filter, sizeof(filter));
	return syscall(SYS_seccomp, SECCOMP_SET_MODE_FILTER, 0, &prog) < 0 ? -errno : 0;
}

int walls_raise(const struct wire_walls *w)
{
	int r = lower(RLIMIT_CORE, 0, 0);

	if (r == 0 && prctl(PR_SET_NO_NEW_PRIVS, 1, 0, 0, 0) < 0)
		r = -errno;
	if (r == 0)
		r = walls_drop_capabilities();
	if (r == 0)
		r = landlock_raise(&w->landlock);
	for (size_t i = 0; i < w->n_limits && r == 0; i++)
		r = lower(w->limits[i].resource, w->limits[i].soft, w->limits[i].hard);
	return r < 0 ? r : load_filter(w->filter, w->filter_size);
}
