/* SPDX-License-Identifier: Apache-2.0 */
/* What is left of one user's ~/.gitconfig. */
#pragma once

#include "base/buf.h"
#include "base/err.h"
#include "base/strv.h"
#include "spec/gitconfig.h"

#define OUT_MAX ((size_t)1 << 20)

static inline int clean(const char *text, size_t len, struct arena *a, struct buf *out,
			struct strv *dropped, struct err *e)
{
	*dropped = STRV_INIT(a);
	*e = (struct err){ 0 };
	return gitconfig_clean(
		&(struct gitconfig_user){ .texts[1] = { "~/.gitconfig", text, len } }, a, out,
		dropped, e);
}
