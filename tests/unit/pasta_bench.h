/* SPDX-License-Identifier: Apache-2.0 */
/*
 * A sandbox on the host that is played, with pasta or before it. Where there can be none, the test that makes one is
 * skipped. After <cmocka.h>.
 */
#pragma once

#include <stdint.h>

#include "base/err.h"
#include "base/proc.h"
#include "netns_child.h"
#include "spec/net.h"

struct pasta_bench {
	struct netns_child inside;
	struct child pasta;
	struct err e;
};

/* Before all tests, and after them. */
int pasta_bench_setup(void **state);
int pasta_bench_teardown(void **state);

/* The path of pasta. */
const char *pasta_bench_program(void);

/* A sandbox without a way out; one with @net. */
void pasta_bench_make(struct pasta_bench *b);
void pasta_bench_start(struct pasta_bench *b, const struct spec *spec);
void pasta_bench_end(struct pasta_bench *b);

/* As the payload would, a socket of @type. 0: connected, or sent; else why not. */
int pasta_bench_dial(const struct pasta_bench *b, const char *addr, uint16_t port, int type);
