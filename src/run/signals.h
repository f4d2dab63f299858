/* SPDX-License-Identifier: Apache-2.0 */
/* The signals of a session's client: read from a descriptor, but for the moment in which it stops. */
#pragma once

#include "base/err.h"

/* Blocks the signals that the loop wants and returns a signalfd for them. */
int signals_open(int *ret_fd, struct err *e);

/* Stops this process as @sig would have. The whole group for ^Z, as the terminal does it. */
void signals_stop(int sig);
