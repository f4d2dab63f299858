/* SPDX-License-Identifier: Apache-2.0 */
/* What the caller's terminal is sent after a death. */
#include "base/vtmodes.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>

#include <cmocka.h>

#include "base/auto.h"
#include "vtfilter_feed.h"

/* What the caller's terminal is sent after a death, for what the payload had switched. */
static const struct {
	const char *in, *want;
} table[] = {
	{ "text\r\n", "" },
	{ "\033[1;31mred\033[0m", "" },
	{ "\033[1;31mred\033[m", "" },
	{ "\033[1;31mred", "\033[0m" },
	{ "\033[?25l", "\033[?25h" },
	{ "\033[?25l\033[?25h", "" },
	{ "\033[?1049h", "\033[?1049l" },
	{ "\033[?1049h\033[?1049l", "" },
	{ "\033[?47h", "\033[?47l" },
	{ "\033[?1000h\033[?1002;1003;1006h", "\033[?1000l\033[?1002l\033[?1003l\033[?1006l" },
	{ "\033[?1004h", "\033[?1004l" },
	{ "\033[?2004h", "\033[?2004l" },
	{ "\033[?2026h", "\033[?2026l" },
	{ "\033[?2031;2048h", "\033[?2031l\033[?2048l" },
	{ "\033[?1h\033=", "\033[?1l\033>" },
	{ "\033[?7l", "\033[?7h" },
	{ "\033[?5h", "\033[?5l" },
	{ "\033[4h\033[20h", "\033[4l\033[20l" },
	{ "\033[?9999h", "" },
	{ "\033[?2004r", "\033[?2004l" },
	{ "\033[?25r", "\033[?25h" },
	{ "\033[?2004s", "" },
	{ "\033[>1u", "\033[<1u" },
	{ "\033[>1u\033[>3u\033[<u", "\033[<1u" },
	{ "\033[>1u\033[<9u", "" },
	{ "\033[=5u", "\033[=0u" },
	{ "\033[?1049h\033[>1u", "\033[<1u\033[?1049l" },
	{ "\033[>1u\033[?1049h\033[>1u\033[>1u", "\033[<2u\033[?1049l\033[<1u" },
	{ "\033[?1049h\033[>1u\033[?1049l", "\033[?1049h\033[<1u\033[?1049l" },
	{ "\033[>4;2m", "\033[>4m" },
	{ "\033[>4;2m\033[>4m", "" },
	{ "\033[>4;1m\033[>1;2m", "\033[>1m\033[>4m" },
	{ "\033[>4n", "\033[>4m" },
	{ "\033[2;10r", "\0337\033[r\0338" },
	{ "\033[2;10r\033[r", "" },
	{ "\033[2;10r\033[?6h", "\033[?6l\033[r\033[999;1H" },
	{ "\033[5 q", "\033[0 q" },
	{ "\033[5 q\033[ q", "" },
	{ "\033[?1c", "\033[?0c" },
	{ "\033(0", "\033(B" },
	{ "\033(0\033(B", "" },
	{ "\033)0", "" },
	{ "\x0e", "\x0f" },
	{ "\x0e\x0f", "" },
	{ "\033]8;;https://example.org\alink", "\033]8;;\033\\" },
	{ "\033]8;;https://example.org\alink\033]8;;\a", "" },
	{ "\033]8;;https://example.org\alink\033]8;;file:///\a", "" },
	{ "\033]0;title\a", "\033]0;\033\\" },
	{ "\033]0;title\a\033]0;\a", "" },
	{ "\033[22;0t\033]0;title\a", "\033[23;0t" },
	{ "\033[22;0t\033]0;title\a\033[23;0t", "" },
	{ "\033]0;a\a\033[22;0t\033]0;b\a", "\033[23;0t\033]0;\033\\" },
	{ "\033[22t\033[22t", "\033[23;0t\033[23;0t" },
	{ "\033]4;1;red\a", "\033]104\033\\" },
	{ "\033]4;1;red\a\033]104\a", "" },
	{ "\033]4;1;red\a\033]104;1\a", "\033]104\033\\" },
	{ "\033]10;red\a\033]11;red\a\033]12;red\a", "\033]110\033\\\033]111\033\\\033]112\033\\" },
	{ "\033]11;red\a\033]111\a", "" },
	{ "\033]10;red;blue\a", "\033]110\033\\\033]111\033\\" },
	{ "\033]9;4;1;50\a", "\033]9;4;0\033\\" },
	{ "\033]9;4;1;50\a\033]9;4;0\a", "" },
	{ "\033[?1049;2004;1000h\033[>1u\033[1m\033c", "" },
	{ "\033[?1049", "" },
	{ "\033[?1049\033]0;half", "" },
	{ "\033Pq~~", "\033\\" },
	{ "\033Pq~~\033", "\033\\" },
	{ "\033Pq~~\033\\", "" },
	{ "\033]1337;File=inline=1:eA", "\033\\" },
	{ "\033_Gq=2;eA\033[1m", "\033[0m" },
	{ "\033[?1049h\033[?1006;1000h\033[?2004h\033[?25l\033[>4;2m\033=\033[1;24r\033]2;"
	  "x\a\033[7m",
	  "\033[?25h\033[?1000l\033[?1006l\033[?2004l\033[?1049l\033[>4m\033>\0337\033["
	  "r\0338\033]0;\033\\\033[0m" },
};

static void modes_are_put_back(void **state)
{
	(void)state;
	for (size_t i = 0; i < N_ELEMENTS(table); i++) {
		auto_buf struct buf out = BUF_INIT(4096), got = BUF_INIT(4096);
		struct vtfilter f;

		run(&f, table[i].in, &out);
		vtfilter_reset(&f, &got);
		if (strcmp(buf_text(&got), table[i].want) != 0)
			fail_msg("row %zu: %s wants %s, got %s", i, table[i].in, table[i].want,
				 buf_text(&got));
	}
}

static void tab_stops_are_put_back(void **state)
{
	auto_buf struct buf out = BUF_INIT(4096), got = BUF_INIT(4096);
	struct vtfilter f;

	(void)state;
	run(&f, "\033[3g", &out);
	vtfilter_reset(&f, &got);
	assert_int_equal(strncmp(buf_text(&got), "\0337\r\033[3g\033[8C\033H\033[8C\033H", 18), 0);
	assert_string_equal(buf_text(&got) + got.len - 2, "\0338");
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(modes_are_put_back),
		cmocka_unit_test(tab_stops_are_put_back),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
