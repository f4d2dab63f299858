/* SPDX-License-Identifier: Apache-2.0 */
#include "base/blueprint.h"

#include <errno.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stdint.h>
#include <string.h>

#include <cmocka.h>

#include "base/auto.h"
#include "base/handover.h"

static struct blueprint_row rows[] = {
	{ .op = BLUEPRINT_BIND, .source = 3, .dst = "/a:b,c\\d\ne", .target = "" },
	{ .op = BLUEPRINT_TMPFS, .mode = 01777, .size = UINT64_MAX, .dst = "/tmp", .target = "" },
	{ .op = BLUEPRINT_SYMLINK, .source = BLUEPRINT_NONE, .dst = "/bin", .target = "usr/bin" },
	{ .op = BLUEPRINT_LAYER,
	  .source = 1,
	  .over = 2,
	  .file = BLUEPRINT_NONE,
	  .dst = "/p",
	  .target = "" },
};

static void what_was_packed_is_read(void **state)
{
	struct arena a = ARENA_INIT;
	struct buf b = BUF_INIT((size_t)4096);
	struct blueprint in = { .uid = 1000,
				.gid = 4294967294U,
				.own_network = true,
				.rows = rows,
				.n_rows = N_ELEMENTS(rows),
				.argv = STRV_INIT(&a) };
	struct blueprint out;

	(void)state;
	strv_add(&in.argv, "/usr/bin/true", "", "two words");
	blueprint_pack(&in, &b);
	assert_int_equal(blueprint_unpack(b.data, b.len, &a, &out), 0);
	assert_int_equal(out.uid, 1000);
	assert_int_equal(out.gid, 4294967294U);
	assert_true(out.own_network);
	assert_int_equal(out.n_rows, N_ELEMENTS(rows));
	for (size_t i = 0; i < out.n_rows; i++) {
		assert_int_equal(out.rows[i].op, rows[i].op);
		assert_int_equal(out.rows[i].mode, rows[i].mode);
		assert_true(out.rows[i].size == rows[i].size);
		assert_int_equal(out.rows[i].source, rows[i].source);
		assert_int_equal(out.rows[i].over, rows[i].over);
		assert_string_equal(out.rows[i].dst, rows[i].dst);
		assert_string_equal(out.rows[i].target, rows[i].target);
	}
	assert_int_equal(out.argv.n, 3);
	assert_string_equal(out.argv.items[1], "");
	/* Every part of it is refused. */
	for (size_t len = 0; len < b.len; len++)
		assert_int_equal(blueprint_unpack(b.data, len, &a, &out), -EBADMSG);
	buf_add(&b, "x", 2);
	assert_int_equal(blueprint_unpack(b.data, b.len, &a, &out), -EBADMSG);
	buf_done(&b);
	arena_done(&a);
}

static void one_way_to_write_it(void **state)
{
#define HEAD "csb-blueprint-2\0001000\0001000\000"
	static const struct {
		const char *text;
		size_t size;
		int want;
	} table[] = {
#define CASE(text, want) { text, sizeof(text), want }
		CASE(HEAD "1\0000\0000\0001\000/x", 0),
		CASE(HEAD "2\0000\0000\0001\000/x", -EBADMSG),
		CASE(HEAD "1\0000\0000\0000", -EBADMSG),
		CASE(HEAD "1\0000\0000\0001\000x", -EBADMSG),
		CASE(HEAD "1\0000\00000\0001\000/x", -EBADMSG),
		CASE(HEAD "1\0000\000-0\0001\000/x", -EBADMSG),
		CASE(HEAD "1\0000\0000\00065537\000/x", -EBADMSG),
		CASE("csb-blueprint-2\0004294967295\0001000\0001\0000\0000\0001\000/x", -EBADMSG),
		CASE("csb-blueprint-9\0001000\0001000\0001\0000\0000\0001\000/x", -EBADMSG),
		CASE(HEAD "1\0000\0001\0001\0008\0000\0000\0000\0000\0000\000/d\000\000/x",
		     -EBADMSG),
		CASE(HEAD "1\0000\0001\0001\0002\0004096\0000\0000\0000\0000\000/d\000\000/x",
		     -EBADMSG),
		CASE(HEAD
		     "1\0001\0001\0002\0000\00018446744073709551616\0000\0000\0000\000/d\000\000/x",
		     -EBADMSG),
		CASE(HEAD "1\0000\0001\0001\0002\0000\0000\0000\0000\0000\000d\000\000/x",
		     -EBADMSG),
		CASE(HEAD "1\0000\0001\0001\0002\0000\0000\0000\0000\0000\000/d\000\000/x", 0),
#undef CASE
	};
	struct arena a = ARENA_INIT;
	struct blueprint bp;

	(void)state;
	for (size_t i = 0; i < N_ELEMENTS(table); i++)
		assert_int_equal(blueprint_unpack(table[i].text, table[i].size, &a, &bp),
				 table[i].want);
	arena_done(&a);
}

static void messages_of_a_handover(void **state)
{
	const struct handover_head good = { HANDOVER_MAGIC, HANDOVER_MAX };
	const struct handover_head none = { HANDOVER_MAGIC, 0 };
	const struct handover_head many = { HANDOVER_MAGIC, HANDOVER_MAX + 1 };
	const struct handover_head other = { HANDOVER_MAGIC + 1, 1 };
	const uint8_t kinds[] = { HANDOVER_SOURCE, HANDOVER_SOURCE_RW, HANDOVER_FILE };
	const uint8_t odd[] = { HANDOVER_SOURCE, 4 };

	(void)state;
	assert_int_equal(handover_head_check(&good, sizeof(good), 3), 0);
	assert_int_equal(handover_head_check(&good, sizeof(good), 2), -EBADMSG);
	assert_int_equal(handover_head_check(&good, sizeof(good) - 1, 3), -EBADMSG);
	assert_int_equal(handover_head_check(&none, sizeof(none), 3), -EBADMSG);
	assert_int_equal(handover_head_check(&many, sizeof(many), 3), -EBADMSG);
	assert_int_equal(handover_head_check(&other, sizeof(other), 3), -EBADMSG);
	assert_int_equal(handover_batch_check(kinds, 3, 3, 3), 0);
	assert_int_equal(handover_batch_check(kinds, 3, 3, 2), -EBADMSG);
	assert_int_equal(handover_batch_check(kinds, 3, 2, 3), -EBADMSG);
	assert_int_equal(handover_batch_check(kinds, 0, 0, 3), -EBADMSG);
	assert_int_equal(handover_batch_check(odd, 2, 2, 2), -EBADMSG);
	/* Two users have nothing in common, and none has an id of the host's or of a subuid(5) range. */
	assert_int_equal(handover_id(0, HANDOVER_ID_ROOT), 0x70000000);
	assert_int_equal(handover_id(1000, HANDOVER_ID_USER), 0x70000fa1);
	assert_true(handover_id(UINT32_MAX, HANDOVER_ID_TTY) < UINT32_C(0x80000000));
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(what_was_packed_is_read),
		cmocka_unit_test(one_way_to_write_it),
		cmocka_unit_test(messages_of_a_handover),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
