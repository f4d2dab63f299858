/* SPDX-License-Identifier: Apache-2.0 */
/* What a check found, as text for a person and as JSON for a program. */
#include "host/doctor_parts.h"

struct finding finding_pass(const char *detail)
{
	return (struct finding){ .result = FINDING_PASS, .detail = detail };
}

struct finding finding_fail(const char *detail, const char *remedy)
{
	return (struct finding){ .result = FINDING_FAIL, .detail = detail, .remedy = remedy };
}

struct finding finding_warn(const char *detail, const char *remedy)
{
	return (struct finding){ .result = FINDING_WARN, .detail = detail, .remedy = remedy };
}

static const struct {
	const char *text, *json;
} result_names[N_FINDINGS] = {
	[FINDING_PASS] = { "PASS", "pass" },
	[FINDING_FAIL] = { "FAIL", "fail" },
	[FINDING_WARN] = { "WARN", "warn" },
};

static void print_text(const struct finding *f, struct buf *out)
{
	buf_addf(out, "[%s] %s: ", result_names[f->result].text, f->name);
	buf_visible(out, f->detail);
	if (f->remedy) {
		buf_puts(out, "\n       remedy: ");
		buf_visible(out, f->remedy);
	}
	buf_puts(out, "\n");
}

static void print_json(const struct finding *f, bool is_first, struct buf *out)
{
	buf_puts(out, is_first ? "{\"name\":" : ",{\"name\":");
	buf_json(out, f->name);
	buf_addf(out, ",\"result\":\"%s\",\"detail\":", result_names[f->result].json);
	buf_json(out, f->detail);
	buf_puts(out, ",\"remedy\":");
	if (f->remedy)
		buf_json(out, f->remedy);
	else
		buf_puts(out, "null");
	buf_puts(out, "}");
}

void doctor_print(const struct finding *findings, size_t n, bool json, struct buf *out)
{
	unsigned count[N_FINDINGS] = { 0 };

	buf_puts(out, json ? "{\"checks\":[" : "");
	for (size_t i = 0; i < n; i++) {
		count[findings[i].result]++;
		if (json)
			print_json(&findings[i], i == 0, out);
		else
			print_text(&findings[i], out);
	}
	buf_addf(out,
		 json ? "],\"passed\":%u,\"failed\":%u,\"warnings\":%u}\n"
		      : "Results: %u passed, %u failed, %u warnings\n",
		 count[FINDING_PASS], count[FINDING_FAIL], count[FINDING_WARN]);
}
