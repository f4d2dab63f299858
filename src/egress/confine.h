/* SPDX-License-Identifier: Apache-2.0 */
/*
 * What egress cannot do once it listens: it reads what every program reads to look up names, writes its log, has
 * sockets of the internet, and no more: no other file, no process, no other kind of socket. Landlock
 * (where the kernel has it) and a list of system calls.
 */
#pragma once

#include "base/err.h"

/* @dir: where the log is written; -1: nowhere. */
int confine(int dir, struct err *e);
