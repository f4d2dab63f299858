/* SPDX-License-Identifier: Apache-2.0 */
/*
 * One call and one signal: StartTransientUnit() answers with a job, and JobRemoved tells how that
 * went (org.freedesktop.systemd1(5)). The manager's private socket is spoken to, as systemctl does: no
 * bus daemon is needed or woken, and signals come without subscribing to them.
 *
 * libsystemd brings five libraries along, half a millisecond of every start, so it is not linked
 * but loaded here. Debian has it wherever systemd is.
 *
 * Delegate=yes: the group's insides are ours, so that freezing does not take the manager; and since
 * version 253 a delegated scope is not stopped as a whole when the kernel kills one of its processes.
 */
#include "run/scope.h"

#include <dlfcn.h>
#include <errno.h>
#include <fcntl.h>
#include <stddef.h>
#include <stdio.h>
#include <string.h>
#include <sys/socket.h>
#include <sys/un.h>
#include <systemd/sd-bus.h>
#include <time.h>
#include <unistd.h>

#include "base/arena.h"
#include "base/auto.h"
#include "base/cgroup_text.h"

#define LIBRARY "libsystemd.so.0"
#define TIMEOUT_USEC UINT64_C(5000000)
#define UNIT_MAX 256
#define DESTINATION "org.freedesktop.systemd1"
#define OBJECT "/org/freedesktop/systemd1"
#define INTERFACE "org.freedesktop.systemd1.Manager"

/* A member for each function that is used, of that function's own type. */
#define MEMBER(name) __typeof__(&(name)) name##_fn

struct library {
	void *handle;
	MEMBER(sd_bus_new);
	MEMBER(sd_bus_set_fd);
	MEMBER(sd_bus_start);
	MEMBER(sd_bus_message_new_method_call);
	MEMBER(sd_bus_message_append);
	MEMBER(sd_bus_message_open_container);
	MEMBER(sd_bus_message_close_container);
	MEMBER(sd_bus_call);
	MEMBER(sd_bus_process);
	MEMBER(sd_bus_wait);
	MEMBER(sd_bus_message_read);
	MEMBER(sd_bus_message_is_signal);
	MEMBER(sd_bus_message_unref);
	MEMBER(sd_bus_error_free);
	MEMBER(sd_bus_flush_close_unref);
};

#define ROW(name)                                          \
	{                                                  \
#name, offsetof(struct library, name##_fn) \
	}

static const struct {
	const char *name;
	size_t offset;
} functions[] = {
	ROW(sd_bus_new),
	ROW(sd_bus_set_fd),
	ROW(sd_bus_start),
	ROW(sd_bus_message_new_method_call),
	ROW(sd_bus_message_append),
	ROW(sd_bus_message_open_container),
	ROW(sd_bus_message_close_container),
	ROW(sd_bus_call),
	ROW(sd_bus_process),
	ROW(sd_bus_wait),
	ROW(sd_bus_message_read),
	ROW(sd_bus_message_is_signal),
	ROW(sd_bus_message_unref),
	ROW(sd_bus_error_free),
	ROW(sd_bus_flush_close_unref),
};

#define CALL(l, name, ...) ((l)->name##_fn(__VA_ARGS__))

static void library_done(const struct library *l)
{
	if (l->handle)
		(void)dlclose(l->handle);
}

static int library_load(struct library *l, struct err *e)
{
	l->handle = dlopen(LIBRARY, RTLD_LAZY | RTLD_LOCAL);
	if (!l->handle) {
		(void)err_set(e, ENOENT, "cannot load " LIBRARY ": %s", dlerror());
		return -ENOENT;
	}
	for (size_t i = 0; i < N_ELEMENTS(functions); i++) {
		void *found = dlsym(l->handle, functions[i].name);

		if (!found) {
			(void)err_set(e, ENOENT, LIBRARY " has no function %s", functions[i].name);
			return -ENOENT;
		}
		/* An object's address becomes a function's: POSIX allows it here, C does not say it. */
		memcpy((char *)l + functions[i].offset, &found, sizeof(found));
	}
	return 0;
}

/* The signature is a variant's: "t" for a number, "b" for a switch. */
static int add_number(const struct library *l, sd_bus_message *m, const char *name, uint64_t value)
{
	return CALL(l, sd_bus_message_append, m, "(sv)", name, "t", value);
}

static int add_properties(const struct library *l, sd_bus_message *m, const struct limits *limits,
			  pid_t pid)
{
	uint64_t memory = limits->memory_mib << 20;
	uint64_t swap = limits->swap_mib << 20;
	int r = CALL(l, sd_bus_message_append, m, "(sv)(sv)(sv)(sv)", "Description", "s",
		     "a sandbox of claude-sandbox", "CollectMode", "s", "inactive-or-failed",
		     "Delegate", "b", 1, "PIDs", "au", 1, (uint32_t)pid);

	if (r >= 0 && memory)
		r = add_number(l, m, "MemoryMax", memory);
	if (r >= 0 && memory)
		r = add_number(l, m, "MemorySwapMax", swap);
	if (r >= 0 && limits->pids)
		r = add_number(l, m, "TasksMax", limits->pids);
	if (r >= 0 && limits->cpu_percent)
		r = add_number(l, m, "CPUQuotaPerSecUSec", limits->cpu_percent * 10000);
	if (r >= 0 && limits->cpu_weight)
		r = add_number(l, m, "CPUWeight", limits->cpu_weight);
	return r;
}

static int build_call(const struct library *l, sd_bus *bus, const char *unit,
		      const struct limits *limits, pid_t pid, sd_bus_message **ret)
{
	int r = CALL(l, sd_bus_message_new_method_call, bus, ret, DESTINATION, OBJECT, INTERFACE,
		     "StartTransientUnit");

	if (r >= 0)
		r = CALL(l, sd_bus_message_append, *ret, "ss", unit, "fail");
	if (r >= 0)
		r = CALL(l, sd_bus_message_open_container, *ret, 'a', "(sv)");
	if (r >= 0)
		r = add_properties(l, *ret, limits, pid);
	if (r >= 0)
		r = CALL(l, sd_bus_message_close_container, *ret);
	return r < 0 ? r : CALL(l, sd_bus_message_append, *ret, "a(sa(sv))", 0);
}

static uint64_t now_usec(void)
{
	struct timespec now = { 0 };

	(void)clock_gettime(CLOCK_MONOTONIC, &now);
	return (uint64_t)now.tv_sec * 1000000 + (uint64_t)now.tv_nsec / 1000;
}

/* 1: @m says how @job went; *ret_result is systemd's word, valid as long as @m. */
static int is_about(const struct library *l, sd_bus_message *m, const char *job,
		    const char **ret_result)
{
	const char *path;
	const char *unit;
	uint32_t id;

	if (CALL(l, sd_bus_message_is_signal, m, INTERFACE, "JobRemoved") <= 0)
		return 0;
	if (CALL(l, sd_bus_message_read, m, "uoss", &id, &path, &unit, ret_result) < 0)
		return 0;
	return strcmp(path, job) == 0;
}

static int await_job(const struct library *l, sd_bus *bus, const char *job, const char *unit,
		     struct err *e)
{
	uint64_t deadline = now_usec() + TIMEOUT_USEC;

	for (;;) {
		sd_bus_message *m = NULL;
		uint64_t now = now_usec();
		int r = CALL(l, sd_bus_process, bus, &m);
		const char *result;

		if (r > 0 && m && is_about(l, m, job, &result)) {
			r = strcmp(result, "done") == 0
				    ? 0
				    : err_set(e, EIO, "systemd could not start %s: %s", unit,
					      result);
			(void)CALL(l, sd_bus_message_unref, m);
			return r;
		}
		if (m)
			(void)CALL(l, sd_bus_message_unref, m);
		if (r == 0)
			r = now >= deadline ? -ETIMEDOUT
					    : CALL(l, sd_bus_wait, bus, deadline - now);
		if (r < 0)
			return err_set(e, -r, "systemd does not tell whether %s started: %s", unit,
				       strerrordesc_np(-r));
	}
}

static int ask(const struct library *l, sd_bus *bus, const char *unit, sd_bus_message *call,
	       struct err *e)
{
	sd_bus_error error = SD_BUS_ERROR_NULL;
	sd_bus_message *reply = NULL;
	const char *job;
	int r = CALL(l, sd_bus_call, bus, call, TIMEOUT_USEC, &error, &reply);

	if (r < 0)
		r = err_set(e, -r, "systemd refuses to start %s: %s", unit,
			    error.message ? error.message : strerrordesc_np(-r));
	else if (CALL(l, sd_bus_message_read, reply, "o", &job) < 0)
		r = err_set(e, EBADMSG, "systemd's answer about %s is not a job", unit);
	else
		r = await_job(l, bus, job, unit, e);
	CALL(l, sd_bus_error_free, &error);
	(void)CALL(l, sd_bus_message_unref, reply);
	return r;
}

/* By ourselves: a path would have to be escaped for libsystemd. */
static int dial(const char *path)
{
	struct sockaddr_un address = { .sun_family = AF_UNIX };
	auto_fd int fd = socket(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0);

	if (fd < 0)
		return -errno;
	if (strlen(path) >= sizeof(address.sun_path))
		return -ENAMETOOLONG;
	memcpy(address.sun_path, path, strlen(path));
	if (connect(fd, (const struct sockaddr *)&address, sizeof(address)) < 0)
		return -errno;
	return take_fd(&fd);
}

static int open_bus(const struct library *l, const char *path, sd_bus **ret, struct err *e)
{
	int fd = dial(path);
	int r = fd < 0 ? fd : CALL(l, sd_bus_new, ret);

	if (r >= 0) {
		r = CALL(l, sd_bus_set_fd, *ret, fd, fd);
		if (r >= 0)
			fd = -1; /* it is the bus's now */
	}
	auto_fd_done(&fd);
	if (r >= 0)
		r = CALL(l, sd_bus_start, *ret);
	return r < 0 ? err_set(e, -r, "cannot talk to systemd at %s: %s", path, strerrordesc_np(-r))
		     : 0;
}

static void name_unit(const char *id, char ret[static UNIT_MAX])
{
	(void)snprintf(ret, UNIT_MAX, "claude-sandbox-%s.scope", id);
}

static int start(const struct library *l, sd_bus *bus, const char *unit,
		 const struct limits *limits, pid_t pid, struct err *e)
{
	sd_bus_message *call = NULL;
	int r = build_call(l, bus, unit, limits, pid, &call);

	r = r < 0 ? err_set(e, -r, "cannot ask systemd for %s: %s", unit, strerrordesc_np(-r))
		  : ask(l, bus, unit, call, e);
	(void)CALL(l, sd_bus_message_unref, call);
	return r;
}

/* By the manager, since moving a process takes rights on what lies above both groups. */
static int attach(const struct library *l, sd_bus *bus, const char *unit, pid_t pid, struct err *e)
{
	sd_bus_error error = SD_BUS_ERROR_NULL;
	sd_bus_message *call = NULL;
	sd_bus_message *reply = NULL;
	int r = CALL(l, sd_bus_message_new_method_call, bus, &call, DESTINATION, OBJECT, INTERFACE,
		     "AttachProcessesToUnit");

	if (r >= 0)
		r = CALL(l, sd_bus_message_append, call, "ssau", unit, "", 1, (uint32_t)pid);
	if (r >= 0)
		r = CALL(l, sd_bus_call, bus, call, TIMEOUT_USEC, &error, &reply);
	if (r < 0)
		r = err_set(e, -r, "systemd does not take a process into %s: %s", unit,
			    error.message ? error.message : strerrordesc_np(-r));
	CALL(l, sd_bus_error_free, &error);
	(void)CALL(l, sd_bus_message_unref, reply);
	(void)CALL(l, sd_bus_message_unref, call);
	return r < 0 ? r : 0;
}

/* @limits: NULL for a unit that is there. */
static int ask_for(const char *socket, const char *id, const struct limits *limits, pid_t pid,
		   struct err *e)
{
	__attribute__((cleanup(library_done))) struct library l = { 0 };
	sd_bus *bus = NULL;
	char unit[UNIT_MAX];
	int r = library_load(&l, e);

	if (r < 0)
		return r;
	name_unit(id, unit);
	r = open_bus(&l, socket, &bus, e);
	if (r == 0)
		r = limits ? start(&l, bus, unit, limits, pid, e) : attach(&l, bus, unit, pid, e);
	(void)CALL(&l, sd_bus_flush_close_unref, bus);
	return r;
}

int scope_start(const char *socket, const char *id, const struct limits *limits, pid_t pid,
		struct err *e)
{
	return ask_for(socket, id, limits, pid, e);
}

int scope_attach(const char *socket, const char *id, pid_t pid, struct err *e)
{
	return ask_for(socket, id, NULL, pid, e);
}

int scope_path(pid_t pid, char *ret, size_t size)
{
	auto_arena struct arena a = ARENA_INIT;
	auto_fd int fd = -1;
	char text[4096];
	const char *path;
	ssize_t n;

	(void)snprintf(text, sizeof(text), "/proc/%d/cgroup", (int)pid);
	fd = open(text, O_RDONLY | O_CLOEXEC);
	n = fd < 0 ? -1 : read(fd, text, sizeof(text));
	if (n < 0)
		return -errno;
	path = cgroup_text_path(text, (size_t)n, NULL, &a);
	if (!path || !strstr(path, "/claude-sandbox-"))
		return -ENOENT;
	(void)snprintf(ret, size, "/sys/fs/cgroup%s", path);
	return 0;
}
