/* SPDX-License-Identifier: Apache-2.0 */
/* The block is a flat list of words: first a fixed number of them, then the two lists. */
#include "run/info.h"

#include <errno.h>
#include <inttypes.h>
#include <stdlib.h>
#include <string.h>

#include "base/auto.h"

#define INFO_MAGIC "csb-info-2"

static const size_t texts[] = {
	offsetof(struct info, id),      offsetof(struct info, project),
	offsetof(struct info, backend), offsetof(struct info, level),
	offsetof(struct info, network), offsetof(struct info, policy),
	offsetof(struct info, shell),   offsetof(struct info, cwd),
};

static void put(struct buf *b, const char *word)
{
	buf_add(b, word, strlen(word) + 1);
}

static void put_number(struct buf *b, uint64_t n)
{
	char text[24];

	(void)snprintf(text, sizeof(text), "%" PRIu64, n);
	put(b, text);
}

void info_pack(const struct info *info, struct buf *b)
{
	put(b, INFO_MAGIC);
	for (size_t i = 0; i < N_ELEMENTS(texts); i++)
		put(b, *(const char *const *)((const char *)info + texts[i]));
	put_number(b, info->pid);
	put_number(b, info->init_pid);
	put_number(b, info->started_s);
	put_number(b, info->is_frozen);
	put_number(b, info->is_raw);
	put_number(b, info->memory_bytes);
	put_number(b, info->memory_peak_bytes);
	put_number(b, info->n_processes);
	put_number(b, info->cpu_usec);
	put_number(b, info->n_sessions);
	for (size_t i = 0; i < info->n_sessions; i++) {
		const struct info_session *s = &info->sessions[i];

		put_number(b, s->job);
		put_number(b, s->started_s);
		put_number(b, s->is_detached);
		put_number(b, s->is_attached);
		put(b, s->command);
	}
	put_number(b, info->env.n);
	for (size_t i = 0; i < info->env.n; i++)
		put(b, info->env.items[i]);
}

struct words {
	const char *at, *end;
	bool torn;
};

static const char *take(struct words *w)
{
	const char *word = w->at;
	const char *nul = w->torn ? NULL : memchr(word, 0, (size_t)(w->end - word));

	w->torn = !nul;
	if (nul)
		w->at = nul + 1;
	return nul ? word : "";
}

static uint64_t take_number(struct words *w)
{
	return strtoull(take(w), NULL, 10);
}

int info_unpack(const char *block, size_t size, struct arena *a, struct info *ret)
{
	struct words w = { .at = block, .end = block + size };
	uint64_t n;

	if (strcmp(take(&w), INFO_MAGIC) != 0)
		return -EBADMSG;
	*ret = (struct info){ .env = STRV_INIT(a) };
	for (size_t i = 0; i < N_ELEMENTS(texts); i++)
		*(const char **)((char *)ret + texts[i]) = take(&w);
	ret->pid = take_number(&w);
	ret->init_pid = take_number(&w);
	ret->started_s = take_number(&w);
	ret->is_frozen = take_number(&w) != 0;
	ret->is_raw = take_number(&w) != 0;
	ret->memory_bytes = take_number(&w);
	ret->memory_peak_bytes = take_number(&w);
	ret->n_processes = take_number(&w);
	ret->cpu_usec = take_number(&w);
	n = take_number(&w);
	for (uint64_t i = 0; i < n && !w.torn; i++) {
		struct info_session *s;

		ret->sessions = arena_grow(a, ret->sessions, ret->n_sessions, sizeof(*s));
		s = &ret->sessions[ret->n_sessions++];
		s->job = take_number(&w);
		s->started_s = take_number(&w);
		s->is_detached = take_number(&w) != 0;
		s->is_attached = take_number(&w) != 0;
		s->command = take(&w);
	}
	n = take_number(&w);
	for (uint64_t i = 0; i < n && !w.torn; i++)
		strv_add(&ret->env, take(&w));
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
