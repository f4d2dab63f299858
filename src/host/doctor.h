/* SPDX-License-Identifier: Apache-2.0 */
/* --test: is this host able? Every failure names its remedy. */
#pragma once

#include <stdbool.h>

#include "base/buf.h"
#include "spec/config.h"
#include "spec/facts.h"

/* Appends "[PASS] ...", "[FAIL] ... / remedy", "[WARN] ..." and a summary; *ret_failed counts FAILs. */
void doctor_run(const struct facts *f, const struct config *c, bool json, struct buf *out,
		unsigned *ret_failed);

/* Why user namespaces cannot be had here, as a sentence with the remedy; NULL if they can. */
const char *doctor_userns_remedy(struct arena *a);
