/* SPDX-License-Identifier: Apache-2.0 */
/* The two questions to the agent's sign-in server: a new pair of tokens, and whose a token is. */
#pragma once

#include <stddef.h>

#include "base/arena.h"
#include "base/err.h"

struct login_question {
	const char *url;
	const char *body;   /* JSON to be posted; NULL: GET */
	const char *bearer; /* NULL: none */
	const char *ca;     /* file of authorities to be trusted besides the system's; NULL: none */
};

/*
 * The answer's body, at most 64 KiB, and its HTTP status. HTTPS only, no redirection, 15 s at most. < 0 if there was no
 * answer: *e never repeats what was sent.
 */
int login_ask(const struct login_question *q, struct arena *a, char **ret_text, size_t *ret_len,
	      long *ret_status, struct err *e);
