/* SPDX-License-Identifier: Apache-2.0 */
#include "border/login_renew.h"

#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/prctl.h>
#include <sys/stat.h>
#include <unistd.h>

#include "base/auto.h"
#include "base/buf.h"
#include "base/clock.h"
#include "base/io.h"
#include "border/login_http.h"
#include "border/login_lock.h"
#include "border/login_text.h"

/* As in the agent's program (2.1.197). */
#define TOKEN_URL "https://platform.claude.com/v1/oauth/token"
#define PROFILE_URL "https://api.anthropic.com/api/oauth/profile"

#define TURN_MS 20000 /* as long as somebody before us may need */
#define ACCOUNT_FILE_MAX ((size_t)16 << 20)
#define ROOM ((off_t)128 << 10)

/*
 * The place of the next file, made and given its room before the server is asked: a full disk must not lose
 * the pair that it answers with. One name for all, so that a killed process leaves one file that the next one uses.
 */
struct slot {
	int fd;
	char *path, *temp;
};

static void slot_done(const struct slot *s)
{
	if (s->fd >= 0) {
		(void)close(s->fd);
		(void)unlink(s->temp);
	}
	free(s->path);
	free(s->temp);
}

/* @is_first: there may be none yet. */
static int slot_open(struct slot *s, const char *file, bool is_first, struct err *e)
{
	int code;

	s->path = realpath(file, NULL); /* a link of the user's own stays one */
	if (!s->path && is_first)
		s->path = strdup(file);
	if (!s->path)
		return err_sys(e, "cannot find %s", file);
	if (asprintf(&s->temp, "%s.claude-sandbox", s->path) < 0)
		abort();
	s->fd = open(s->temp, O_RDWR | O_CREAT | O_TRUNC | O_NOFOLLOW | O_CLOEXEC, 0600);
	if (s->fd < 0)
		return err_sys(e, "cannot make %s", s->temp);
	code = posix_fallocate(s->fd, 0, ROOM);
	if (code != 0)
		return err_set(e, code, "cannot make room for %s: %s", s->temp,
			       strerrordesc_np(code));
	return 0;
}

static int slot_commit(struct slot *s, const char *text, struct err *e)
{
	size_t len = strlen(text);
	int r = io_write_all(s->fd, text, len, e);

	if (r < 0)
		return err_wrap(e, "%s", s->temp);
	if (ftruncate(s->fd, (off_t)len) < 0 || fchmod(s->fd, 0600) < 0 || fsync(s->fd) < 0)
		return err_sys(e, "cannot write %s", s->temp);
	if (rename(s->temp, s->path) < 0)
		return err_sys(e, "cannot replace %s", s->path);
	(void)close(s->fd);
	s->fd = -1;
	return 0;
}

static int read_host(const struct login_task *t, struct arena *a, struct login *ret, struct err *e)
{
	const char *file = t->service->spec->login.file;
	char *text = NULL;
	size_t len = 0;
	int r = io_read_file(AT_FDCWD, file, LOGIN_FILE_MAX, false, a, &text, &len, e);

	if (r < 0 || login_parse(text, len, a, ret, e) < 0)
		return err_wrap(e, "%s", file);
	return 0;
}

static int say(const struct login_task *t, enum login_outcome outcome, const char *what,
	       const struct err *e)
{
	auto_buf struct buf line = BUF_INIT((size_t)2048);

	buf_puts(&line, what);
	buf_visible(&line, e->msg);
	service_say(t->service->log, buf_text(&line));
	return (int)outcome;
}

static int failed(const struct login_task *t, const struct err *e)
{
	return say(t, LOGIN_FAILED, "the agent's login could not be renewed: ", e);
}

/* RFC 6749 section 5.2; the answer's words are not repeated, they could hold a token. */
static int unwilling(const struct login_task *t, long status, const char *text, struct err *e)
{
	if (status != 400 || !strstr(text, "invalid_grant")) {
		(void)err_set(e, EIO, "the server answered with status %ld", status);
		return failed(t, e);
	}
	(void)err_set(e, EACCES,
		      "the server does not accept it any more; start the agent outside and log in");
	return say(t, LOGIN_DEAD, "the agent's login has ended: ", e);
}

static int ask_and_write(const struct login_task *t, const struct login *host, struct slot *slot,
			 struct arena *a, struct err *e)
{
	struct login_question q = { .url = TOKEN_URL,
				    .body = login_request(host, a),
				    .ca = t->service->spec->login.ca };
	struct login_answer answer = { 0 };
	char *text = NULL;
	size_t len = 0;
	long status = 0;
	int r = login_ask(&q, a, &text, &len, &status, e);

	if (r < 0)
		return failed(t, e);
	if (status != 200)
		return unwilling(t, status, text, e);
	r = login_answer_parse(text, len, a, &answer, e);
	if (r == 0)
		r = slot_commit(slot,
				login_with(host, answer.access,
					   answer.refresh ? answer.refresh : host->refresh,
					   clock_epoch_ms() + answer.lifetime_ms, a),
				e);
	return r < 0 ? failed(t, e) : LOGIN_CURRENT;
}

static int renew(const struct login_task *t, const struct login *host, struct arena *a,
		 struct err *e)
{
	struct slot slot = { .fd = -1 };
	int outcome;

	if (strcmp(host->access, t->known) != 0 ||
	    host->expires_ms > clock_epoch_ms() + LOGIN_MARGIN_MS)
		return LOGIN_CURRENT; /* somebody was quicker */
	if (host->refresh[0] == '\0')
		return LOGIN_DEAD;
	outcome = slot_open(&slot, t->service->spec->login.file, false, e) < 0
			  ? failed(t, e)
			  : ask_and_write(t, host, &slot, a, e);
	slot_done(&slot);
	return outcome;
}

static const char *const host_keys[] = { "oauthAccount", "accountUuid" };
static const char *const server_keys[] = { "account", "uuid" };

/* Whose the login is: the host's agent has it written down, and the server tells it of the new one. */
static int check_account(const struct login_task *t, const struct login *inside, struct arena *a,
			 struct err *e)
{
	const struct spec_login *want = &t->service->spec->login;
	struct login_question q = { .url = PROFILE_URL, .bearer = inside->access, .ca = want->ca };
	const char *ours = NULL;
	const char *theirs = NULL;
	char *text = NULL;
	size_t len = 0;
	long status = 0;
	int r = io_read_file(AT_FDCWD, want->account, ACCOUNT_FILE_MAX, false, a, &text, &len, e);

	if (r == 0)
		r = login_account(text, len, host_keys, a, &ours, e);
	if (r < 0)
		return err_wrap(e, "whose the host's login is, is not known");
	r = login_ask(&q, a, &text, &len, &status, e);
	if (r < 0)
		return r;
	if (status != 200)
		return err_set(e, EPERM, "the server does not know it (status %ld)", status);
	r = login_account(text, len, server_keys, a, &theirs, e);
	if (r == 0 && (!ours || !theirs || strcmp(ours, theirs) != 0))
		r = err_set(e, EPERM, "it is another account");
	return r;
}

static int refuse(const struct login_task *t, const struct err *e)
{
	return say(t, LOGIN_REFUSED, "a login that was written inside stays inside: ", e);
}

static int take_over(const struct login_task *t, const struct login *host, struct arena *a,
		     struct err *e)
{
	struct slot slot = { .fd = -1 };
	struct login inside = { 0 };
	int r = login_parse(t->inside, t->inside_len, a, &inside, e);

	if (r == 0)
		r = login_judge(host, &inside, clock_epoch_ms(), e);
	if (r == 0)
		r = check_account(t, &inside, a, e);
	if (r == 0)
		r = slot_open(&slot, t->service->spec->login.file, false, e);
	if (r == 0)
		r = slot_commit(
			&slot,
			login_with(host, inside.access, inside.refresh, inside.expires_ms, a), e);
	slot_done(&slot);
	return r == 0 ? LOGIN_CURRENT : refuse(t, e);
}

/* Where the host has no login, what is made inside is the project's: whose it is makes no difference. */
static int keep_own(const struct login_task *t, struct arena *a, struct err *e)
{
	const char *file = t->service->spec->login.file;
	bool is_first = access(file, F_OK) < 0;
	struct slot slot = { .fd = -1 };
	struct login inside = { 0 };
	int r = login_parse(t->inside, t->inside_len, a, &inside, e);

	if (r == 0)
		r = login_judge(NULL, &inside, clock_epoch_ms(), e);
	if (r == 0)
		r = slot_open(&slot, file, true, e);
	if (r == 0)
		r = slot_commit(&slot, t->inside, e);
	slot_done(&slot);
	if (r < 0)
		return refuse(t, e);
	if (is_first)
		service_say(t->service->log,
			    "the login that was made inside is kept for this project; "
			    "'claude-sandbox promote login' makes it the host's");
	return LOGIN_CURRENT;
}

static int task_main(void *data)
{
	const struct login_task *t = data;
	auto_arena struct arena a = ARENA_INIT;
	struct login_lock lock = LOGIN_LOCK_NONE;
	struct login host = { .access = "", .refresh = "" };
	struct err e = { 0 };
	int outcome = LOGIN_FAILED;
	int r;

	(void)prctl(PR_SET_NAME, "csb-login-renew");
	r = login_lock(&lock, t->service->spec->login.dir, TURN_MS, &e);
	if (r > 0)
		return LOGIN_BUSY;
	if (r == 0 && t->inside && !t->service->spec->login.account)
		outcome = keep_own(t, &a, &e);
	else if (r < 0 || read_host(t, &a, &host, &e) < 0)
		outcome = failed(t, &e);
	else
		outcome = t->inside ? take_over(t, &host, &a, &e) : renew(t, &host, &a, &e);
	login_unlock(&lock);
	return outcome;
}

int login_renew(const struct login_task *t, struct child *ret, struct err *e)
{
	struct login_task copy = *t;

	return proc_fork(task_main, &copy, NULL, 0, ret, e);
}
