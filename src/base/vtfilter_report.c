/* SPDX-License-Identifier: Apache-2.0 */
/* What was stopped, in words. */
#include "base/vtfilter.h"

#include <inttypes.h>

static const struct {
	const char *one, *many;
	bool is_quiet; /* does no harm: a newer or older terminal's */
} rows[VT_N_REASONS] = {
	[VT_CLIPBOARD] = { "clipboard write", "clipboard writes", false },
	[VT_TITLE_REPORT] = { "title report", "title reports", false },
	[VT_QUERY] = { "answer-back query", "answer-back queries", false },
	[VT_QUERY_FLOOD] = { "query too many", "queries too many", false },
	[VT_QUERY_UNREAD] = { "query that nobody would hear answered",
			      "queries that nobody would hear answered", true },
	[VT_PASSTHROUGH] = { "pass-through string", "pass-through strings", false },
	[VT_DEVICE] = { "key, macro or font definition", "key, macro or font definitions", false },
	[VT_APPLICATION] = { "application string", "application strings", false },
	[VT_FILE] = { "file transfer", "file transfers", false },
	[VT_IMAGE] = { "broken image", "broken images", false },
	[VT_LINK] = { "link to other than the web", "links to other than the web", false },
	[VT_NOTIFICATION] = { "notification", "notifications", false },
	[VT_PLACE] = { "claim of a working directory", "claims of a working directory", true },
	[VT_SHELL_MARK] = { "shell mark", "shell marks", true },
	[VT_WINDOW] = { "window operation", "window operations", false },
	[VT_WINDOW_NAME] = { "window name", "window names", true },
	[VT_TITLE] = { "title cleaned", "titles cleaned", true },
	[VT_PRINT] = { "print command", "print commands", false },
	[VT_MODE] = { "terminal mode", "terminal modes", true },
	[VT_CHARSET] = { "character set", "character sets", true },
	[VT_C1] = { "8-bit control", "8-bit controls", true },
	[VT_CONTROL] = { "control character", "control characters", true },
	[VT_TEXT] = { "byte that is no text", "bytes that are no text", true },
	[VT_OVERLONG] = { "overlong sequence", "overlong sequences", true },
	[VT_MALFORMED] = { "malformed sequence", "malformed sequences", true },
	[VT_UNKNOWN] = { "unknown sequence", "unknown sequences", true },
};

const char *vtfilter_reason_name(enum vtfilter_reason reason, bool many)
{
	return many ? rows[reason].many : rows[reason].one;
}

uint64_t vtfilter_stopped(const struct vtfilter *f, enum vtfilter_reason reason)
{
	return f->counts[reason];
}

void vtfilter_summary(const struct vtfilter *f, bool all, struct buf *out)
{
	bool is_first = true;

	for (unsigned i = 0; i < VT_N_REASONS; i++) {
		if (f->counts[i] == 0 || (rows[i].is_quiet && !all))
			continue;
		buf_addf(out, "%s%" PRIu64 " %s", is_first ? "" : ", ", f->counts[i],
			 vtfilter_reason_name(i, f->counts[i] != 1));
		is_first = false;
	}
}
