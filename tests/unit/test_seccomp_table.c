/* SPDX-License-Identifier: Apache-2.0 */
/*
 * The table as such, and the compiled program against it: a small interpreter of the kernel's BPF
 * runs every number with every argument that a row asks about. test_seccomp_filter.c then asks
 * the kernel.
 */
#include "spec/seccomp.h"

#include <errno.h>
#include <fcntl.h>
#include <sched.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>
#include <sys/syscall.h>

#include <cmocka.h>

#include "base/auto.h"
#include "bpf.h"
#include "run/seccomp.h"

struct program {
	struct arena arena;
	struct bpf_program bpf;
};

static void compile(struct program *p, const char *const *extra, size_t n_extra)
{
	struct seccomp_policy policy = { .rules = seccomp_base,
					 .relax = SECCOMP_TRACE,
					 .extra = STRV_INIT(&p->arena) };
	struct err e = { 0 };
	void *bpf = NULL;
	size_t size = 0;

	strv_addn(&policy.extra, extra, n_extra);
	if (seccomp_compile(&policy, &p->arena, &bpf, &size, &e) < 0)
		fail_msg("%s", e.msg);
	assert_int_equal(size % sizeof(struct sock_filter), 0);
	p->bpf = (struct bpf_program){ bpf, size / sizeof(struct sock_filter) };
}

static uint32_t answer(const struct program *p, int number, unsigned arg, uint64_t value,
		       uint64_t next)
{
	struct seccomp_data data = { .nr = number, .arch = BPF_NATIVE };

	data.args[arg] = value;
	data.args[arg + 1] = next; /* no row asks about the last argument */
	return bpf_run(&p->bpf, &data, NULL);
}

static const uint32_t eperm = SECCOMP_RET_ERRNO | EPERM;
static const uint32_t enosys = SECCOMP_RET_ERRNO | ENOSYS;
static const uint32_t allow = SECCOMP_RET_ALLOW;

static void every_row_is_sound(void **state)
{
	(void)state;
	for (const struct seccomp_rule *r = seccomp_base; r->name; r++) {
		assert_true(r->why && *r->why);
		assert_in_range(r->arg, 0, 4);
		if (r->compare == COMPARE_NONE)
			assert_int_equal(r->value, 0);
		if (r->compare == COMPARE_ANY_BIT || r->compare == COMPARE_CREATES)
			assert_int_not_equal(r->value, 0);
		for (const struct seccomp_rule *other = r + 1; other->name; other++) {
			if (strcmp(r->name, other->name) != 0)
				continue;
			/* Of which one holds without the browser and one with it. */
			if ((r->unless & other->only) || (r->only & other->unless))
				continue;
			if (r->compare == COMPARE_NONE || other->compare == COMPARE_NONE ||
			    (r->value == other->value && r->value2 == other->value2 &&
			     r->compare == other->compare))
				fail_msg("%s: two rows say the same", r->name);
		}
	}
}

static const struct seccomp_rule *find(const char *name)
{
	for (const struct seccomp_rule *r = seccomp_base; r->name; r++)
		if (strcmp(r->name, name) == 0)
			return r;
	return NULL;
}

/* The base list of the seeds (B-30) but ptrace and seccomp, and what review added to it. */
static void nothing_is_forgotten(void **state)
{
	/* clang-format off */
	static const char *const names[] = {
		"mount", "umount2", "pivot_root", "chroot", "process_vm_readv",
		"process_vm_writev", "init_module", "finit_module", "delete_module", "reboot",
		"kexec_load", "kexec_file_load", "swapon", "swapoff", "acct", "bpf",
		"perf_event_open", "userfaultfd", "lookup_dcookie", "keyctl", "request_key",
		"add_key", "settimeofday", "clock_settime", "adjtimex", "clock_adjtime",
		"open_by_handle_at", "name_to_handle_at", "io_uring_setup", "io_uring_enter",
		"io_uring_register", "unshare", "setns", "nfsservctl", "personality", "kcmp",
		"fsopen", "fsconfig", "fsmount", "fspick", "move_mount", "open_tree",
		"mount_setattr", "open_tree_attr", "clone", "clone3", "pidfd_getfd",
		"process_madvise", "ioctl", "socket", "socketpair", "quotactl", "quotactl_fd",
		"syslog", "iopl", "ioperm", "modify_ldt", "move_pages", "mbind", "migrate_pages",
		"memfd_secret", "vmsplice", "mknod", "mknodat", "uselib", "vhangup",
		"fanotify_init", "ptrace", "process_mrelease", "listns", "prctl", "seccomp",
		"_sysctl", "sysfs", "ustat", "chmod", "fchmod", "fchmodat", "fchmodat2",
	};
	/* clang-format on */

	(void)state;
	for (size_t i = 0; i < N_ELEMENTS(names); i++)
		if (!find(names[i]))
			fail_msg("%s is not refused", names[i]);
	assert_int_equal(find("ptrace")->unless, SECCOMP_TRACE);
	assert_int_equal(find("seccomp")->compare, COMPARE_ANY_BIT);
	assert_null(find("execve"));
}

static void every_refused_number_is_refused(void **state)
{
	struct program p = { .arena = ARENA_INIT };
	unsigned n_tested = 0;

	(void)state;
	compile(&p, NULL, 0);
	for (int number = 0; number <= SECCOMP_NEWEST; number++) {
		uint32_t got = answer(&p, number, 0, 0, 0);
		bool refused = got == eperm || got == enosys;

		assert_true(refused || got == allow);
		n_tested += refused;
	}
	/* Unconditional rows that exist on this architecture; too few means the tree broke. */
	assert_in_range(n_tested, 50, 75);
	assert_int_equal(answer(&p, SYS_mount, 0, 0, 0), eperm);
	assert_int_equal(answer(&p, SYS_keyctl, 0, 0, 0), eperm);
	assert_int_equal(answer(&p, SYS_clone3, 0, 0, 0), enosys);
	assert_int_equal(answer(&p, 425, 0, 0, 0), enosys); /* io_uring_setup */
	assert_int_equal(answer(&p, 467, 0, 0, 0), eperm);  /* open_tree_attr */
	assert_int_equal(answer(&p, SYS_read, 0, 0, 0), allow);
	assert_int_equal(answer(&p, SYS_execve, 0, 0, 0), allow);
	assert_int_equal(answer(&p, SYS_ptrace, 0, 0, 0), allow);
	arena_done(&p.arena);
}

static void namespaces_in_every_combination(void **state)
{
	static const uint64_t flags[] = { CLONE_NEWNS,  CLONE_NEWCGROUP, CLONE_NEWUTS,
					  CLONE_NEWIPC, CLONE_NEWUSER,   CLONE_NEWPID,
					  CLONE_NEWNET };
	/* What threads, fork and vfork ask for. */
	static const uint64_t others[] = { 0, 17, 0x3d0f00, CLONE_VM | CLONE_VFORK | 17,
					   0x1200011 };
	struct program p = { .arena = ARENA_INIT };

	(void)state;
	compile(&p, NULL, 0);
	for (unsigned set = 0; set < 1U << N_ELEMENTS(flags); set++) {
		uint64_t word = 0;

		for (size_t i = 0; i < N_ELEMENTS(flags); i++)
			word |= set >> i & 1 ? flags[i] : 0;
		for (size_t i = 0; i < N_ELEMENTS(others); i++) {
			uint64_t asked = word | others[i];

			assert_int_equal(answer(&p, SYS_clone, 0, asked, 0), set ? eperm : allow);
			assert_int_equal(answer(&p, SYS_unshare, 0, asked, 0), eperm);
		}
	}
	arena_done(&p.arena);
}

/* The kernel reads these as 32 bits, so whatever stands above must change nothing. */
static void high_bits_help_nobody(void **state)
{
	static const uint64_t highs[] = { 0, 1ULL << 32, 0xdeadbeefULL << 32, 1ULL << 63 };
	struct program p = { .arena = ARENA_INIT };

	(void)state;
	compile(&p, NULL, 0);
	for (size_t i = 0; i < N_ELEMENTS(highs); i++) {
		uint64_t h = highs[i];

		assert_int_equal(answer(&p, SYS_ioctl, 1, h | 0x5412, 0), eperm); /* TIOCSTI */
		assert_int_equal(answer(&p, SYS_ioctl, 1, h | 0x541c, 0), eperm); /* TIOCLINUX */
		assert_int_equal(answer(&p, SYS_ioctl, 1, h | 0x5423, 0), eperm); /* TIOCSETD */
		assert_int_equal(answer(&p, SYS_ioctl, 1, h | 0x5413, 0), allow); /* TIOCGWINSZ */
		assert_int_equal(answer(&p, SYS_socket, 0, h | 40, 0), eperm);
		assert_int_equal(answer(&p, SYS_socket, 0, h | 3, 0), eperm);
		assert_int_equal(answer(&p, SYS_fchmod, 1, h | 04755, 0), eperm);
		assert_int_equal(answer(&p, SYS_fchmod, 1, h | 0755, 0), allow);
		assert_int_equal(answer(&p, SYS_clone, 0, h | CLONE_NEWUSER, 0), eperm);
		assert_int_equal(answer(&p, SYS_personality, 0, h | 0x40000, 0), eperm);
		assert_int_equal(answer(&p, SYS_personality, 0, h | 0xffffffff, 0), allow);
		assert_int_equal(answer(&p, SYS_openat, 2, h | O_CREAT, h | 04755), eperm);
	}
	arena_done(&p.arena);
}

static void socket_families(void **state)
{
	struct program p = { .arena = ARENA_INIT };

	(void)state;
	compile(&p, NULL, 0);
	for (uint64_t family = 0; family < 300; family++) {
		/* 0, AF_UNSPEC, makes no socket in any kernel. */
		bool wanted = family <= 2 || family == 10 || family == 16;

		assert_int_equal(answer(&p, SYS_socket, 0, family, 0), wanted ? allow : eperm);
		assert_int_equal(answer(&p, SYS_socketpair, 0, family, 0),
				 family < 2 ? allow : eperm);
	}
	assert_int_equal(answer(&p, SYS_socket, 0, UINT32_MAX, 0), eperm);
	arena_done(&p.arena);
}

static void personality_asks_or_sets(void **state)
{
	struct program p = { .arena = ARENA_INIT };

	(void)state;
	compile(&p, NULL, 0);
	assert_int_equal(answer(&p, SYS_personality, 0, 0, 0), allow);
	assert_int_equal(answer(&p, SYS_personality, 0, UINT32_MAX, 0), allow);
	for (unsigned i = 0; i < 32; i++) {
		assert_int_equal(answer(&p, SYS_personality, 0, 1U << i, 0), eperm);
		assert_int_equal(answer(&p, SYS_personality, 0, ~(1U << i), 0), eperm);
		if (i > 0)
			assert_int_equal(answer(&p, SYS_personality, 0, (1U << i) - 1, 0), eperm);
	}
	arena_done(&p.arena);
}

static void set_id_only_when_a_file_is_made(void **state)
{
	static const uint64_t creates[] = { O_CREAT, O_CREAT | O_WRONLY | O_TRUNC, O_TMPFILE,
					    O_TMPFILE | O_RDWR };
	static const uint64_t opens[] = { 0, O_RDWR, O_DIRECTORY, O_PATH, O_TRUNC | O_WRONLY };
	struct program p = { .arena = ARENA_INIT };

	(void)state;
	compile(&p, NULL, 0);
	for (uint64_t mode = 0; mode <= 07777; mode++) {
		uint32_t want = mode & 06000 ? eperm : allow;

		for (size_t i = 0; i < N_ELEMENTS(creates); i++)
			assert_int_equal(answer(&p, SYS_openat, 2, creates[i], mode), want);
		for (size_t i = 0; i < N_ELEMENTS(opens); i++)
			assert_int_equal(answer(&p, SYS_openat, 2, opens[i], mode), allow);
		assert_int_equal(answer(&p, SYS_fchmodat, 2, mode, 0), want);
		assert_int_equal(answer(&p, 452, 2, mode, 0), want); /* fchmodat2 */
		for (uint64_t type = 0; type < 16; type++) {
			bool device = type == 2 || type == 6 || type == 3 || type == 7;

			/* 10 to 15: no such types, but for 12, which mknod does not make. */
			if (type == 10 || type == 11 || type == 14 || type == 15)
				continue;
			assert_int_equal(answer(&p, SYS_mknodat, 2, type << 12 | mode, 0),
					 device ? eperm : want);
		}
	}
	arena_done(&p.arena);
}

static void other_architectures_are_killed(void **state)
{
	static const uint32_t arches[] = { AUDIT_ARCH_I386, AUDIT_ARCH_ARM, AUDIT_ARCH_RISCV64, 0 };
	struct program p = { .arena = ARENA_INIT };

	(void)state;
	compile(&p, NULL, 0);
	for (int number = 0; number < 500; number++) {
		struct seccomp_data data = { .nr = number };

		for (size_t i = 0; i < N_ELEMENTS(arches); i++) {
			data.arch = arches[i];
			assert_int_equal(bpf_run(&p.bpf, &data, NULL), SECCOMP_RET_KILL_PROCESS);
		}
#ifdef __x86_64__
		assert_int_equal(answer(&p, 0x40000000 | number, 0, 0, 0),
				 SECCOMP_RET_KILL_PROCESS);
#endif
	}
	arena_done(&p.arena);
}

static void names_of_the_user(void **state)
{
	/* One that is tested by argument, one twice, one refused anyway, one with ENOSYS. */
	static const char *const extra[] = { "socket", "getrandom", "getrandom",
					     "mount",  "openat2",   "statmount" };
	static const char *const unknown[] = { "getpid", "frobnicate" };
	struct seccomp_policy policy;
	struct program p = { .arena = ARENA_INIT };
	struct err e = { 0 };
	void *bpf = NULL;
	size_t size = 0;

	(void)state;
	compile(&p, extra, N_ELEMENTS(extra));
	assert_int_equal(answer(&p, SYS_socket, 0, 1, 0), eperm);
	assert_int_equal(answer(&p, SYS_socket, 0, 40, 0), eperm);
	assert_int_equal(answer(&p, SYS_getrandom, 0, 0, 0), eperm);
	assert_int_equal(answer(&p, SYS_mount, 0, 0, 0), eperm);
	assert_int_equal(answer(&p, 437, 0, 0, 0), enosys); /* openat2 */
	assert_int_equal(answer(&p, 457, 0, 0, 0), eperm);  /* statmount */
	assert_int_equal(answer(&p, SYS_getpid, 0, 0, 0), allow);

	policy = (struct seccomp_policy){ .rules = seccomp_base, .extra = STRV_INIT(&p.arena) };
	strv_addn(&policy.extra, unknown, N_ELEMENTS(unknown));
	assert_int_equal(seccomp_compile(&policy, &p.arena, &bpf, &size, &e), -EINVAL);
	assert_string_equal(e.msg, "blocked_syscalls: 'frobnicate' is not a system call that is "
				   "known here; --list-syscalls prints the names");
	assert_true(!bpf && size == 0);
	arena_done(&p.arena);
}

static void some_names_are_not_the_users_to_block(void **state)
{
	auto_arena struct arena a = ARENA_INIT;
	struct strv extra = STRV_INIT(&a);
	struct err e = { 0 };

	(void)state;
	strv_add(&extra, "ptrace", "clone", "connect");
	assert_int_equal(seccomp_check_extra(&extra, &e), 0);
	strv_add(&extra, "execve");
	assert_int_equal(seccomp_check_extra(&extra, &e), -EINVAL);
	assert_string_equal(e.msg,
			    "blocked_syscalls: without 'execve' no program can be started or "
			    "run; remove it from the list");
}

static void what_a_policy_refuses(void **state)
{
	(void)state;
	assert_true(seccomp_refuses(0, "ptrace"));
	assert_false(seccomp_refuses(SECCOMP_TRACE, "ptrace"));
	assert_true(seccomp_refuses(SECCOMP_TRACE, "chroot"));
	assert_false(seccomp_refuses(SECCOMP_BROWSER, "chroot"));
	assert_true(seccomp_refuses(SECCOMP_BROWSER, "mount"));
	assert_false(seccomp_refuses(0, "clone"));
	assert_false(seccomp_refuses(0, "execve"));
}

static void names_are_listed(void **state)
{
	auto_arena struct arena a = ARENA_INIT;
	struct strv names;

	(void)state;
	seccomp_names(&a, &names);
	assert_in_range(names.n, 300, 500);
	for (size_t i = 1; i < names.n; i++)
		assert_true(strcmp(names.items[i - 1], names.items[i]) < 0);
	assert_true(strv_has(&names, "openat"));
	assert_true(strv_has(&names, "open_tree_attr"));
	assert_false(strv_has(&names, "frobnicate"));
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(every_row_is_sound),
		cmocka_unit_test(nothing_is_forgotten),
		cmocka_unit_test(every_refused_number_is_refused),
		cmocka_unit_test(namespaces_in_every_combination),
		cmocka_unit_test(high_bits_help_nobody),
		cmocka_unit_test(socket_families),
		cmocka_unit_test(personality_asks_or_sets),
		cmocka_unit_test(set_id_only_when_a_file_is_made),
		cmocka_unit_test(other_architectures_are_killed),
		cmocka_unit_test(names_of_the_user),
		cmocka_unit_test(some_names_are_not_the_users_to_block),
		cmocka_unit_test(what_a_policy_refuses),
		cmocka_unit_test(names_are_listed),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
