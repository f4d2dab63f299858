/* SPDX-License-Identifier: Apache-2.0 */
#pragma once

#include "border/service.h"

/*
 * The session bus of a sandbox (spec/bus.h): its programs are started when somebody calls, all together, and
 * ended when one of them has ended; the next caller finds new ones.
 */
int bus_service(const struct service *s);
