/* SPDX-License-Identifier: Apache-2.0 */
/*
 * A session is a client of a keeper: it sends one job, lends it its terminal, and waits for its end.
 * The first session of a sandbox also makes the keeper; it is a client like any other, but for one
 * thing: if it is killed, the sandbox ends.
 *
 * Everything made for one run is a descriptor, a child, or the name in the registry; the last is
 * given back by whoever of keeper and first session is left. Only the project's state directory stays,
 * on purpose.
 */
#include "run/run.h"

#include <errno.h>
#include <fcntl.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <sys/wait.h>
#include <time.h>
#include <unistd.h>

#include "base/auto.h"
#include "base/handover.h"
#include "base/io.h"
#include "base/wire.h"
#include "border/review_state.h"
#include "run/files.h"
#include "run/keeper.h"
#include "run/note.h"
#include "run/session.h"

#define INFO_MAX ((off_t)16 << 20)
#define START_TRIES 20
#define TRY_AGAIN 100 /* the sandbox that was to be joined ended meanwhile; nothing has been done */

static int start_keeper(struct session_run *run, const struct plan *plan, const struct run_how *how,
			struct err *e)
{
	struct keeper_start start = {
		.plan = plan, .registry = how->registry, .name = how->name, .limits = how->limits
	};
	int pair[2];
	int r = files_prepare(plan->spec, e);

	if (r < 0)
		return r;
	if (review_is_waiting(&plan->spec->review))
		how->say("review: what earlier sessions changed and nobody has accepted yet is "
			 "there "
			 "again");
	if (socketpair(AF_UNIX, SOCK_SEQPACKET | SOCK_CLOEXEC, 0, pair) < 0)
		return err_sys(e, "make the channel to the sandbox");
	run->channel = pair[0];
	start.client = pair[1];
	r = pipe2(run->complaint, O_CLOEXEC | O_NONBLOCK) < 0 ? err_sys(e, "make a pipe") : 0;
	start.complaint = run->complaint[1];
	if (r == 0)
		r = proc_adopt(e);
	if (r == 0)
		r = keeper_fork(&start, &run->keeper, e);
	(void)close(pair[1]);
	close_fd(&run->complaint[1]);
	return r;
}

int run_ask(int channel, struct arena *a, struct info *ret, struct err *e)
{
	const struct wire_msg ask = { .kind = WIRE_ASK };
	struct wire_msg msg = { 0 };
	int fds[WIRE_MAX_FDS];
	auto_fd int fd = -1;
	size_t n_fds = 0;
	struct stat st;
	char *block;
	int r = wire_send(channel, &ask, NULL, 0);

	if (r == 0)
		r = wire_recv(channel, &msg, fds, &n_fds);
	if (n_fds > 0)
		fd = fds[0];
	if (r <= 0 || msg.kind != WIRE_INFO || n_fds != 1 || fstat(fd, &st) < 0 ||
	    st.st_size > INFO_MAX)
		return err_set(e, ECONNRESET, "the sandbox is just ending");
	block = arena_alloc(a, (size_t)st.st_size + 1);
	if (pread(fd, block, (size_t)st.st_size, 0) != st.st_size ||
	    info_unpack(block, (size_t)st.st_size, a, ret) < 0)
		return err_set(e, EBADMSG,
			       "the sandbox was started by another version of this "
			       "program; stop it with that version");
	return 0;
}

/* *e says why. */
static int refused(int code)
{
	(void)code;
	return RUN_REFUSED;
}

static int same_policy(struct session_run *run, const struct plan *plan, const struct run_how *how,
		       struct err *e)
{
	char started[64] = "";
	struct info info = { 0 };
	struct tm tm;
	time_t t;
	int r = run_ask(run->channel, &run->arena, &info, e);

	if (r < 0)
		return r;
	t = (time_t)info.started_s;
	if (localtime_r(&t, &tm))
		(void)strftime(started, sizeof(started), "%Y-%m-%d %H:%M:%S", &tm);
	if (!info.policy || strcmp(info.policy, plan->spec->policy) != 0)
		return refused(err_set(
			e, EBUSY,
			"a sandbox with other settings runs for %s since %s; start with the "
			"same settings to join it, with --new for a separate one, or end it "
			"with --stop",
			info.project, started));
	how->say(arena_printf(&run->arena, "Joining live sandbox for %s (pid %llu, started %s)",
			      info.project, (unsigned long long)info.pid, started));
	return 0;
}

static void tell_rest(const struct session_run *run, const struct run_how *how)
{
	struct arena a = ARENA_INIT;
	const char *rest = "";

	if (!run->outcome.goes_on || (run->flags & JOB_DETACHED))
		return;
	if (run->outcome.n_others > 0)
		rest = arena_printf(&a, " with %d other session%s", run->outcome.n_others,
				    run->outcome.n_others > 1 ? "s" : "");
	how->say(arena_printf(&a, "the sandbox goes on%s; --stop ends it", rest));
	arena_done(&a);
}

/* Limits that struck, and what the payload tried on the terminal. */
static void tell_stopped(const struct session_run *run, const struct run_how *how)
{
	auto_buf struct buf b = BUF_INIT(4096);
	auto_buf struct buf line = BUF_INIT(4096);

	note_say(&run->outcome.notes, how->say);
	vtfilter_summary(&run->screen->filter, false, &b);
	if (b.len == 0)
		return;
	buf_addf(&line, "terminal: stopped %s", buf_text(&b));
	how->say(buf_text(&line));
}

/* It is not asked for a password, which would have to be asked of a terminal that nobody lends it. */
static int advise_sudo(const struct plan *plan, int code, struct err *e)
{
	const struct strv *starter = &plan->starter;
	struct err said = *e;

	if (starter->n < 2 || !strstr(said.msg, "sudo: "))
		return code;
	return err_set(e, -code,
		       "%s; let sudo start the part of claude-sandbox that needs "
		       "root, " HANDOVER_SUDO_RULE,
		       said.msg, plan->user, starter->items[starter->n - 1]);
}

static int try_plan(const struct plan *plan, const struct run_how *how, int *ret_status,
		    struct err *e)
{
	auto_session struct session_run run = SESSION_NONE;
	bool joins = registry_connect(how->registry, how->name, &run.channel, e) == 0;
	int r = session_prepare(&run, how->raw, how->env, e);

	run.job = &plan->job;
	run.flags = (how->detach ? JOB_DETACHED : 0) | (how->lingers ? JOB_LINGERS : 0);
	if (r == 0)
		r = joins ? same_policy(&run, plan, how, e) : start_keeper(&run, plan, how, e);
	if (r == -ECONNRESET && joins)
		return TRY_AGAIN;
	if (r != 0)
		return r;
	r = session_go(&run, ret_status, e);
	if ((joins && r == -ECANCELED) ||
	    (run.outcome.step == STEP_WRAPPER && run.outcome.error == EEXIST))
		return TRY_AGAIN;
	if (!joins && run.outcome.status < 0 && !run.outcome.goes_on)
		registry_release(how->registry, how->name, true); /* the keeper was killed */
	if (r >= 0)
		tell_stopped(&run, how);
	if (r >= 0 && !joins)
		tell_rest(&run, how);
	return r < 0 ? advise_sudo(plan, r, e) : r;
}

int run_plan(const struct plan *plan, const struct run_how *how, int *ret_status, struct err *e)
{
	int r = TRY_AGAIN;

	for (int i = 0; i < START_TRIES && r == TRY_AGAIN; i++)
		r = try_plan(plan, how, ret_status, e);
	return r == TRY_AGAIN ? -ECANCELED : r;
}

int run_job(int channel, const struct job *job, const struct run_how *how, int *ret_status,
	    struct err *e)
{
	auto_session struct session_run run = SESSION_NONE;
	int r;

	run.channel = channel;
	run.job = job;
	r = session_prepare(&run, how->raw, how->env, e);
	if (r == 0)
		r = session_go(&run, ret_status, e);
	if (r >= 0)
		tell_stopped(&run, how);
	return r;
}

/* 0: the keeper did what it was asked. */
static int await_done(int channel, struct err *e)
{
	struct wire_msg msg = { 0 };
	int fds[WIRE_MAX_FDS];
	size_t n_fds = 0;
	int r = wire_recv(channel, &msg, fds, &n_fds);

	wire_close(fds, n_fds);
	if (r <= 0 || msg.kind != WIRE_DONE)
		return err_set(e, ECONNRESET, "the sandbox is just ending");
	return msg.value == 0 ? 0 : err_set(e, msg.value, "%s", strerrordesc_np(msg.value));
}

int run_attach(int channel, const struct run_how *how, int *ret_status, struct err *e)
{
	const struct wire_msg attach = { .kind = WIRE_ATTACH };
	auto_session struct session_run run = SESSION_NONE;
	int r;

	run.channel = channel;
	r = session_prepare(&run, how->raw, how->env, e);
	if (r < 0)
		return r;
	if (!tty_is_interactive(&run.screen->tty))
		return refused(err_set(e, ENOTTY, "--attach needs a terminal, in the foreground"));
	(void)wire_send(run.channel, &attach, NULL, 0);
	r = await_done(run.channel, e);
	if (r == -ENOENT)
		return refused(err_set(e, ENOENT,
				       "no session of this sandbox was started with "
				       "--detach"));
	if (r < 0)
		return r;
	how->say("attached; press ^] three times to leave it running");
	r = session_watch(&run, true, e);
	if (r < 0)
		return r;
	tell_stopped(&run, how);
	if (run.outcome.detached || run.outcome.goes_on) {
		how->say("detached; --attach comes back to it, --stop ends it");
		*ret_status = 0;
		return 0;
	}
	return session_judge(&run, ret_status, e);
}

int run_freeze(int channel, bool frozen, struct err *e)
{
	const struct wire_msg msg = { .kind = frozen ? WIRE_FREEZE : WIRE_THAW };

	(void)wire_send(channel, &msg, NULL, 0);
	return await_done(channel, e);
}

int run_network(int channel, int *ret_fd, struct err *e)
{
	const struct wire_msg order = { .kind = WIRE_NETWORK };
	struct wire_msg msg = { 0 };
	int fds[WIRE_MAX_FDS];
	size_t n_fds = 0;

	(void)wire_send(channel, &order, NULL, 0);
	if (wire_recv(channel, &msg, fds, &n_fds) <= 0 || msg.kind != WIRE_DONE) {
		wire_close(fds, n_fds);
		return err_set(e, ECONNRESET, "the sandbox is just ending");
	}
	if (msg.value != 0 || n_fds != 1) {
		wire_close(fds, n_fds);
		return err_set(e, msg.value ? msg.value : ENOTCONN,
			       "the sandbox has no network that is filtered");
	}
	*ret_fd = fds[0];
	return 0;
}

void run_stop(int channel, void (*say)(const char *sentence))
{
	const struct wire_msg msg = { .kind = WIRE_STOP };
	auto_buf struct buf notes = BUF_INIT(NOTES_MAX);
	struct wire_msg told;
	int fds[WIRE_MAX_FDS];
	size_t n_fds;

	(void)wire_send(channel, &msg, NULL, 0);
	while (wire_recv(channel, &told, fds, &n_fds) > 0) {
		if (told.kind == WIRE_NOTE)
			note_read(fds, n_fds, &notes);
		wire_close(fds, n_fds);
	}
	note_say(&notes, say);
}
