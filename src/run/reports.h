/* SPDX-License-Identifier: Apache-2.0 */
#pragma once

#include "base/buf.h"
#include "spec/spec.h"

/* What the user should know once the sandbox has ended: sentences, one a line. */
void reports_add(const struct spec *s, struct buf *out);
