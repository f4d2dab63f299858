/* SPDX-License-Identifier: Apache-2.0 */
#include "run/reports.h"

#include "base/auto.h"
#include "border/layer.h"
#include "border/record.h"
#include "border/review.h"

static void report_record(const struct spec *s, struct buf *out)
{
	record_settle(s->state, out);
}

static void report_layer(const struct spec *s, struct buf *out)
{
	if (s->layer)
		layer_report(s->layer, out);
}

/* Each adds its sentences; it looks at the host, and nothing runs inside any more. */
static void (*const reports[])(const struct spec *s, struct buf *out) = {
	report_record,
	report_layer,
	review_report,
};

void reports_add(const struct spec *s, struct buf *out)
{
	for (size_t i = 0; i < N_ELEMENTS(reports); i++)
		reports[i](s, out);
}
