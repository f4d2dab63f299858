/* SPDX-License-Identifier: Apache-2.0 */
#include "border/service.h"

#include <stdatomic.h>
#include <stdbool.h>
#include <string.h>
#include <sys/mman.h>

#include "border/bus.h"
#include "border/guard.h"
#include "border/login_service.h"
#include "border/rules.h"
#include "border/server.h"
#include "border/ssh_guard.h"

#define LOG_SIZE ((size_t)32 << 10)

/* Only its service writes it, and a reader takes whole lines only. */
struct service_log {
	atomic_flag busy;
	_Atomic size_t used;
	char text[LOG_SIZE];
};

const struct service_kind service_kinds[N_SERVICES] = {
	[SERVICE_AGENT] = { "csb-agent", ssh_guard_service },
	[SERVICE_GUARD] = { "csb-guard", guard_service },
	[SERVICE_NETLINK] = { "csb-guard", guard_service },
	[SERVICE_RULES] = { "csb-rules", rules_service },
	[SERVICE_LOGIN] = { "csb-login", login_service },
	[SERVICE_DISPLAY] = { "csb-display", server_service },
	[SERVICE_WAYLAND] = { "csb-wayland", server_service },
	[SERVICE_SOUND] = { "csb-sound", server_service },
	[SERVICE_BUS] = { "csb-bus", bus_service },
};

struct service_log *service_log_new(void)
{
	void *log = mmap(NULL, sizeof(struct service_log), PROT_READ | PROT_WRITE,
			 MAP_SHARED | MAP_ANONYMOUS, -1, 0);

	return log == MAP_FAILED ? NULL : log;
}

static bool has_line(const struct service_log *log, const char *line, size_t len)
{
	for (const char *at = log->text, *end = at + log->used; at < end;) {
		const char *nl = memchr(at, '\n', (size_t)(end - at));

		if (!nl)
			return false;
		if ((size_t)(nl - at) == len && memcmp(at, line, len) == 0)
			return true;
		at = nl + 1;
	}
	return false;
}

void service_say(struct service_log *log, const char *sentence)
{
	size_t len = strcspn(sentence, "\n");
	size_t used;

	while (atomic_flag_test_and_set(&log->busy))
		;
	used = log->used;
	if (len > 0 && len + 1 <= LOG_SIZE - used && !has_line(log, sentence, len)) {
		memcpy(log->text + used, sentence, len);
		log->text[used + len] = '\n';
		log->used = used + len + 1;
	}
	atomic_flag_clear(&log->busy);
}

void service_log_read(const struct service_log *log, struct buf *out)
{
	size_t used = log->used;

	buf_add(out, log->text, used < LOG_SIZE ? used : LOG_SIZE);
}
