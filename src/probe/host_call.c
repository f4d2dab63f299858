/* SPDX-License-Identifier: Apache-2.0 */
/*
 * S-07: calls that only root may make. Each is made so that it does nothing where it is allowed: with
 * arguments that are wrong, or that mean "as it is". The kernel asks for the capability first.
 */
#include <linux/bpf.h>
#include <linux/reboot.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/syscall.h>
#include <unistd.h>

#include "probe/probe.h"

static struct verdict bpf_map(const struct attempt *at)
{
	union bpf_attr attr = {
		.map_type = BPF_MAP_TYPE_ARRAY, .key_size = 4, .value_size = 4, .max_entries = 1
	};

	(void)at;
	return by_result(syscall(SYS_bpf, BPF_MAP_CREATE, &attr, sizeof(attr)));
}

static struct verdict kernel_exec(const struct attempt *at)
{
	/* All flags at once are EINVAL. */
	return at->attack->value ? reached(syscall(SYS_kexec_file_load, -1, -1, 0, NULL, ~0UL))
				 : reached(syscall(SYS_kexec_load, 0, 0, NULL, ~0UL));
}

static struct verdict module(const struct attempt *at)
{
	switch (at->attack->value) {
	case 'i':
		return reached(syscall(SYS_init_module, NULL, 0UL, ""));
	case 'f':
		return reached(syscall(SYS_finit_module, -1, "", ~0));
	default:
		return reached(syscall(SYS_delete_module, "no such module", 0));
	}
}

static struct verdict swap(const struct attempt *at)
{
	return at->attack->value ? reached(syscall(SYS_swapon, "/nowhere", 0))
				 : reached(syscall(SYS_swapoff, "/nowhere"));
}

static struct verdict accounting(const struct attempt *at)
{
	(void)at;
	return reached(syscall(SYS_acct, "/nowhere"));
}

static struct verdict restart(const struct attempt *at)
{
	(void)at;
	/* Wrong magic numbers are EINVAL, after the check of the capability. */
	return reached(syscall(SYS_reboot, 0, 0, 0, NULL));
}

static struct verdict set_time(const struct attempt *at)
{
	(void)at;
	return by_result(syscall(SYS_settimeofday, NULL, NULL));
}

static struct verdict kernel_log(const struct attempt *at)
{
	(void)at;
	return by_result(syscall(SYS_syslog, 10 /* SYSLOG_ACTION_SIZE_BUFFER */, NULL, 0));
}

static struct verdict hang_up(const struct attempt *at)
{
	(void)at;
	(void)setsid(); /* without a terminal there is nothing to hang up */
	return by_result(syscall(SYS_vhangup));
}

/* clang-format off */
#define CALL(letter, name, text, fn, value) { "S-07" letter, name, text, fn, value, 0, true }
const struct attack host_call_attacks[] = {
	CALL("A", "bpf", "bpf: makes a map", bpf_map, 0),
	CALL("B", "kexec-load", "kexec_load: another kernel", kernel_exec, 0),
	CALL("C", "kexec-file-load", "kexec_file_load", kernel_exec, 1),
	CALL("D", "init-module", "init_module", module, 'i'),
	CALL("E", "finit-module", "finit_module", module, 'f'),
	CALL("F", "delete-module", "delete_module", module, 'd'),
	CALL("G", "swapon", "swapon", swap, 1),
	CALL("H", "swapoff", "swapoff", swap, 0),
	CALL("I", "acct", "acct", accounting, 0),
	CALL("J", "reboot", "reboot", restart, 0),
	CALL("K", "settimeofday", "settimeofday", set_time, 0),
	CALL("L", "syslog", "syslog: the kernel's log", kernel_log, 0),
	CALL("M", "vhangup", "vhangup", hang_up, 0),
	{ .name = NULL },
};
/* clang-format on */
