/* SPDX-License-Identifier: Apache-2.0 */
/*
 * The host's login, locked against everybody who may change it: our own processes by flock(2) on the directory, which
 * the kernel takes back however we end, and the agent outside by its own two directories (seen with 2.1.197):
 * ~/.claude/.oauth_refresh.lock and ~/.claude.lock, made by mkdir(2), taken over when they are older than 10 s.
 */
#pragma once

#include "base/err.h"

#define LOGIN_AGENT_LOCK ".oauth_refresh.lock"

struct login_lock {
	int dir;            /* ~/.claude of the host; -1: not held */
	const char *second; /* the agent's lock beside it; NULL: not held */
	char second_path[4096];
};

#define LOGIN_LOCK_NONE ((struct login_lock){ .dir = -1 })

/* 1: somebody else has it. Waits for our own up to @wait_ms, since they take turns. */
int login_lock(struct login_lock *l, const char *dir, int wait_ms, struct err *e);
void login_unlock(struct login_lock *l);
