/* SPDX-License-Identifier: Apache-2.0 */
#pragma once

#include "border/service.h"

/*
 * A service that is a program of its own: started when somebody calls, and again for the next who calls
 * after it has ended; the listening socket stays here, so nobody is refused meanwhile.
 */
int server_service(const struct service *s);
