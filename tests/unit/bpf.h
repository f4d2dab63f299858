/* SPDX-License-Identifier: Apache-2.0 */
/*
 * An interpreter of the kernel's classic BPF, as far as filters of system calls use it: for tests
 * that ask a compiled filter what it would answer, without a kernel. After <cmocka.h>.
 */
#pragma once

#include <linux/audit.h>
#include <linux/filter.h>
#include <linux/seccomp.h>
#include <stdbool.h>
#include <stdint.h>
#include <string.h>

#if defined(__x86_64__)
#define BPF_NATIVE AUDIT_ARCH_X86_64
#elif defined(__aarch64__)
#define BPF_NATIVE AUDIT_ARCH_AARCH64
#endif

struct bpf_program {
	const struct sock_filter *code;
	size_t n;
};

static inline bool bpf_jumps(const struct sock_filter *in, uint32_t acc)
{
	switch (in->code) {
	case BPF_JMP | BPF_JEQ | BPF_K:
		return acc == in->k;
	case BPF_JMP | BPF_JGT | BPF_K:
		return acc > in->k;
	case BPF_JMP | BPF_JGE | BPF_K:
		return acc >= in->k;
	case BPF_JMP | BPF_JSET | BPF_K:
		return acc & in->k;
	default:
		fail_msg("instruction 0x%x is not known to this interpreter", in->code);
		return false;
	}
}

/* What the kernel would do: a SECCOMP_RET_* word. @ret_steps: instructions on the way, or NULL. */
static inline uint32_t bpf_run(const struct bpf_program *p, const struct seccomp_data *data,
			       unsigned *ret_steps)
{
	unsigned steps = 0;
	uint32_t acc = 0;

	for (size_t pc = 0; pc < p->n; pc++) {
		const struct sock_filter *in = &p->code[pc];

		steps++;
		if (ret_steps)
			*ret_steps = steps;
		if (in->code == (BPF_RET | BPF_K))
			return in->k;
		if (in->code == (BPF_LD | BPF_W | BPF_ABS)) {
			assert_in_range(in->k, 0, sizeof(*data) - sizeof(acc));
			memcpy(&acc, (const char *)data + in->k, sizeof(acc));
		} else if (in->code == (BPF_ALU | BPF_AND | BPF_K)) {
			acc &= in->k;
		} else if (in->code == (BPF_JMP | BPF_JA)) {
			pc += in->k;
		} else {
			pc += bpf_jumps(in, acc) ? in->jt : in->jf;
		}
	}
	fail_msg("the program runs off its end");
	return 0;
}
