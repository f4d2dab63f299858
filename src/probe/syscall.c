/* SPDX-License-Identifier: Apache-2.0 */
/* S-03, S-04, S-05, S-07, S-09, S-15: calls that an ordinary user may make outside, and that reach the
 * kernel's less trodden parts. All of them are inert: they ask for something and give it back. */
#include <fcntl.h>
#include <linux/bpf.h>
#include <linux/fanotify.h>
#include <linux/io_uring.h>
#include <linux/perf_event.h>
#include <linux/userfaultfd.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/personality.h>
#include <sys/syscall.h>
#include <sys/timex.h>
#include <sys/uio.h>
#include <time.h>
#include <unistd.h>

#include "probe/probe.h"

#ifndef SYS_set_mempolicy_home_node
#define SYS_set_mempolicy_home_node 450
#endif

static struct verdict ring_setup(const struct attempt *at)
{
	struct io_uring_params params = { 0 };

	(void)at;
	return by_result(syscall(SYS_io_uring_setup, 1, &params));
}

static struct verdict ring_enter(const struct attempt *at)
{
	(void)at;
	return reached(syscall(SYS_io_uring_enter, -1, 0, 0, 0, NULL, 0));
}

static struct verdict ring_register(const struct attempt *at)
{
	(void)at;
	return reached(syscall(SYS_io_uring_register, -1, 0, NULL, 0));
}

static struct verdict perf(const struct attempt *at)
{
	struct perf_event_attr attr = { .type = PERF_TYPE_SOFTWARE,
					.size = sizeof(attr),
					.config = PERF_COUNT_SW_TASK_CLOCK,
					.exclude_kernel = 1,
					.exclude_hv = 1 };

	(void)at;
	return by_result(syscall(SYS_perf_event_open, &attr, 0, -1, -1, 0));
}

static struct verdict fault(const struct attempt *at)
{
	(void)at;
	return by_result(syscall(SYS_userfaultfd, O_CLOEXEC | UFFD_USER_MODE_ONLY));
}

static struct verdict fanotify(const struct attempt *at)
{
	(void)at;
	return by_result(syscall(SYS_fanotify_init, FAN_CLASS_NOTIF | FAN_REPORT_FID, O_RDONLY));
}

static struct verdict secret(const struct attempt *at)
{
	(void)at;
	return by_result(syscall(SYS_memfd_secret, 0));
}

static struct verdict splice_memory(const struct attempt *at)
{
	char byte = 0;
	struct iovec page = { &byte, 1 };
	int ends[2];

	(void)at;
	if (pipe(ends) < 0)
		return cannot("pipe");
	return by_result(vmsplice(ends[1], &page, 1, 0));
}

static struct verdict pages(const struct attempt *at)
{
	(void)at;
	return by_result(syscall(SYS_move_pages, 0, 0, NULL, NULL, NULL, 0));
}

static struct verdict migrate(const struct attempt *at)
{
	unsigned long node = 1;

	(void)at;
	return by_result(syscall(SYS_migrate_pages, 0, 2, &node, &node));
}

static struct verdict policy(const struct attempt *at)
{
	void *page = mmap(NULL, 4096, PROT_READ, MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);

	switch (at->attack->value) {
	case 's':
		return by_result(syscall(SYS_set_mempolicy, 0, NULL, 0));
	case 'm':
		return by_result(syscall(SYS_mbind, page, 4096, 0, NULL, 0, 0));
	default:
		/* Without a policy on the range there is nothing to do, and no error. */
		return reached(syscall(SYS_set_mempolicy_home_node, page, 4096, 0, 0));
	}
}

static struct verdict segments(const struct attempt *at)
{
	char table[16];

	(void)at;
	return by_result(syscall(SYS_modify_ldt, 0, table, sizeof(table)));
}

static struct verdict ports(const struct attempt *at)
{
	/* Giving up what one does not have needs no right. */
	return at->attack->value == 'p' ? by_result(syscall(SYS_ioperm, 0x80, 1, 0))
					: by_result(syscall(SYS_iopl, 0));
}

static struct verdict personality_set(const struct attempt *at)
{
	return by_result(personality((unsigned long)at->attack->value));
}

/* Reading the clock's state is open to all; so is being told that one's new time is no time. */
static struct verdict clock_of_host(const struct attempt *at)
{
	struct timex tx = { .modes = 0 };
	const struct timespec wrong = { .tv_nsec = -1 };

	switch (at->attack->value) {
	case 'a':
		return by_result(syscall(SYS_adjtimex, &tx));
	case 'c':
		return by_result(syscall(SYS_clock_adjtime, CLOCK_REALTIME, &tx));
	default:
		return reached(syscall(SYS_clock_settime, CLOCK_REALTIME, &wrong));
	}
}

static struct verdict quota(const struct attempt *at)
{
	if (at->attack->value)
		return reached(syscall(SYS_quotactl_fd, -1, 0, 0, NULL));
	return reached(syscall(SYS_quotactl, 0x80000400 /* Q_GETFMT */, "/nowhere", 0, NULL));
}

static struct verdict gone_call(const struct attempt *at)
{
	return reached(syscall(at->attack->value, NULL, 0, 0));
}

/* clang-format off */
#define CALL(id, name, text, fn, value) { id, name, text, fn, value, 0, true }
const struct attack syscall_attacks[] = {
	CALL("S-04a", "io-uring-setup", "io_uring: work that passes by every filter", ring_setup, 0),
	CALL("S-04b", "io-uring-enter", "io_uring_enter", ring_enter, 0),
	CALL("S-04c", "io-uring-register", "io_uring_register", ring_register, 0),
	CALL("S-07a", "perf", "perf_event_open on itself", perf, 0),
	CALL("S-07b", "userfaultfd", "userfaultfd for user mode", fault, 0),
	CALL("S-07c", "fanotify", "fanotify_init, as anybody may", fanotify, 0),
	CALL("S-07d", "move-pages", "move_pages", pages, 0),
	CALL("S-07e", "migrate-pages", "migrate_pages", migrate, 0),
	CALL("S-07f", "mbind", "mbind", policy, 'm'),
	CALL("S-07g", "set-mempolicy", "set_mempolicy", policy, 's'),
	CALL("S-07h", "home-node", "set_mempolicy_home_node", policy, 'h'),
	CALL("S-07i", "modify-ldt", "modify_ldt: 16-bit segments", segments, 0),
	CALL("S-07j", "iopl", "iopl", ports, 'l'),
	CALL("S-07k", "ioperm", "ioperm", ports, 'p'),
	CALL("S-07l", "personality-aslr", "switches address randomisation off", personality_set, ADDR_NO_RANDOMIZE),
	CALL("S-07m", "personality-exec", "makes what is read executable", personality_set, READ_IMPLIES_EXEC),
	CALL("S-07n", "adjtimex", "adjtimex", clock_of_host, 'a'),
	CALL("S-07o", "clock-adjtime", "clock_adjtime", clock_of_host, 'c'),
	CALL("S-07p", "clock-settime", "clock_settime", clock_of_host, 's'),
	CALL("S-07q", "quotactl", "quotactl", quota, 0),
	CALL("S-07r", "quotactl-fd", "quotactl_fd", quota, 1),
	CALL("S-07s", "lookup-dcookie", "lookup_dcookie, gone since Linux 6.8", gone_call, SYS_lookup_dcookie),
	CALL("S-07t", "uselib", "uselib, gone since Linux 6.13", gone_call, SYS_uselib),
	CALL("S-07u", "nfsservctl", "nfsservctl, gone since Linux 3.1", gone_call, SYS_nfsservctl),
	CALL("S-09a", "memfd-secret", "memory that nobody can inspect", secret, 0),
	CALL("S-15a", "vmsplice", "lends pages to a pipe", splice_memory, 0),
	{ .name = NULL },
};
/* clang-format on */
