/* SPDX-License-Identifier: Apache-2.0 */
/* Stands between programs inside and the user's ssh agent: keys are listed and used, nothing else. */
#pragma once

#include "border/service.h"

int ssh_guard_service(const struct service *s);
