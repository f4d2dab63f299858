/* SPDX-License-Identifier: Apache-2.0 */
/* What was refused, one JSON object a line, in the project's state: rules/blocked.jsonl. */
#pragma once

#include "spec/spec.h"

#define RULES_LOG_MAX ((off_t)1 << 20)

/* A log that cannot be written changes no verdict. At RULES_LOG_MAX it becomes blocked.1.jsonl. */
void rules_log_add(const struct spec *s, const struct guarded *command, const struct rule *rule,
		   const struct rule_call *call);
