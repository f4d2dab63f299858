/* SPDX-License-Identifier: Apache-2.0 */
/*
 * The table of spec/seccomp.c as a program for the kernel. The only file that knows libseccomp.
 *
 * libseccomp writes the usual prologue itself: another architecture (i386 on x86_64), and on
 * x86_64 any number from 0x40000000 on (x32), meet the bad-architecture action. It has no rule for
 * a range of numbers, so what is newer than SECCOMP_NEWEST is answered by six instructions of ours
 * that stand before its program; all jumps of it are relative, and none goes back.
 *
 * A rule of libseccomp holds if all its comparisons hold, and none may look at one argument
 * twice; several rules for one call are alternatives. So "any bit" becomes one rule for each bit.
 */
#include "run/seccomp.h"

#include <errno.h>
#include <fcntl.h>
#include <linux/filter.h>
#include <linux/seccomp.h>
#include <seccomp.h>
#include <stddef.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/stat.h>
#include <unistd.h>

#include "base/auto.h"

#define FIRST_X32 0x40000000
#define MAX_NUMBER 1024 /* no architecture that we know counts as far */
#define N_NEWEST 6
#define MAX_FILTER_BYTES ((off_t)(BPF_MAXINSNS - N_NEWEST) * (off_t)sizeof(struct sock_filter))

/* Calls that are younger than libseccomp 2.5.4; their numbers are the same on every architecture. */
static const struct {
	const char *name;
	int number;
} young[] = {
	{ "cachestat", 451 },         { "fchmodat2", 452 },
	{ "map_shadow_stack", 453 },  { "futex_wake", 454 },
	{ "futex_wait", 455 },        { "futex_requeue", 456 },
	{ "statmount", 457 },         { "listmount", 458 },
	{ "lsm_get_self_attr", 459 }, { "mseal", 462 },
	{ "lsm_set_self_attr", 460 }, { "lsm_list_modules", 461 },
	{ "setxattrat", 463 },        { "getxattrat", 464 },
	{ "listxattrat", 465 },       { "removexattrat", 466 },
	{ "open_tree_attr", 467 },    { "file_getattr", 468 },
	{ "file_setattr", 469 },      { "listns", 470 },
	{ "rseq_slice_yield", 471 },
};

struct compiler {
	scmp_filter_ctx ctx;
	int number;
	uint32_t action;
};

/* __NR_SCMP_ERROR: no such name. Another negative number: not on this architecture. */
static int number_of(const char *name)
{
	int number = seccomp_syscall_resolve_name(name);

	if (number != __NR_SCMP_ERROR)
		return number;
	for (size_t i = 0; i < N_ELEMENTS(young); i++)
		if (strcmp(young[i].name, name) == 0)
			return young[i].number;
	return __NR_SCMP_ERROR;
}

static int add(const struct compiler *c, const struct scmp_arg_cmp *tests, unsigned n)
{
	return seccomp_rule_add_array(c->ctx, c->action, c->number, n, tests);
}

static struct scmp_arg_cmp masked(unsigned arg, uint32_t mask, uint32_t value)
{
	return SCMP_CMP64(arg, SCMP_CMP_MASKED_EQ, mask, value);
}

static int add_any_bit(const struct compiler *c, unsigned arg, uint64_t bits)
{
	int r = 0;

	for (unsigned i = 0; i < 32 && r == 0; i++) {
		uint32_t bit = UINT32_C(1) << i;
		struct scmp_arg_cmp test = masked(arg, bit, bit);

		if (bits & bit)
			r = add(c, &test, 1);
	}
	return r;
}

/*
 * A word is neither all zeros nor all ones exactly if somewhere a 1 has a 0 for its neighbour, the
 * last bit being the neighbour of the first.
 */
static int add_asks32(const struct compiler *c, unsigned arg)
{
	int r = 0;

	for (unsigned i = 0; i < 32 && r == 0; i++) {
		uint32_t one = UINT32_C(1) << i;
		uint32_t zero = UINT32_C(1) << ((i + 1) % 32);
		struct scmp_arg_cmp test = masked(arg, one | zero, one);

		r = add(c, &test, 1);
	}
	return r;
}

/* O_TMPFILE is two bits, one of them O_DIRECTORY's; the kernel creates if the other is set. */
static int add_creates(const struct compiler *c, unsigned arg, uint64_t bits)
{
	static const uint32_t creates[] = { O_CREAT, O_TMPFILE & ~O_DIRECTORY };
	int r = 0;

	for (unsigned i = 0; i < 32 * N_ELEMENTS(creates) && r == 0; i++) {
		uint32_t flag = creates[i / 32];
		uint32_t bit = UINT32_C(1) << i % 32;
		struct scmp_arg_cmp tests[] = { masked(arg, flag, flag),
						masked(arg + 1, bit, bit) };

		if (bits & bit)
			r = add(c, tests, N_ELEMENTS(tests));
	}
	return r;
}

/* All of them at once: alternatives would be one rule for each. */
static int add_both(const struct compiler *c, struct scmp_arg_cmp a, struct scmp_arg_cmp b)
{
	struct scmp_arg_cmp tests[] = { a, b };

	return add(c, tests, N_ELEMENTS(tests));
}

/* socket(2): family, type with flags above its four bits, protocol. */
static int add_socket(const struct compiler *c, const struct seccomp_rule *rule)
{
	struct scmp_arg_cmp family = masked(0, UINT32_MAX, (uint32_t)rule->value);

	if (rule->compare == COMPARE_TYPE)
		return add_both(c, family, masked(1, 0xf, rule->value2));
	return add_both(c, family, SCMP_CMP64(2, SCMP_CMP_NE, 0));
}

static int add_tested(const struct compiler *c, const struct seccomp_rule *rule)
{
	struct scmp_arg_cmp test;

	switch (rule->compare) {
	case COMPARE_NONE:
		return add(c, NULL, 0);
	case COMPARE_EQUAL32:
		test = masked(rule->arg, UINT32_MAX, (uint32_t)rule->value);
		return add(c, &test, 1);
	case COMPARE_ABOVE:
		test = SCMP_CMP64(rule->arg, SCMP_CMP_GT, rule->value);
		return add(c, &test, 1);
	case COMPARE_NOT:
		test = SCMP_CMP64(rule->arg, SCMP_CMP_NE, rule->value);
		return add(c, &test, 1);
	case COMPARE_ANY_BIT:
		return add_any_bit(c, rule->arg, rule->value);
	case COMPARE_ASKS32:
		return add_asks32(c, rule->arg);
	case COMPARE_CREATES:
		return add_creates(c, rule->arg, rule->value);
	case COMPARE_MASKED:
		test = masked(rule->arg, rule->mask, (uint32_t)rule->value);
		return add(c, &test, 1);
	case COMPARE_OPTION:
		return add_both(c, masked(1, UINT32_MAX, rule->value2),
				masked(2, rule->mask, (uint32_t)rule->value));
	case COMPARE_TYPE:
	case COMPARE_PROTOCOL:
		return add_socket(c, rule);
	}
	return -EINVAL;
}

static uint32_t action_of(enum seccomp_answer answer)
{
	static const unsigned errnos[] = { [SECCOMP_EPERM] = EPERM, [SECCOMP_ENOSYS] = ENOSYS };

	return SCMP_ACT_ERRNO(errnos[answer]);
}

/* libseccomp's own errors name no call, so ours do. */
static int failed(int r, const char *name, struct err *e)
{
	return err_set(e, -r, "seccomp rule for '%s': %s", name, strerrordesc_np(-r));
}

static int add_base(scmp_filter_ctx ctx, const struct seccomp_policy *policy, struct err *e)
{
	for (const struct seccomp_rule *rule = policy->rules; rule->name; rule++) {
		struct compiler c = { .ctx = ctx,
				      .number = number_of(rule->name),
				      .action = action_of(rule->answer) };
		int r;

		if (c.number == __NR_SCMP_ERROR)
			return failed(-ENOENT, rule->name, e);
		r = c.number < 0 || !seccomp_applies(rule, policy->relax) ? 0
									  : add_tested(&c, rule);
		if (r < 0)
			return failed(r, rule->name, e);
	}
	return 0;
}

/*
 * A name of the user's that the table refuses anyway is left to the table: its ENOSYS makes
 * programs fall back where EPERM would not.
 */
static int add_extra(scmp_filter_ctx ctx, const struct seccomp_policy *policy, struct err *e)
{
	for (size_t i = 0; i < policy->extra.n; i++) {
		const char *name = policy->extra.items[i];
		struct compiler c = { .ctx = ctx,
				      .number = number_of(name),
				      .action = action_of(SECCOMP_EPERM) };
		int r;

		if (c.number == __NR_SCMP_ERROR)
			return err_set(e, EINVAL,
				       "blocked_syscalls: '%s' is not a system call that is known "
				       "here; --list-syscalls prints the names",
				       name);
		if (c.number < 0 || seccomp_refuses(policy->relax, name))
			continue;
		r = add(&c, NULL, 0);
		if (r < 0)
			return failed(r, name, e);
	}
	return 0;
}

/* The number -1, with which a tracer skips a call, is above all and left to the kernel. */
static void add_newest(struct sock_filter code[static N_NEWEST])
{
	const struct sock_filter newest[N_NEWEST] = {
		BPF_STMT(BPF_LD | BPF_W | BPF_ABS, offsetof(struct seccomp_data, arch)),
		BPF_JUMP(BPF_JMP | BPF_JEQ | BPF_K, seccomp_arch_native(), 0, 4),
		BPF_STMT(BPF_LD | BPF_W | BPF_ABS, offsetof(struct seccomp_data, nr)),
		BPF_JUMP(BPF_JMP | BPF_JGT | BPF_K, SECCOMP_NEWEST, 0, 2),
		BPF_JUMP(BPF_JMP | BPF_JGE | BPF_K, FIRST_X32, 1, 0),
		BPF_STMT(BPF_RET | BPF_K, SECCOMP_RET_ERRNO | ENOSYS),
	};

	memcpy(code, newest, sizeof(newest));
}

/* libseccomp 2.5.4 exports to descriptors only. */
static int export(scmp_filter_ctx ctx, struct arena *a, void **ret_bpf, size_t *ret_size,
		  struct err *e)
{
	auto_fd int fd = memfd_create("seccomp", MFD_CLOEXEC);
	struct sock_filter *code;
	struct stat st;
	int r;

	if (fd < 0)
		return err_sys(e, "memfd_create for the seccomp filter");
	r = seccomp_export_bpf(ctx, fd);
	if (r < 0)
		return failed(r, "the whole filter", e);
	if (fstat(fd, &st) < 0)
		return err_sys(e, "fstat of the seccomp filter");
	if (st.st_size == 0 || st.st_size > MAX_FILTER_BYTES)
		return err_set(e, E2BIG,
			       "the seccomp filter has %lld bytes, the kernel takes %lld; shorten "
			       "blocked_syscalls",
			       (long long)st.st_size, (long long)MAX_FILTER_BYTES);
	code = arena_alloc(a, N_NEWEST * sizeof(*code) + (size_t)st.st_size);
	add_newest(code);
	if (pread(fd, code + N_NEWEST, (size_t)st.st_size, 0) != st.st_size)
		return err_sys(e, "read the seccomp filter back");
	*ret_bpf = code;
	*ret_size = N_NEWEST * sizeof(*code) + (size_t)st.st_size;
	return 0;
}

static int configure(scmp_filter_ctx ctx, struct err *e)
{
	int r = seccomp_attr_set(ctx, SCMP_FLTATR_ACT_BADARCH, SCMP_ACT_KILL_PROCESS);

	/* A binary tree over the numbers: a call meets 7 comparisons instead of 90. */
	if (r == 0)
		r = seccomp_attr_set(ctx, SCMP_FLTATR_CTL_OPTIMIZE, 2);
	return r < 0 ? failed(r, "every call", e) : 0;
}

int seccomp_compile(const struct seccomp_policy *policy, struct arena *a, void **ret_bpf,
		    size_t *ret_size, struct err *e)
{
	scmp_filter_ctx ctx = seccomp_init(SCMP_ACT_ALLOW);
	int r;

	if (!ctx)
		return err_set(e, ENOMEM, "libseccomp makes no filter on this machine");
	r = configure(ctx, e);
	if (r == 0)
		r = add_base(ctx, policy, e);
	if (r == 0)
		r = add_extra(ctx, policy, e);
	if (r == 0)
		r = export(ctx, a, ret_bpf, ret_size, e);
	seccomp_release(ctx);
	return r;
}

static int by_name(const void *a, const void *b)
{
	return strcmp(*(const char *const *)a, *(const char *const *)b);
}

const char *seccomp_name(int number, struct arena *a)
{
	char *known = seccomp_syscall_resolve_num_arch(SCMP_ARCH_NATIVE, number);
	const char *name = known ? arena_strdup(a, known) : NULL;

	free(known);
	for (size_t i = 0; !name && i < N_ELEMENTS(young); i++)
		if (young[i].number == number)
			name = young[i].name;
	return name;
}

/* There is no list to ask for, but every number can be asked for its name. */
void seccomp_names(struct arena *a, struct strv *ret)
{
	*ret = STRV_INIT(a);
	for (int number = 0; number < MAX_NUMBER; number++) {
		const char *name = seccomp_name(number, a);

		if (name)
			strv_add(ret, name);
	}
	qsort(ret->items, ret->n, sizeof(*ret->items), by_name);
}
