/* SPDX-License-Identifier: Apache-2.0 */
#include "host/doctor.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include "host/doctor_parts.h"

static void text(void **state)
{
	const struct finding findings[] = {
		{ FINDING_PASS, "fine", NULL, "one" },
		{ FINDING_FAIL, "bad \x1b[1mword", "do this", "two" },
		{ FINDING_WARN, "hm", "do that", "three" },
	};
	auto_buf struct buf b = BUF_INIT(4096);

	(void)state;
	doctor_print(findings, 3, false, &b);
	assert_string_equal(buf_text(&b), "[PASS] one: fine\n"
					  "[FAIL] two: bad \\x1b[1mword\n"
					  "       remedy: do this\n"
					  "[WARN] three: hm\n"
					  "       remedy: do that\n"
					  "Results: 1 passed, 1 failed, 1 warnings\n");
}

static void json(void **state)
{
	const struct finding findings[] = {
		{ FINDING_PASS, "\"fine\"", NULL, "one" },
		{ FINDING_FAIL, "bad", "do this", "two" },
	};
	auto_buf struct buf b = BUF_INIT(4096);

	(void)state;
	doctor_print(findings, 2, true, &b);
	assert_string_equal(
		buf_text(&b),
		"{\"checks\":["
		"{\"name\":\"one\",\"result\":\"pass\",\"detail\":\"\\\"fine\\\"\",\"remedy\":null}"
		","
		"{\"name\":\"two\",\"result\":\"fail\",\"detail\":\"bad\",\"remedy\":\"do this\"}],"
		"\"passed\":1,\"failed\":1,\"warnings\":0}\n");
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(text),
		cmocka_unit_test(json),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
