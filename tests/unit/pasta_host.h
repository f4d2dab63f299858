/* SPDX-License-Identifier: Apache-2.0 */
/*
 * A host of our own making for a test of pasta: a namespace in which every address there is leads to a canary that
 * listens on all of them.
 */
#pragma once

#include "spec/net_addr.h"

#define PASTA_HOST_PORT 8099
#define PASTA_HOST_DNS_PORT 53
#define PASTA_HOST_GATEWAY "192.168.77.1" /* pasta shows it to the sandbox as its own */
#define PASTA_HOST_ADDR "192.168.77.2"
#define PASTA_HOST_V4 "8.8.4.4" /* public ones, and its own */
#define PASTA_HOST_V6 "2620:fe::fe"

/* The address that @text says. */
struct net_addr pasta_host_addr(const char *text);

/* The caller is on it from now on. NULL, or why it cannot be. */
const char *pasta_host_enter(void);

/* Where the host saw somebody arrive, or "nobody". */
void pasta_host_saw(char ret[static NET_ADDR_SIZE]);

/* Who asks for names is heard at this socket. */
int pasta_host_dns(void);
