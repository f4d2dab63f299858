/* SPDX-License-Identifier: Apache-2.0 */
/* The credential keeper: SERVICE_LOGIN. login_service.c tells the theory. */
#pragma once

#include "border/service.h"

int login_service(const struct service *s);
