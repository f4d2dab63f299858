/* SPDX-License-Identifier: Apache-2.0 */
/* The block is a flat list of words: first a fixed number of them, then the two lists. */
#include "run/info.h"

#include <errno.h>
#include <inttypes.h>
#include <stdlib.h>
#include <string.h>

#include "base/auto.h"
#include "base/block.h"

#define INFO_MAGIC "csb-info-2"

static const size_t texts[] = {
	offsetof(struct info, id),      offsetof(struct info, project),
	offsetof(struct info, backend), offsetof(struct info, level),
	offsetof(struct info, network), offsetof(struct info, policy),
	offsetof(struct info, shell),   offsetof(struct info, cwd),
};

void info_pack(const struct info *info, struct buf *b)
{
	block_put(b, INFO_MAGIC);
	for (size_t i = 0; i < N_ELEMENTS(texts); i++)
		block_put(b, *(const char *const *)((const char *)info + texts[i]));
	block_put_number(b, info->pid);
	block_put_number(b, info->init_pid);
	block_put_number(b, info->started_s);
	block_put_number(b, info->is_frozen);
	block_put_number(b, info->is_raw);
	block_put_number(b, info->memory_bytes);
	block_put_number(b, info->memory_peak_bytes);
	block_put_number(b, info->n_processes);
	block_put_number(b, info->cpu_usec);
	block_put_number(b, info->n_sessions);
	for (size_t i = 0; i < info->n_sessions; i++) {
		const struct info_session *s = &info->sessions[i];

		block_put_number(b, s->job);
		block_put_number(b, s->started_s);
		block_put_number(b, s->is_detached);
		block_put_number(b, s->is_attached);
		block_put(b, s->command);
	}
	block_put_number(b, info->env.n);
	for (size_t i = 0; i < info->env.n; i++)
		block_put(b, info->env.items[i]);
}

int info_unpack(const char *block, size_t size, struct arena *a, struct info *ret)
{
	struct block w = { .at = block, .end = block + size };
	uint64_t n;

	if (strcmp(block_take(&w), INFO_MAGIC) != 0)
		return -EBADMSG;
	*ret = (struct info){ .env = STRV_INIT(a) };
	for (size_t i = 0; i < N_ELEMENTS(texts); i++)
		*(const char **)((char *)ret + texts[i]) = block_take(&w);
	ret->pid = block_take_number(&w, UINT64_MAX);
	ret->init_pid = block_take_number(&w, UINT64_MAX);
	ret->started_s = block_take_number(&w, UINT64_MAX);
	ret->is_frozen = block_take_number(&w, UINT64_MAX) != 0;
	ret->is_raw = block_take_number(&w, UINT64_MAX) != 0;
	ret->memory_bytes = block_take_number(&w, UINT64_MAX);
	ret->memory_peak_bytes = block_take_number(&w, UINT64_MAX);
	ret->n_processes = block_take_number(&w, UINT64_MAX);
	ret->cpu_usec = block_take_number(&w, UINT64_MAX);
	n = block_take_number(&w, UINT64_MAX);
	for (uint64_t i = 0; i < n && !w.torn; i++) {
		struct info_session *s;

		ret->sessions = arena_grow(a, ret->sessions, ret->n_sessions, sizeof(*s));
		s = &ret->sessions[ret->n_sessions++];
		s->job = block_take_number(&w, UINT64_MAX);
		s->started_s = block_take_number(&w, UINT64_MAX);
		s->is_detached = block_take_number(&w, UINT64_MAX) != 0;
		s->is_attached = block_take_number(&w, UINT64_MAX) != 0;
		s->command = block_take(&w);
	}
	n = block_take_number(&w, UINT64_MAX);
	for (uint64_t i = 0; i < n && !w.torn; i++)
		strv_add(&ret->env, block_take(&w));
	return w.torn ? -EBADMSG : 0;
}

static void text_json(struct buf *b, const char *key, const char *value)
{
	buf_addf(b, "\"%s\": ", key);
	buf_json(b, value);
	buf_puts(b, ", ");
}

void info_json(const struct info *info, struct buf *b)
{
	buf_puts(b, "{");
	text_json(b, "id", info->id);
	text_json(b, "project", info->project);
	text_json(b, "backend", info->backend);
	text_json(b, "level", info->level);
	text_json(b, "network", info->network);
	buf_addf(b,
		 "\"pid\": %" PRIu64 ", \"started\": %" PRIu64 ", \"frozen\": %s, \"sessions\": [",
		 info->pid, info->started_s, info->is_frozen ? "true" : "false");
	for (size_t i = 0; i < info->n_sessions; i++) {
		const struct info_session *s = &info->sessions[i];

		buf_addf(b,
			 "%s{\"started\": %" PRIu64
			 ", \"detached\": %s, \"attached\": %s, \"command\": ",
			 i ? ", " : "", s->started_s, s->is_detached ? "true" : "false",
			 s->is_attached ? "true" : "false");
		buf_json(b, s->command);
		buf_puts(b, "}");
	}
	buf_addf(b,
		 "], \"memory_bytes\": %" PRIu64 ", \"memory_peak_bytes\": %" PRIu64
		 ", \"processes\": %" PRIu64 ", \"cpu_usec\": %" PRIu64 "}",
		 info->memory_bytes, info->memory_peak_bytes, info->n_processes, info->cpu_usec);
}
