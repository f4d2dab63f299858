/* SPDX-License-Identifier: Apache-2.0 */
/*
 * What a guarded command's stub (stub/main.c) and the service outside (border/rules.c) say to each
 * other, on a SOCK_SEQPACKET socket inside: one question, one answer.
 *
 *   question: the head, then the arguments with their NULs; more than RULES_INLINE_MAX bytes come in a
 *             memfd beside the head, sealed
 *   answer:   the head; with RULES_RUN the program's descriptor beside it; with RULES_RUN_SCRIPT the
 *             interpreter's words after it, each with its NUL, which stand for the first two
 *             arguments; with RULES_REFUSED the sentence for the user
 */
#pragma once

#include <fcntl.h>
#include <stdint.h>

#define RULES_SOCKET "/run/claude-sandbox/rules"
#define RULES_MAGIC UINT32_C(0x43535231)
#define RULES_INLINE_MAX 32768
#define RULES_TEXT_MAX 8192
#define RULES_SEALS (F_SEAL_SEAL | F_SEAL_SHRINK | F_SEAL_GROW | F_SEAL_WRITE)
/* Arguments and environment together are at most three quarters of 8 MiB, execve(2). */
#define RULES_ARGS_MAX ((uint32_t)8 << 20)

enum rules_verdict {
	RULES_RUN = 1,
	RULES_RUN_SCRIPT,
	RULES_REFUSED,
};

struct rules_question {
	uint32_t magic;
	uint32_t len; /* bytes of arguments */
};

struct rules_answer {
	uint32_t magic;
	uint32_t verdict;
};
