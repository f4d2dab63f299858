/* SPDX-License-Identifier: Apache-2.0 */
/*
 * One change of the host's login, made by a process of its own: a renewal, or a login taken over from inside. It outlives
 * whoever started it. Between the server's giving out a new pair and its reaching the disk, nobody's death but its own
 * can lose the pair: not that of the sandbox, its launcher, its keeper or the service.
 */
#pragma once

#include <stddef.h>

#include "base/proc.h"
#include "border/service.h"

enum login_outcome {
	LOGIN_CURRENT = 0, /* the host's file is good now, whoever made it so */
	LOGIN_BUSY = 10,   /* somebody else holds the lock */
	LOGIN_FAILED,      /* no answer: try again later */
	LOGIN_DEAD,        /* the server does not accept it any more: somebody must log in anew */
	LOGIN_REFUSED,     /* what came from inside is not for the host */
};

struct login_task {
	const struct service *service;
	const char *known;  /* the access token that is to be replaced */
	const char *inside; /* a login file from inside to be taken over; NULL: renew */
	size_t inside_len;
};

/* Its exit status is an enum login_outcome. */
int login_renew(const struct login_task *t, struct child *ret, struct err *e);
