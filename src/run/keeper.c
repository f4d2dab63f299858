/* SPDX-License-Identifier: Apache-2.0 */
#include "run/keeper.h"

#include <errno.h>
#include <fcntl.h>
#include <poll.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/prctl.h>
#include <sys/signalfd.h>
#include <time.h>
#include <unistd.h>

#include "base/auto.h"
#include "base/clock.h"
#include "base/io.h"
#include "border/layer.h"
#include "border/record.h"
#include "border/review_state.h"
#include "run/cgroup.h"
#include "run/cookie.h"
#include "run/keeper_parts.h"
#include "run/reports.h"

/* Between the polite signals of --stop and the end. */
#define STOP_GRACE_MS 3000

enum {
	ON_WRAPPER,
	ON_CHANNEL,
	ON_INFO,
	ON_LISTEN,
	ON_SIGNALS,
	ON_NETWORK,
	ON_EGRESS,
	ON_PASTA,
	ON_LIMITS,
	ON_SERVICES = ON_LIMITS + CGROUP_POLLS,
	N_FIXED = ON_SERVICES + N_SERVICES
};

#define STRIKES_MAX ((size_t)4096)
#define REPORTS_MAX ((size_t)64 << 10)

void keeper_end(struct keeper *k)
{
	if (k->is_ending)
		return;
	k->is_ending = true;
	close_fd(&k->channel); /* first: init takes its time to go */
	if (k->listen >= 0)
		registry_release(k->start->registry, k->start->name, false);
	close_fd(&k->listen);
}

void keeper_stop(struct keeper *k)
{
	static const int polite[] = { SIGTERM, SIGHUP, SIGCONT };
	const struct wire_msg thaw = { .kind = WIRE_THAW };

	if (k->stop_at_ms || k->is_ending)
		return;
	k->stop_at_ms = clock_ms() + STOP_GRACE_MS;
	if (k->is_frozen)
		(void)wire_send(k->channel, &thaw, NULL, 0);
	for (size_t i = 0; i < MAX_SESSIONS; i++)
		for (size_t n = 0; k->sessions[i].id != 0 && n < N_ELEMENTS(polite); n++)
			keeper_order(k, &k->sessions[i], WIRE_SIGNAL, polite[n]);
	if (k->n_sessions == 0)
		keeper_end(k);
}

static int take_signals(struct keeper *k, struct err *e)
{
	sigset_t set;

	sigemptyset(&set);
	(void)sigaddset(&set, SIGTERM);
	(void)sigprocmask(SIG_BLOCK, &set, NULL);
	(void)signal(SIGHUP, SIG_IGN);
	k->signals = signalfd(-1, &set, SFD_CLOEXEC | SFD_NONBLOCK);
	return k->signals < 0 ? err_sys(e, "signalfd") : 0;
}

/* The founder, who is the first client, hears why there is no sandbox. */
void keeper_fail(struct keeper *k, int code, const struct err *e)
{
	const struct wire_msg failed = { .kind = WIRE_FAILED,
					 .value = STEP_WRAPPER,
					 .value2 = -code };

	(void)!write(k->start->complaint, e->msg, strlen(e->msg));
	if (k->clients[0].fd >= 0)
		(void)client_tell(k, &k->clients[0], &failed, NULL, 0);
	keeper_end(k);
}

void keeper_tell_strikes(struct keeper *k)
{
	auto_buf struct buf text = BUF_INIT(STRIKES_MAX);

	if (cgroup_struck(&k->group, &text) > 0)
		(void)clients_tell(k, &text);
}

/* At the end, when nothing runs inside any more. */
static void tell_reports(struct keeper *k)
{
	auto_buf struct buf text = BUF_INIT(REPORTS_MAX);

	if (k->claude.fd >= 0)
		layer_collect(k->start->plan->spec->layer, &k->claude);
	services_tell(k, &text);
	if (k->gateway.log)
		service_log_read(k->gateway.log, &text);
	reports_add(k->start->plan->spec, &text);
	if (clients_tell(k, &text) == 0 && text.len > 0)
		record_keep(k->start->plan->spec->state, &text);
}

static void limit_init(struct keeper *k)
{
	struct err e;
	int r = wrapper_limit_init(k, &e);

	if (r < 0)
		keeper_fail(k, r, &e);
}

/* At init's first word: everything is mounted. Without it a replaced link is lost, and no more. */
static void open_claude(struct keeper *k)
{
	const struct spec *s = k->start->plan->spec;

	if (!s->layer || k->init_pid <= 0 || k->has_looked)
		return;
	k->has_looked = true;
	(void)layer_inside_open(s->layer->inside, k->init_pid, s->uid, s->gid, &k->claude);
}

static void channel_read(struct keeper *k)
{
	struct wire_msg msg;
	int fds[WIRE_MAX_FDS];
	size_t n_fds;

	if (wire_recv(k->channel, &msg, fds, &n_fds) <= 0) {
		keeper_end(k);
		return;
	}
	open_claude(k);
	if (msg.kind == WIRE_DONE && k->is_thawing)
		k->is_frozen = k->is_thawing = false;
	if (msg.kind == WIRE_SERVICE) {
		service_take(k, &msg, fds, n_fds);
		return;
	}
	if (msg.kind == WIRE_EMPTY && k->n_sessions == 0 && k->last_id > 0 &&
	    !founder_is_awaited(k))
		keeper_end(k);
	else if (msg.kind == WIRE_DONE && k->asker)
		(void)client_tell(k, take_ptr(k->asker), &msg, NULL, 0);
	else
		session_told(k, &msg, fds, n_fds);
	wire_close(fds, n_fds);
}

static int timeout_ms(const struct keeper *k)
{
	int64_t next = k->linger_at_ms ? k->linger_at_ms : k->stop_at_ms;
	int64_t left = next - clock_ms();

	if (k->is_ending || next == 0)
		return -1;
	return left > 0 ? (int)left : 0;
}

static void check_deadlines(struct keeper *k)
{
	int64_t now = clock_ms();

	if (k->stop_at_ms && now >= k->stop_at_ms)
		keeper_end(k);
	if (k->linger_at_ms && now >= k->linger_at_ms)
		session_dismiss(k);
}

/* Who is behind the polls after the fixed ones. */
struct watched {
	struct client *client;
	struct session *session;
};

static size_t polls_set(struct keeper *k, struct pollfd *p, struct watched *who)
{
	size_t n = N_FIXED;

	p[ON_WRAPPER] = (struct pollfd){ .fd = k->wrapper.pidfd, .events = POLLIN };
	p[ON_CHANNEL] = (struct pollfd){ .fd = k->channel, .events = POLLIN };
	p[ON_INFO] = (struct pollfd){ .fd = k->info, .events = wrapper_info_events(k) };
	p[ON_LISTEN] = (struct pollfd){ .fd = k->listen, .events = POLLIN };
	p[ON_SIGNALS] = (struct pollfd){ .fd = k->signals, .events = POLLIN };
	p[ON_NETWORK] = (struct pollfd){ .fd = k->gateway.ready, .events = POLLIN };
	p[ON_EGRESS] = (struct pollfd){ .fd = k->gateway.control, .events = POLLIN };
	p[ON_PASTA] = (struct pollfd){ .fd = k->gateway.pasta.pidfd, .events = POLLIN };
	for (size_t i = cgroup_polls(&k->group, &p[ON_LIMITS]); i < CGROUP_POLLS; i++)
		p[ON_LIMITS + i] = (struct pollfd){ .fd = -1 };
	for (size_t i = 0; i < N_SERVICES; i++)
		p[ON_SERVICES + i] = (struct pollfd){ .fd = k->waiting[i], .events = POLLIN };
	for (size_t i = 0; i < MAX_CLIENTS && !k->is_ending; i++) {
		if (k->clients[i].fd < 0)
			continue;
		/* Before init is limited none is heard, but one that has gone is missed. */
		p[n] = (struct pollfd){ .fd = k->clients[i].fd };
		if (k->info < 0)
			p[n].events = POLLIN;
		who[n++] = (struct watched){ .client = &k->clients[i] };
	}
	for (size_t i = 0; i < MAX_SESSIONS; i++) {
		struct session *s = &k->sessions[i];

		if (s->id == 0 || s->master < 0 || s->client)
			continue;
		p[n] = (struct pollfd){ .fd = s->master, .events = POLLIN };
		who[n++] = (struct watched){ .session = s };
	}
	return n;
}

static void client_event(struct keeper *k, struct client *c)
{
	if (k->info < 0)
		client_read(k, c);
	else
		client_drop(k, c);
}

/* What one event handler closes another may still be listed for: each looks again. */
static void polls_handle(struct keeper *k, const struct pollfd *p, const struct watched *who,
			 size_t n)
{
	struct signalfd_siginfo si;

	if (p[ON_INFO].revents && !k->is_ending)
		limit_init(k);
	if (p[ON_CHANNEL].revents && k->channel >= 0)
		channel_read(k);
	if (p[ON_NETWORK].revents && !k->is_ending)
		gateway_wake(k);
	if (p[ON_EGRESS].revents && k->gateway.control >= 0 && !k->is_ending)
		gateway_read(&k->gateway);
	if (p[ON_PASTA].revents && !k->is_ending)
		gateway_lost(&k->gateway);
	for (size_t i = 0; i < N_SERVICES; i++)
		if (p[ON_SERVICES + i].revents & POLLIN)
			service_wake(k, (int)i);
		else if (p[ON_SERVICES + i].revents)
			close_fd(&k->waiting[i]);
	for (size_t i = N_FIXED; i < n; i++) {
		if (!p[i].revents)
			continue;
		if (who[i].client && who[i].client->fd == p[i].fd && !k->is_ending)
			client_event(k, who[i].client);
		if (who[i].session && who[i].session->master == p[i].fd)
			session_drain(who[i].session);
	}
	if (p[ON_LISTEN].revents && k->listen >= 0)
		client_accept(k);
	if (p[ON_SIGNALS].revents && read(k->signals, &si, sizeof(si)) == sizeof(si))
		keeper_stop(k);
	for (size_t i = 0; i < CGROUP_POLLS; i++)
		if (p[ON_LIMITS + i].revents)
			keeper_tell_strikes(k);
	check_deadlines(k);
}

/* Until the wrapper has ended: then nothing of the sandbox is left. */
static void keep(struct keeper *k)
{
	static struct pollfd polls[N_FIXED + MAX_CLIENTS + MAX_SESSIONS];
	static struct watched who[N_FIXED + MAX_CLIENTS + MAX_SESSIONS];

	for (;;) {
		size_t n = polls_set(k, polls, who);

		if (poll(polls, n, timeout_ms(k)) < 0 && errno != EINTR)
			break;
		polls_handle(k, polls, who, n);
		/* What init said last is read before its end is acted upon. */
		if (polls[ON_WRAPPER].revents && !(polls[ON_CHANNEL].revents & POLLIN) &&
		    !wrapper_goes_on(k))
			break;
	}
	keeper_end(k);
	wrapper_await_init(k);
}

/* Here and not in the first launch: that may be killed before it has a keeper to give the name back. */
static int claim(struct keeper *k, struct err *e)
{
	int fd = -1;
	int r = registry_claim(k->start->registry, k->start->name, &fd, e);

	if (r == 1) {
		(void)close(fd);
		return err_set(e, EEXIST, "such a sandbox runs already");
	}
	k->listen = fd;
	return r;
}

static int make_group(struct keeper *k, struct err *e)
{
	(void)snprintf(k->group_id, sizeof(k->group_id), "%d", getpid());
	return cgroup_make(&k->start->plan->spec->limits, k->start->limits, k->group_id, &k->group,
			   e);
}

static int open_cookie(struct keeper *k, struct err *e)
{
	const struct plan *plan = k->start->plan;

	for (size_t i = 0; i < plan->n_fds; i++)
		if (plan->fds[i].kind == PLAN_FD_COOKIE)
			return cookie_open(plan->fds[i].path, plan->fds[i].text, &k->cookie, e);
	return 0;
}

static int keeper_main(void *data)
{
	const struct keeper_start *start = data;
	struct keeper *k = calloc(1, sizeof(*k));
	struct err e = { 0 };
	int r;

	if (!k)
		abort();
	k->start = start; /* one by one: most of it is never touched, and need not be there */
	k->wrapper = CHILD_NONE;
	k->group = CGROUP_NONE;
	gateway_init(&k->gateway);
	k->channel = k->info = k->handover = k->init = k->listen = k->signals = k->layer =
		k->cookie = -1;
	k->claude = LAYER_INSIDE_NONE;
	k->services_end = k->services_ended = -1;
	for (size_t i = 0; i < N_SERVICES; i++) {
		k->services[i] = CHILD_NONE;
		k->waiting[i] = -1;
	}
	k->started_s = (uint64_t)time(NULL);
	for (size_t i = 0; i < MAX_CLIENTS; i++)
		k->clients[i].fd = -1;
	(void)prctl(PR_SET_NAME, "csb-keeper");
	(void)fcntl(start->client, F_SETFL, O_NONBLOCK);
	(void)client_add(k, start->client, true);
	r = take_signals(k, &e);
	if (r == 0)
		r = claim(k, &e);
	if (r == 0 && start->plan->spec->review.dir)
		r = review_begin(&start->plan->spec->review, start->plan->spec->project, &k->layer,
				 &e);
	if (r == 0)
		r = open_cookie(k, &e);
	if (r == 0)
		r = gateway_listen(&k->gateway, &start->plan->spec->net, &e);
	if (r == 0)
		r = make_group(k, &e);
	if (r == 0)
		r = proc_adopt(&e);
	if (r == 0)
		r = wrapper_start(k, &e); /* it mounts while we pack the walls */
	if (r == 0)
		r = wrapper_send_walls(k, &e);
	if (r < 0)
		keeper_fail(k, r, &e);
	else
		keep(k);
	services_finish(k);
	gateway_finish(&k->gateway);
	keeper_tell_strikes(k);
	tell_reports(k);
	cgroup_done(&k->group);
	wrapper_finish(k);
	free(k);
	return 0;
}

int keeper_fork(const struct keeper_start *start, struct child *ret, struct err *e)
{
	const int keep_fds[] = { start->registry->dir, start->client, start->complaint };
	struct keeper_start copy = *start;

	return proc_fork(keeper_main, &copy, keep_fds, N_ELEMENTS(keep_fds), ret, e);
}
