/* SPDX-License-Identifier: Apache-2.0 */
/*
 * The compiled filter against an expectation that shares nothing with the table: numbers instead
 * of names, and what the kernel makes of the arguments instead of tests. Every number of every
 * ABI, with arguments that matter to some call, and with garbage above them.
 *
 * The numbers are those of x86_64; elsewhere only what holds on every machine is asked.
 */
#include <errno.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdlib.h>

#include <cmocka.h>

#include "base/auto.h"
#include "bpf.h"
#include "run/seccomp.h"

#define EPERM_WORD (SECCOMP_RET_ERRNO | EPERM)
#define ENOSYS_WORD (SECCOMP_RET_ERRNO | ENOSYS)

/* The libseccomp of this machine may know what the table's makers did not. */
extern const int newest_of_headers;

static struct arena arena;
static struct bpf_program programs[N_SECCOMP_POLICIES];

static uint32_t ask(unsigned relax, uint32_t arch, int number, const uint64_t *args)
{
	struct seccomp_data data = { .nr = number, .arch = arch };

	for (size_t i = 0; args && i < 6; i++)
		data.args[i] = args[i];
	return bpf_run(&programs[relax], &data, NULL);
}

#ifdef __x86_64__

/* Whatever the arguments are: as <asm/unistd_64.h> counts. */
static const short refused[] = {
	134, 136, 139, 153, 154, 155, 156, 159, 163, 164, 165, 166, 167, 168, 169,
	172, 173, 175, 176, 179, 180, 212, 227, 237, 238, 246, 248, 249, 250, 256,
	278, 279, 298, 300, 303, 304, 305, 308, 310, 311, 312, 313, 320, 321, 323,
	428, 429, 430, 431, 432, 433, 438, 440, 442, 443, 448, 450, 467, 470, 103,
};
static const short absent[] = { 425, 426, 427, 435, 437, 447 };

static bool listed(const short *list, size_t n, int number)
{
	for (size_t i = 0; i < n; i++)
		if (list[i] == number)
			return true;
	return false;
}

static bool set_id(uint64_t mode)
{
	return mode & 06000;
}

/* mknod: a type of character or block device, or set-id. The bits that S_IFCHR and S_IFBLK share. */
static bool bad_node(uint64_t mode)
{
	return set_id(mode) || mode & 020000;
}

/* open: O_CREAT, or the bit of O_TMPFILE that is its own. */
static bool bad_open(uint64_t flags, uint64_t mode)
{
	return flags & (0100 | 020000000) && set_id(mode);
}

static bool bad_socket(const uint32_t *a)
{
	uint32_t type = a[1] & 0xf;

	if (a[0] > 2 && a[0] != 10 && a[0] != 16)
		return true;
	if (a[2] == 33 || a[2] == 115 || a[2] == 132) /* DCCP, L2TP, SCTP */
		return true;
	if (a[0] == 16)
		return a[2] != 0;
	if (a[0] == 2 && type == 10) /* SOCK_PACKET */
		return true;
	return (a[0] == 2 || a[0] == 10) && (type == 3 || type == 5 || type == 6);
}

static bool bad_ioctl(uint32_t request)
{
	return request == 0x5412 || request == 0x541c || request == 0x541d || request == 0x5423;
}

/* linux/sockios.h: bridges, DLCI, VLAN, bonds, what is a device's own; and its flags. */
static bool bad_net_request(uint32_t n)
{
	return n == 0x8914 || n == 0x8940 || n == 0x8941 || (n >= 0x8980 && n <= 0x8983) ||
	       (n >= 0x8990 && n <= 0x8997) || (n >= 0x89a0 && n <= 0x89a3) ||
	       (n >= 0x89f0 && n <= 0x89ff);
}

/* Packet filters by level and number; IPsec; TCP_REPAIR. */
static bool bad_option(uint32_t level, uint32_t n)
{
	switch (level) {
	case 0:
		return (n >= 64 && n <= 255) || (n >= 1152 && n <= 1279) || n == 16 || n == 17;
	case 41:
		return n == 64 || n == 65 || n == 34 || n == 35;
	case 6:
		return n == 19;
	default:
		return false;
	}
}

static bool bad_question(uint32_t level, uint32_t n)
{
	if (level == 41)
		return n == 64 || n == 65 || n == 68 || n == 69;
	return level == 0 &&
	       ((n >= 64 && n <= 79) || (n >= 96 && n <= 255) || (n >= 1152 && n <= 1279));
}

/* What the kernel would take for a refused wish, of the arguments as it reads them. */
static bool bad_arguments(unsigned relax, int number, const uint32_t *a)
{
	bool browser = relax & SECCOMP_BROWSER;

	switch (number) {
	case 16:
		return bad_ioctl(a[1]) || (browser && bad_net_request(a[1]));
	case 41:
		return bad_socket(a);
	case 53: /* socketpair */
		return a[0] > 1;
	case 56: /* clone: mount, cgroup, uts, ipc; user, pid, net */
		return a[0] & (0x00020000 | 0x02000000 | 0x04000000 | 0x08000000) ||
		       (!browser && a[0] & (0x10000000 | 0x20000000 | 0x40000000));
	case 272: /* unshare: user and nothing else */
		return !browser || a[0] != 0x10000000;
	case 54: /* setsockopt */
		return browser && bad_option(a[1], a[2]);
	case 55: /* getsockopt */
		return browser && bad_question(a[1], a[2]);
	case 161: /* chroot */
		return !browser;
	case 101: /* ptrace */
		return !(relax & SECCOMP_TRACE);
	case 85: /* creat */
	case 90: /* chmod */
	case 91: /* fchmod */
		return set_id(a[1]);
	case 268: /* fchmodat */
	case 452: /* fchmodat2 */
		return set_id(a[2]);
	case 2:
		return bad_open(a[1], a[2]);
	case 257:
		return bad_open(a[2], a[3]);
	case 133:
		return bad_node(a[1]);
	case 259:
		return bad_node(a[2]);
	case 135: /* personality */
		return a[0] != 0 && a[0] != UINT32_MAX;
	case 157: /* prctl: PR_SET_MM */
		return a[0] == 35;
	case 317: /* seccomp: a listener */
		return a[1] & 8;
	default:
		return false;
	}
}

static uint32_t want(unsigned relax, int number, const uint64_t *args)
{
	uint32_t a[6];

	for (size_t i = 0; i < 6; i++)
		a[i] = (uint32_t)args[i];
	if (listed(absent, N_ELEMENTS(absent), number) || number > SECCOMP_NEWEST)
		return ENOSYS_WORD;
	if (listed(refused, N_ELEMENTS(refused), number) || bad_arguments(relax, number, a))
		return EPERM_WORD;
	return SECCOMP_RET_ALLOW;
}

/* A small generator with a fixed start, so that a failure comes again. */
static uint64_t next_random(uint64_t *state)
{
	*state ^= *state << 13;
	*state ^= *state >> 7;
	*state ^= *state << 17;
	return *state;
}

/* Words that mean something to some call, single bits, and anything. */
static uint32_t pick(uint64_t *state)
{
	static const uint32_t words[] = {
		0,      1,      2,      3,      5,       6,          10,         16,     33,
		35,     40,     115,    132,    0x5412,  0x541c,     0x541d,     0x5423, 0x5413,
		0x80,   04755,  02700,  0755,   0100,    020200000,  0x10000000, 0x11,   0x3d0f00,
		020644, 060600, 010644, 100644, 0x80003, UINT32_MAX, 0x40000,    8,      17,
		41,     64,     65,     68,     80,      96,         128,        1153,   34,
		19,     0x8914, 0x8940, 0x8982, 0x8992,  0x89a2,     0x89f1,     0x8913, 63,
	};
	uint64_t r = next_random(state);

	switch (r >> 60) {
	case 0:
	case 1:
		return (uint32_t)r;
	case 2:
	case 3:
		return UINT32_C(1) << (r & 31);
	default:
		return words[(r & 0xffff) % N_ELEMENTS(words)];
	}
}

/* Whatever stands above the 32 bits that the kernel reads: no refusal becomes a permission. */
static void with_garbage(unsigned relax, int number, const uint64_t *clean, uint64_t *state)
{
	uint32_t without = want(relax, number, clean);
	uint64_t args[6];
	uint32_t with;

	for (size_t i = 0; i < 6; i++)
		args[i] = clean[i] | (next_random(state) & 0xffffffff00000000);
	with = ask(relax, BPF_NATIVE, number, args);
	if (without != SECCOMP_RET_ALLOW && with != without)
		fail_msg("policy %u, call %d: garbage makes 0x%x of 0x%x", relax, number, with,
			 without);
}

static void every_number(void **state)
{
	uint64_t seed = 0x9e3779b97f4a7c15;

	(void)state;
	for (unsigned relax = 0; relax < N_SECCOMP_POLICIES; relax++)
		for (int number = 0; number < 1024; number++)
			for (unsigned round = 0; round < 400; round++) {
				uint64_t args[6] = { 0 };
				uint32_t got;

				for (size_t i = 0; round > 0 && i < 6; i++)
					args[i] = pick(&seed);
				got = ask(relax, BPF_NATIVE, number, args);
				if (got != want(relax, number, args))
					fail_msg("policy %u, call %d(0x%lx, 0x%lx, 0x%lx, 0x%lx): "
						 "got "
						 "0x%x, want 0x%x",
						 relax, number, (unsigned long)args[0],
						 (unsigned long)args[1], (unsigned long)args[2],
						 (unsigned long)args[3], got,
						 want(relax, number, args));
				with_garbage(relax, number, args, &seed);
			}
}

static void other_abis(void **state)
{
	(void)state;
	for (unsigned relax = 0; relax < N_SECCOMP_POLICIES; relax++)
		for (int number = 0; number < 1024; number++) {
			assert_int_equal(ask(relax, BPF_NATIVE, 0x40000000 | number, NULL),
					 SECCOMP_RET_KILL_PROCESS);
			assert_int_equal(ask(relax, AUDIT_ARCH_I386, number, NULL),
					 SECCOMP_RET_KILL_PROCESS);
		}
	assert_int_equal(ask(0, BPF_NATIVE, 0x7fffffff, NULL), SECCOMP_RET_KILL_PROCESS);
	assert_int_equal(ask(0, BPF_NATIVE, INT32_MIN, NULL), SECCOMP_RET_KILL_PROCESS);
}

/* A call that is on the way of git and make must not become slow: as long a way as now, and a few more. */
static void the_way_is_short(void **state)
{
	static const struct {
		int number;
		uint64_t args[6];
		unsigned most;
	} calls[] = {
		{ 0, { 0 }, 24 },                /* read */
		{ 257, { 0, 0, 02000000 }, 48 }, /* openat */
		{ 16, { 0, 0x5401 }, 40 },       /* ioctl */
		{ 56, { 0x1200011 }, 60 },       /* clone */
		{ 41, { 1, 1 }, 110 },           /* socket */
		{ 262, { 0 }, 24 },              /* newfstatat */
	};

	(void)state;
	for (size_t i = 0; i < N_ELEMENTS(calls); i++) {
		struct seccomp_data data = { .nr = calls[i].number, .arch = BPF_NATIVE };
		unsigned steps = 0;

		memcpy(data.args, calls[i].args, sizeof(data.args));
		assert_int_equal(bpf_run(&programs[SECCOMP_TRACE], &data, &steps),
				 SECCOMP_RET_ALLOW);
		print_message("call %d: %u instructions\n", calls[i].number, steps);
		assert_in_range(steps, 1, calls[i].most);
	}
}

#endif

static void foreign_machines(void **state)
{
	static const uint32_t arches[] = { AUDIT_ARCH_ARM,     AUDIT_ARCH_RISCV64, AUDIT_ARCH_S390X,
					   AUDIT_ARCH_PPC64LE, AUDIT_ARCH_MIPS64,  0,
					   BPF_NATIVE ^ 1,     UINT32_MAX };

	(void)state;
	for (size_t i = 0; i < N_ELEMENTS(arches); i++)
		for (int number = 0; number < 1024; number++)
			assert_int_equal(ask(0, arches[i], number, NULL), SECCOMP_RET_KILL_PROCESS);
}

/* -1 is how a tracer skips a call: it stays allowed. */
static void numbers_of_the_future(void **state)
{
	static const int future[] = { SECCOMP_NEWEST + 1, 512, 547, 1000, 65536, 0x3fffffff };

	(void)state;
	for (unsigned relax = 0; relax < N_SECCOMP_POLICIES; relax++) {
		for (size_t i = 0; i < N_ELEMENTS(future); i++)
			assert_int_equal(ask(relax, BPF_NATIVE, future[i], NULL), ENOSYS_WORD);
		assert_int_equal(ask(relax, BPF_NATIVE, -1, NULL), SECCOMP_RET_ALLOW);
	}
}

/*
 * Red: this machine's headers or its libseccomp have calls that nobody has judged yet. They are
 * refused as unknown, which is safe; look at each, write its row or its name, and raise
 * SECCOMP_NEWEST.
 */
static void nobody_knows_a_newer_call(void **state)
{
	struct strv names = STRV_INIT(&arena);

	(void)state;
	assert_in_range(newest_of_headers, 400, SECCOMP_NEWEST);
	for (int number = SECCOMP_NEWEST + 1; number < 1024; number++)
		if (seccomp_name(number, &arena))
			fail_msg("%d is %s to libseccomp", number, seccomp_name(number, &arena));
	seccomp_names(&arena, &names);
	assert_true(strv_has(&names, "rseq_slice_yield"));
	assert_string_equal(seccomp_name(SECCOMP_NEWEST, &arena), "rseq_slice_yield");
}

static int setup(void **state)
{
	(void)state;
	for (unsigned relax = 0; relax < N_SECCOMP_POLICIES; relax++) {
		struct seccomp_policy policy = { .rules = seccomp_base,
						 .relax = relax,
						 .extra = STRV_INIT(&arena) };
		struct err e;
		void *bpf;
		size_t size;

		if (seccomp_compile(&policy, &arena, &bpf, &size, &e) < 0)
			return -1;
		programs[relax] = (struct bpf_program){ bpf, size / sizeof(struct sock_filter) };
		print_message("policy %u: %zu instructions\n", relax, programs[relax].n);
	}
	return 0;
}

static int teardown(void **state)
{
	(void)state;
	arena_done(&arena);
	return 0;
}

int main(void)
{
	const struct CMUnitTest tests[] = {
#ifdef __x86_64__
		cmocka_unit_test(every_number),
		cmocka_unit_test(other_abis),
		cmocka_unit_test(the_way_is_short),
#endif
		cmocka_unit_test(foreign_machines),
		cmocka_unit_test(numbers_of_the_future),
		cmocka_unit_test(nobody_knows_a_newer_call),
	};

	return cmocka_run_group_tests(tests, setup, teardown);
}
