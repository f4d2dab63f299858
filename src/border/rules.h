/* SPDX-License-Identifier: Apache-2.0 */
/* Judges the calls of guarded commands (spec/guarded.h), asked by their stubs inside. */
#pragma once

#include "border/service.h"

int rules_service(const struct service *service);
