/* SPDX-License-Identifier: Apache-2.0 */
/* Where the host's sound server is. */
#include "spec/sound.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>

#include <cmocka.h>

#include "base/auto.h"
#include "spec/facts.h"

static void the_socket(void **state)
{
	static const struct {
		const char *env[3];
		const char *want;
	} rows[] = {
		{ { NULL }, NULL },
		{ { "XDG_RUNTIME_DIR=/run/user/7" }, "/run/user/7/pulse/native" },
		{ { "XDG_RUNTIME_DIR=run" }, NULL },
		{ { "XDG_RUNTIME_DIR=/run/user/7", "PULSE_RUNTIME_PATH=/run/sound" },
		  "/run/sound/native" },
		{ { "XDG_RUNTIME_DIR=/run/user/7", "PULSE_SERVER=unix:/mnt/wslg/PulseServer" },
		  "/mnt/wslg/PulseServer" },
		{ { "PULSE_SERVER=/run/../sound" }, "/sound" },
		{ { "XDG_RUNTIME_DIR=/run/user/7", "PULSE_SERVER=" }, "/run/user/7/pulse/native" },
		{ { "XDG_RUNTIME_DIR=/run/user/7", "PULSE_SERVER=tcp:localhost:4713" }, NULL },
		{ { "XDG_RUNTIME_DIR=/run/user/7", "PULSE_SERVER=unix:/a unix:/b" }, NULL },
		{ { "XDG_RUNTIME_DIR=/run/user/7", "PULSE_SERVER={0123}unix:/a" }, NULL },
		{ { "XDG_RUNTIME_DIR=/run/user/7", "PULSE_SERVER=unix:a" }, NULL },
	};

	(void)state;
	for (size_t i = 0; i < N_ELEMENTS(rows); i++) {
		auto_arena struct arena a = ARENA_INIT;
		struct facts f = { .home = "/home/ann", .env = STRV_INIT(&a) };
		const char *got;

		for (size_t k = 0; rows[i].env[k]; k++)
			strv_add(&f.env, rows[i].env[k]);
		got = sound_socket(&f, &a);
		if (!got != !rows[i].want || (got && strcmp(got, rows[i].want) != 0))
			fail_msg("row %zu: %s", i, got ? got : "none");
	}
}

int main(void)
{
	const struct CMUnitTest tests[] = { cmocka_unit_test(the_socket) };

	return cmocka_run_group_tests(tests, NULL, NULL);
}
