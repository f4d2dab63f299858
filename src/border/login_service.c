/* SPDX-License-Identifier: Apache-2.0 */
/*
 * The credential keeper: one login of the host for any number of sandboxes.
 *
 * A refresh token is good once: the server answers with the next one, and takes a second use for theft and ends the
 * login (RFC 9700 section 4.14.2). So copies lose, as soon as two of them renew, and so does a
 * client that is killed between the server's answer and its own write: the pair is gone.
 *
 * What the agent does (seen with 2.1.197): before each request it reads the file if that has changed; if the token ends within 5
 * minutes, or the server has refused it, it takes the lock ~/.claude/.oauth_refresh.lock (a directory; five
 * retries, 1 to 2 s apart), reads the file again, and goes on with the token there if that is another one. Else it
 * asks the server, and writes by rename. After a refusal it reads once more; if the token is still the same, it
 * empties the file.
 *
 * Therefore the refresh token never enters a sandbox. Inside there is the access token with a stand-in
 * beside it, and the agent's lock is ours all the time. We renew outside: shortly before the end by
 * the clock, or when somebody inside opens the file of a token that is about to end (after a
 * suspend, or if tokens live shorter than the agent's 5 minutes). Every sandbox has such a service and each may
 * renew; they take turns by a lock that the agent outside knows as well, and whoever comes second finds a new
 * token. The renewal is a process of its own that no end of a sandbox interrupts (login_renew.h).
 *
 * From inside to the host comes only a login that somebody made anew there (/login): complete, later, of the same
 * kind, and of the same account by the server's word. A sandbox that logs in to another account keeps
 * that for itself, and is left alone from then on.
 *
 * The key outside altogether: the access token can be a stand-in too, as soon as requests pass a
 * proxy of ours; login_shown() is the place for it.
 */
#include "border/login_service.h"

#include <errno.h>
#include <fcntl.h>
#include <poll.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "base/auto.h"
#include "base/buf.h"
#include "base/clock.h"
#include "base/io.h"
#include "border/login_inside.h"
#include "border/login_lock.h"
#include "border/login_renew.h"
#include "border/login_text.h"
#include "border/login_watch.h"

#define WAKE_MS 60000   /* the wall clock may be set, and stands still in a suspend */
#define BUSY_MS 500     /* the agent outside has the lock */
#define BACKOFF_MS 2000 /* doubled with each failure, up to: */
#define BACKOFF_MAX_MS 300000
#define GAP_MS 200 /* between two renewals, however short tokens live */
#define END_MS 500
#define SHORT_MS \
	250 /* a job that is over by then is not watched: to give a watch back takes the kernel 10 ms and more */
#define PAUSE_MS 20 /* between two looks at what changes inside: nobody there keeps us busy */

enum { ON_END, ON_HOST, ON_INSIDE, ON_TASK, N_POLLS };

struct keeper {
	const struct service *service;
	struct login_inside in; /* ~/.claude */
	int watch_host, watch_inside;
	struct stat pushed; /* the file that we put inside last: no need to look at it */
	char *inside;    /* what lay inside when we looked last; NULL: nothing that we understand */
	bool is_changed; /* it must be looked at */
	struct child task;
	struct arena arena; /* of the host's login, as last read */
	struct login host;  /* .access NULL: it has none that we understand */
	bool was_far;       /* this token did not end soon when we first saw it */
	bool is_wanted;     /* somebody inside needs a renewal */
	bool is_dead;       /* the server has refused this token's renewal */
	bool is_apart;      /* the sandbox has a login of its own */
	int64_t pause_until_ms;
	int64_t retry_at_ms;
	int64_t backoff_ms;
};

static bool ends_soon(const struct keeper *k)
{
	return k->host.access && k->host.expires_ms <= clock_epoch_ms() + LOGIN_MARGIN_MS;
}

/* True if it is another login than before. */
static bool host_read(struct keeper *k)
{
	const char *file = k->service->spec->login.file;
	struct arena a = ARENA_INIT;
	struct login now = { 0 };
	struct err e = { 0 };
	char *text = NULL;
	size_t len = 0;
	int r = io_read_file(AT_FDCWD, file, LOGIN_FILE_MAX, false, &a, &text, &len, &e);
	bool is_new;

	if (r == 0)
		r = login_parse(text, len, &a, &now, &e);
	is_new = r == 0 && (!k->host.access || strcmp(k->host.access, now.access) != 0 ||
			    k->host.expires_ms != now.expires_ms);
	if (!is_new) { /* a file that is being written or that is gone is no news */
		arena_done(&a);
		return false;
	}
	arena_done(&k->arena);
	k->arena = a;
	k->host = now;
	k->was_far = !ends_soon(k);
	k->is_dead = false;
	return true;
}

/* The host's login goes in; what else is in the file inside stays as it is. */
static void push(struct keeper *k)
{
	auto_arena struct arena a = ARENA_INIT;
	struct login inside = { 0 };
	struct login shown = { 0 };
	struct err e = { 0 };
	char *whole;

	if (!k->host.access || k->is_apart)
		return;
	whole = login_shown(&k->host, &a);
	if (k->inside && login_parse(k->inside, strlen(k->inside), &a, &inside, &e) == 0 &&
	    login_parse(whole, strlen(whole), &a, &shown, &e) == 0)
		whole = login_with(&inside, shown.access, shown.refresh, shown.expires_ms, &a);
	if (login_inside_write(&k->in, whole, &k->pushed, &e) < 0)
		service_say(k->service->log, "a renewed login could not be written inside");
}

/* Without opening it: that would look like somebody's need for a new login. */
static bool is_ours(const struct keeper *k)
{
	struct stat st;

	return login_inside_stat(&k->in, &st) == 0 && st.st_ino == k->pushed.st_ino &&
	       st.st_size == k->pushed.st_size && st.st_mtim.tv_sec == k->pushed.st_mtim.tv_sec &&
	       st.st_mtim.tv_nsec == k->pushed.st_mtim.tv_nsec;
}

static void task_start(struct keeper *k, const char *inside, size_t len)
{
	const struct login_task task = {
		.service = k->service, .known = k->host.access, .inside = inside, .inside_len = len
	};
	struct err e = { 0 };

	if (login_renew(&task, &k->task, &e) < 0)
		k->retry_at_ms = clock_ms() + BACKOFF_MS;
	k->is_wanted = false;
	k->was_far = false; /* once by the clock; then whoever needs it asks */
}

/* A stand-in is our own; a whole login is somebody's at work inside; anything else gets ours again. */
static void inside_changed(struct keeper *k)
{
	auto_arena struct arena a = ARENA_INIT;
	struct login inside = { 0 };
	struct err e = { 0 };
	char *text = NULL;
	size_t len = 0;
	int r;

	if (is_ours(k) || k->is_apart)
		return;
	r = login_inside_read(&k->in, &a, &text, &len, &e);
	if (r == -ENOENT)
		return; /* logged out inside: that is its own business */
	if (r == 0)
		r = login_parse(text, len, &a, &inside, &e);
	free(k->inside);
	k->inside = r == 0 ? strdup(text) : NULL;
	if (r == 0 && login_is_stand_in(inside.refresh) && k->host.access &&
	    strcmp(inside.access, k->host.access) == 0)
		return;
	if (r == 0 && inside.access[0] && inside.refresh[0] && !login_is_stand_in(inside.refresh))
		task_start(k, text, len);
	else
		push(k);
}

/* What somebody has just written inside is looked at before ours takes its place. */
static void host_changed(struct keeper *k)
{
	if (is_ours(k))
		push(k);
	else if (k->task.pid > 0)
		k->is_changed = true;
	else
		inside_changed(k);
}

static void task_ended(struct keeper *k)
{
	struct err e = { 0 };
	int code = 0;

	if (proc_wait(&k->task, &code, &e) < 0)
		code = LOGIN_FAILED;
	k->task = CHILD_NONE;
	k->backoff_ms = code != LOGIN_FAILED ? 0 : k->backoff_ms ? 2 * k->backoff_ms : BACKOFF_MS;
	if (k->backoff_ms > BACKOFF_MAX_MS)
		k->backoff_ms = BACKOFF_MAX_MS;
	k->retry_at_ms = clock_ms() + (code == LOGIN_BUSY ? BUSY_MS : k->backoff_ms + GAP_MS);
	k->is_wanted |= code == LOGIN_BUSY || code == LOGIN_FAILED;
	if (code == LOGIN_REFUSED) {
		k->is_apart = true;
		login_inside_hold(&k->in, false);
		return;
	}
	if (host_read(k) || code == LOGIN_CURRENT)
		push(k);
	k->is_dead = code == LOGIN_DEAD;
}

static void inside_event(struct keeper *k)
{
	struct login_news news = login_news_read(k->watch_inside);

	k->pause_until_ms = clock_ms() + PAUSE_MS;
	if (news.unlocked && !k->is_apart)
		login_inside_hold(&k->in, true);
	if (news.opened && ends_soon(k))
		k->is_wanted = true;
	k->is_changed |= news.changed;
	if (!k->is_changed || k->task.pid > 0)
		return;
	inside_changed(k);
	/* Our own look at the file is among the next events, and means nothing. */
	k->is_changed = login_news_read(k->watch_inside).changed;
}

/* A renewal by the clock, or because it is wanted; at most one at a time. */
static void decide(struct keeper *k)
{
	bool is_due = k->was_far && ends_soon(k);

	if (k->task.pid > 0 || k->is_apart || k->is_dead || !k->host.access ||
	    clock_ms() < k->retry_at_ms)
		return;
	if (is_due || (k->is_wanted && ends_soon(k)))
		task_start(k, NULL, 0);
}

static int sooner(int timeout_ms, int64_t in_ms)
{
	return in_ms >= timeout_ms ? timeout_ms : in_ms > 0 ? (int)in_ms : 0;
}

static int timeout_ms(const struct keeper *k)
{
	int64_t now = clock_ms();
	int timeout = WAKE_MS;

	if (k->is_changed && k->task.pid <= 0)
		timeout = sooner(timeout, k->pause_until_ms - now);
	if (k->pause_until_ms > now)
		timeout = sooner(timeout, k->pause_until_ms - now);
	if (k->task.pid > 0 || k->is_apart || k->is_dead || !k->host.access)
		return timeout;
	if (k->is_wanted && ends_soon(k))
		timeout = sooner(timeout, k->retry_at_ms - now);
	if (k->was_far)
		timeout = sooner(timeout,
				 k->host.expires_ms - LOGIN_MARGIN_MS - clock_epoch_ms() + 1);
	return timeout;
}

static void serve(struct keeper *k)
{
	struct pollfd p[N_POLLS];

	for (;;) {
		bool is_paused = clock_ms() < k->pause_until_ms;

		p[ON_END] = (struct pollfd){ .fd = k->service->end, .events = POLLIN };
		p[ON_HOST] = (struct pollfd){ .fd = k->watch_host, .events = POLLIN };
		p[ON_INSIDE] =
			(struct pollfd){ .fd = is_paused ? -1 : k->watch_inside, .events = POLLIN };
		p[ON_TASK] = (struct pollfd){ .fd = k->task.pidfd, .events = POLLIN };
		if (poll(p, N_POLLS, timeout_ms(k)) < 0 && errno != EINTR)
			return;
		if (p[ON_END].revents)
			return;
		if (p[ON_HOST].revents && login_news_read(k->watch_host).changed && host_read(k))
			host_changed(k);
		if (p[ON_TASK].revents)
			task_ended(k);
		if (p[ON_INSIDE].revents || (k->is_changed && !is_paused))
			inside_event(k);
		decide(k);
	}
}

/* Nobody writes inside any more. What is under way then, or begins, ends by itself. */
static void last_look(struct keeper *k)
{
	if (k->task.pid <= 0)
		inside_changed(k);
}

static int open_inside(struct keeper *k, struct err *e)
{
	const struct spec_login *want = &k->service->spec->login;
	int r = login_inside_open(k->service->init_pid, k->service->spec->uid,
				  k->service->spec->gid, want->inside, &k->in, e);

	if (r == 0)
		login_inside_hold(&k->in, true);
	return r;
}

static int watch_all(struct keeper *k, struct err *e)
{
	int r = login_watch_inside(&k->in, &k->watch_inside, e);

	return r < 0 ? r : login_watch_host(k->service->spec->login.dir, &k->watch_host, e);
}

/* A short job is over before we were here; that is no failure. */
static int give_up(const struct keeper *k, const struct err *e)
{
	struct pollfd end = { .fd = k->service->end, .events = POLLIN };
	auto_buf struct buf line = BUF_INIT((size_t)2048);

	if (poll(&end, 1, END_MS) > 0)
		return 0;
	buf_addf(&line, "the agent's login inside will not be renewed: %s", e->msg);
	service_say(k->service->log, buf_text(&line));
	return 1;
}

int login_service(const struct service *s)
{
	struct keeper k = {
		.service = s,
		.in = LOGIN_INSIDE_NONE,
		.watch_host = -1,
		.watch_inside = -1,
		.task = CHILD_NONE,
	};
	struct pollfd end = { .fd = s->end, .events = POLLIN };
	struct err e = { 0 };

	if (open_inside(&k, &e) < 0)
		return give_up(&k, &e);
	/* Between the copy at the start and now it may have changed. */
	(void)host_read(&k);
	inside_changed(&k);
	k.is_wanted = ends_soon(&k);
	decide(&k);
	if (poll(&end, 1, SHORT_MS) > 0) {
		last_look(&k);
		return 0;
	}
	if (watch_all(&k, &e) < 0)
		return give_up(&k, &e);
	/* What changed before there was a watch is looked at now. */
	if (host_read(&k))
		host_changed(&k);
	k.is_changed = true;
	serve(&k);
	last_look(&k);
	return 0;
}
