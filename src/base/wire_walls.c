/* SPDX-License-Identifier: Apache-2.0 */
/*
 * The block: a head, the limits, the services, the rules' rights, the filter, then the paths of rules and
 * services with their NULs.
 * It is read by a process on the same machine and of the same build, so nothing is converted.
 */
#include "base/wire_walls.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>

#define WALLS_MAGIC UINT32_C(0x43535731)

struct walls_head {
	uint32_t magic;
	uint32_t n_limits;
	uint32_t n_rules;
	uint32_t filter_size;
	uint64_t fs;
	uint64_t scoped;
	uint32_t flags;
	uint32_t n_services;
};

struct limit_record {
	uint64_t resource, soft, hard;
};

struct service_record {
	uint32_t service, type;
};

static char *put(char *at, const void *data, size_t len)
{
	if (len > 0)
		memcpy(at, data, len);
	return at + len;
}

static size_t block_size(const struct wire_walls *w)
{
	size_t size = sizeof(struct walls_head) + w->filter_size +
		      w->n_limits * sizeof(struct limit_record) +
		      w->n_services * sizeof(struct service_record) +
		      w->landlock.n_rules * sizeof(uint64_t);

	for (size_t i = 0; i < w->landlock.n_rules; i++)
		size += strlen(w->landlock.rules[i].path) + 1;
	for (size_t i = 0; i < w->n_services; i++)
		size += strlen(w->services[i].path) + 1;
	return size;
}

void *wire_walls_pack(const struct wire_walls *w, size_t *ret_size)
{
	const struct wire_landlock *l = &w->landlock;
	const struct walls_head head = { .magic = WALLS_MAGIC,
					 .n_limits = (uint32_t)w->n_limits,
					 .n_rules = (uint32_t)l->n_rules,
					 .filter_size = (uint32_t)w->filter_size,
					 .fs = l->fs,
					 .scoped = l->scoped,
					 .flags = l->flags,
					 .n_services = (uint32_t)w->n_services };
	size_t size = block_size(w);
	char *block = malloc(size);
	char *at = block;

	if (!block)
		return NULL;
	at = put(at, &head, sizeof(head));
	for (size_t i = 0; i < w->n_limits; i++) {
		const struct limit_record record = { (uint64_t)w->limits[i].resource,
						     w->limits[i].soft, w->limits[i].hard };

		at = put(at, &record, sizeof(record));
	}
	for (size_t i = 0; i < w->n_services; i++) {
		const struct service_record record = { (uint32_t)w->services[i].service,
						       (uint32_t)w->services[i].type };

		at = put(at, &record, sizeof(record));
	}
	for (size_t i = 0; i < l->n_rules; i++)
		at = put(at, &l->rules[i].access, sizeof(l->rules[i].access));
	at = put(at, w->filter, w->filter_size);
	for (size_t i = 0; i < l->n_rules; i++)
		at = put(at, l->rules[i].path, strlen(l->rules[i].path) + 1);
	for (size_t i = 0; i < w->n_services; i++)
		at = put(at, w->services[i].path, strlen(w->services[i].path) + 1);
	*ret_size = size;
	return block;
}

/* What is left of the block. */
struct reader {
	const char *at;
	size_t left;
};

/* NULL: it does not hold @n records of @size bytes any more. */
static const char *take(struct reader *r, size_t n, size_t size)
{
	const char *at = r->at;

	if (n > r->left / size)
		return NULL;
	r->at += n * size;
	r->left -= n * size;
	return at;
}

static int take_limits(struct reader *r, size_t n, struct wire_walls *ret)
{
	const char *records = take(r, n, sizeof(struct limit_record));

	if (!records)
		return -EBADMSG;
	ret->limits = calloc(n + 1, sizeof(*ret->limits));
	if (!ret->limits)
		return -ENOMEM;
	for (; ret->n_limits < n; ret->n_limits++) {
		struct limit_record record;

		memcpy(&record, records + ret->n_limits * sizeof(record), sizeof(record));
		if (record.resource > INT32_MAX)
			return -EBADMSG;
		ret->limits[ret->n_limits] =
			(struct wire_limit){ (int)record.resource, record.soft, record.hard };
	}
	return 0;
}

static int take_services(struct reader *r, size_t n, struct wire_walls *ret)
{
	const char *records = take(r, n, sizeof(struct service_record));

	if (!records || n >= N_SERVICES)
		return -EBADMSG;
	ret->services = calloc(n + 1, sizeof(*ret->services));
	if (!ret->services)
		return -ENOMEM;
	for (; ret->n_services < n; ret->n_services++) {
		struct service_record record;

		memcpy(&record, records + ret->n_services * sizeof(record), sizeof(record));
		if (record.service == 0 || record.service >= N_SERVICES)
			return -EBADMSG;
		ret->services[ret->n_services] =
			(struct wire_listen){ .service = (enum wire_service)record.service,
					      .type = (int)record.type };
	}
	return 0;
}

/* The rights are there, each path is still to come. */
static int take_rights(struct reader *r, size_t n, struct wire_landlock *ret)
{
	const char *rights = take(r, n, sizeof(uint64_t));

	if (!rights)
		return -EBADMSG;
	ret->rules = calloc(n + 1, sizeof(*ret->rules));
	if (!ret->rules)
		return -ENOMEM;
	for (; ret->n_rules < n; ret->n_rules++) {
		struct wire_rule *rule = &ret->rules[ret->n_rules];

		rule->fd = -1;
		memcpy(&rule->access, rights + ret->n_rules * sizeof(uint64_t), sizeof(uint64_t));
	}
	return 0;
}

static const char *take_text(struct reader *r)
{
	return take(r, strnlen(r->at, r->left) + 1, 1);
}

static int take_paths(struct reader *r, struct wire_walls *ret)
{
	for (size_t i = 0; i < ret->landlock.n_rules; i++) {
		struct wire_rule *rule = &ret->landlock.rules[i];

		rule->path = take_text(r);
		if (!rule->path || rule->path[0] != '/')
			return -EBADMSG;
	}
	for (size_t i = 0; i < ret->n_services; i++) {
		struct wire_listen *service = &ret->services[i];

		service->path = take_text(r);
		if (!service->path || (service->type != 0) != (service->path[0] == '/'))
			return -EBADMSG;
	}
	return 0;
}

static int read_parts(struct reader *r, const struct walls_head *head, struct wire_walls *ret)
{
	int e = take_limits(r, head->n_limits, ret);

	if (e == 0)
		e = take_services(r, head->n_services, ret);
	if (e == 0)
		e = take_rights(r, head->n_rules, &ret->landlock);
	if (e < 0)
		return e;
	ret->filter = take(r, head->filter_size, 1);
	if (!ret->filter)
		return -EBADMSG;
	e = take_paths(r, ret);
	return e == 0 && r->left > 0 ? -EBADMSG : e;
}

int wire_walls_unpack(const void *block, size_t size, struct wire_walls *ret)
{
	struct reader r = { block, size };
	const char *start = take(&r, 1, sizeof(struct walls_head));
	struct wire_walls walls;
	struct walls_head head;
	int e;

	if (!start)
		return -EBADMSG;
	memcpy(&head, start, sizeof(head));
	if (head.magic != WALLS_MAGIC)
		return -EBADMSG;
	walls = (struct wire_walls){
		.filter_size = head.filter_size,
		.landlock = { .fs = head.fs, .scoped = head.scoped, .flags = head.flags }
	};
	e = read_parts(&r, &head, &walls);
	if (e < 0) {
		wire_walls_done(&walls);
		return e;
	}
	*ret = walls;
	return 0;
}

void wire_walls_done(struct wire_walls *walls)
{
	free(walls->landlock.rules);
	free(walls->limits);
	free(walls->services);
	*walls = (struct wire_walls){ 0 };
}
