/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Errors are values. A function that can fail takes a struct err last and returns 0, a
 * negated errno with *e filled, or a positive outcome that its comment names. Only main()
 * prints. Nothing here allocates, so nothing has to be freed.
 */
#pragma once

#define ERR_MSG_MAX 1024

struct err {
	int code;              /* negated errno, 0 while unset */
	char msg[ERR_MSG_MAX]; /* one sentence: what was tried, on what, why it failed */
};

/* Sets *e and returns -code. @code is a positive errno. */
int err_set(struct err *e, int code, const char *fmt, ...) __attribute__((format(printf, 3, 4)));

/* The same from errno, whose text is appended after ": ". */
int err_sys(struct err *e, const char *fmt, ...) __attribute__((format(printf, 2, 3)));

/* Puts "<text>: " in front of the message; returns the code already in *e. */
int err_wrap(struct err *e, const char *fmt, ...) __attribute__((format(printf, 2, 3)));
