/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Readies the network namespace of a sandbox from outside, before any payload runs in it: routes, the
 * redirect, sockets. Done by a short-lived child that joins the namespace, as nobody comes back from one.
 */
#pragma once

#include <sys/types.h>

#include "base/err.h"
#include "spec/net.h"

#define NETNS_MAX_LISTENS 64

/*
 * @pidfd, @pid: a process inside. @ret_fds gets net->n_listens listening sockets of the namespace, in the order
 * of net->listens, O_CLOEXEC and O_NONBLOCK, which are the caller's; -1 for an IPv6 one where the kernel has no
 * IPv6, as nobody inside could call it then. Messages name the remedy. Nothing is done without listeners and
 * routes.
 */
int netns_open(int pidfd, pid_t pid, const struct spec_net *net, int *ret_fds, struct err *e);

/*
 * For NETWORK_NAT: afterwards nothing leaves the namespace for an address that is not of the public internet, nor
 * for one of the host or of its networks; but net->holes and NET_NAT_DNS. The host's networks are those of now.
 */
int netns_wall(int pidfd, pid_t pid, const struct spec_net *net, struct err *e);
