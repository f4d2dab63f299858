/* SPDX-License-Identifier: Apache-2.0 */
/* What is kept of any text is canonical, and no line of it begins with a keyword that is on no list. */
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#include "base/buf.h"
#include "spec/ssh_config.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

static int clean(const char *text, size_t len, struct arena *a, struct buf *out,
		 struct ssh_config *c, struct err *e)
{
	*c = (struct ssh_config){ .file = "F",
				  .home = "/home/u",
				  .arena = a,
				  .out = out,
				  .dropped = STRV_INIT(a),
				  .includes = STRV_INIT(a),
				  .named = STRV_INIT(a) };
	return ssh_config_clean(c, text, len, e);
}

static void check_lines(const char *text)
{
	static const char *const bad[] = {
		"proxycommand",  "localcommand",   "permitlocalcommand", "identityagent",
		"forwardagent",  "pkcs11provider", "securitykeyprov",    "knownhostscomm",
		"xauthlocation", "control",        "match exec"
	};

	for (; *text; text = strchr(text, '\n') + 1)
		for (size_t i = 0; i < sizeof(bad) / sizeof(bad[0]); i++)
			if (strncasecmp(text, bad[i], strlen(bad[i])) == 0)
				abort();
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	auto_arena struct arena a = ARENA_INIT;
	auto_buf struct buf once = BUF_INIT((size_t)1 << 19);
	auto_buf struct buf twice = BUF_INIT((size_t)1 << 19);
	struct ssh_config c;
	struct err e = { 0 };
	int r = clean((const char *)data, size, &a, &once, &c, &e);

	if (r < 0) {
		if (r != e.code || e.msg[0] == '\0')
			abort();
		return 0;
	}
	check_lines(buf_text(&once));
	if (clean(buf_text(&once), once.len, &a, &twice, &c, &e) < 0 ||
	    strcmp(buf_text(&once), buf_text(&twice)) != 0 || c.dropped.n > 0)
		abort();
	return 0;
}
