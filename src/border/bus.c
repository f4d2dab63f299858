/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Who calls first waits until all is there: the daemon serves at once, and keeps calls of our names until the
 * program bus has taken them. What connects the three are sockets in the cells of two of them, which are
 * reached through /proc from here alone: nothing lies on the host, and nothing has to be put away.
 */
#include "border/bus.h"

#include <errno.h>
#include <poll.h>
#include <string.h>
#include <sys/resource.h>
#include <sys/socket.h>

#include "base/auto.h"
#include "base/clock.h"
#include "border/bus_part.h"
#include "border/words.h"

/* Programs that end this soon, so often in a row, will not do better. */
#define SOON_MS 2000
#define STRIKES 3

/* Each of them: a sandbox makes them keep what it likes. */
#define MEMORY_MAX ((rlim_t)256 << 20)

/* How long the keyring may take to say where its items are. */
#define FIND_MS 4000
#define FIND_MAX ((size_t)BUS_ITEMS_MAX * 256)

#define SENTENCE_MAX 1024

enum { DAEMON, PROXY, BROKER, N_PARTS };

struct bus {
	const struct service *service;
	struct proc_as who;
	struct part parts[N_PARTS];
	int say; /* what the program bus has to tell; -1: it does not run */
	int words;
	int64_t started_ms;
	int strikes;
};

static bool has_broker(const struct bus *b)
{
	return b->service->bus_broker.argv.n > 0;
}

static void stop(struct bus *b)
{
	for (size_t i = N_PARTS; i > 0; i--)
		part_end(&b->parts[i - 1]);
	proc_end_children(NULL);
	close_fd(&b->say);
}

/* A line of the finder is the path of an item, or a sentence. */
static void take_line(const struct bus *b, const char *line, struct strv *items)
{
	auto_buf struct buf clean = BUF_INIT(SENTENCE_MAX);

	if (bus_is_item(line)) {
		strv_add(items, line);
	} else if (line[0]) {
		buf_visible(&clean, line);
		service_say(b->service->log, buf_text(&clean));
	}
}

/* Asks the host's keyring, by a process that ends before anything inside is heard. */
static int find_items(const struct bus *b, struct arena *a, struct strv *items, struct err *e)
{
	static const char *const no_env[] = { NULL };
	const struct spec *s = b->service->spec;
	struct strv argv = STRV_INIT(a);
	struct cmd find = { .envp = no_env, .die_with_parent = true };
	auto_free char *text = NULL;
	char *rest;
	int status;
	int r;

	if (s->config->secrets.n == 0)
		return 0;
	strv_add(&argv, s->bus.broker, "find", "--address", s->bus.address);
	for (size_t i = 0; i < s->config->secrets.n; i++)
		strv_add(&argv, "--secret", s->config->secrets.items[i]);
	find.argv = strv_argv(&argv);
	r = proc_output(&find, FIND_MAX, FIND_MS, &text, &status, e);
	if (r < 0)
		return err_wrap(e, "secrets: your keyring does not answer");
	rest = arena_strdup(a, text);
	for (char *line = strsep(&rest, "\n"); line; line = strsep(&rest, "\n"))
		take_line(b, line, items);
	return 0;
}

static int start_daemon(struct bus *b, struct err *e)
{
	const struct proc_fd fds[] = { { b->words, STDERR_FILENO } };
	const struct part_more more = { .fds = fds, .n_fds = N_ELEMENTS(fds), .who = &b->who };
	int r = part_serve(&b->service->program, &more, b->service->end, &b->parts[DAEMON], e);

	return r < 0 ? err_wrap(e, "%s could not be started", b->service->program.what) : 0;
}

static int start_proxy(struct bus *b, const struct strv *items, struct err *e)
{
	auto_arena struct arena a = ARENA_INIT;
	struct strv rules = STRV_INIT(&a);
	const struct proc_fd fds[] = { { b->words, STDERR_FILENO } };
	const struct part_more more = { .argv = &rules, .fds = fds, .n_fds = N_ELEMENTS(fds) };
	int r;

	bus_rules(b->service->spec->config, items, &rules);
	r = part_serve(&b->service->bus_proxy, &more, b->service->end, &b->parts[PROXY], e);
	return r < 0 ? err_wrap(e, "%s could not be started", b->service->bus_proxy.what) : 0;
}

static int start_broker(struct bus *b, const struct strv *items, struct err *e)
{
	auto_arena struct arena a = ARENA_INIT;
	struct strv argv = STRV_INIT(&a);
	auto_fd int inside = -1;
	auto_fd int host = -1;
	auto_fd int theirs = -1;
	int pair[2];
	int r = part_connect(&b->parts[DAEMON], &b->who, BUS_PRIVATE_SOCKET, &inside, e);

	if (r == 0)
		r = part_connect(&b->parts[PROXY], &INSIDE_OURS, BUS_PROXY_SOCKET, &host, e);
	if (r == 0 && socketpair(AF_UNIX, SOCK_SEQPACKET | SOCK_CLOEXEC, 0, pair) < 0)
		r = err_sys(e, "make a channel to it");
	if (r == 0) {
		const struct proc_fd fds[] = { { b->words, STDERR_FILENO },
					       { inside, BUS_PRIVATE_FD },
					       { host, BUS_HOST_FD },
					       { pair[1], BUS_SAY_FD } };
		const struct part_more more = { &argv, fds, N_ELEMENTS(fds), &b->who };

		b->say = pair[0];
		theirs = pair[1];
		for (size_t i = 0; i < items->n; i++)
			strv_add(&argv, "--item", items->items[i]);
		r = part_start(&b->service->bus_broker, &more, &b->parts[BROKER], e);
	}
	return r < 0 ? err_wrap(e, "%s could not be started", b->service->bus_broker.what) : 0;
}

static int start(struct bus *b, struct err *e)
{
	auto_arena struct arena a = ARENA_INIT;
	struct strv items = STRV_INIT(&a);
	int r;

	words_reset(b->words);
	if (has_broker(b) && find_items(b, &a, &items, e) < 0)
		service_say(b->service->log, e->msg);
	b->started_ms = clock_ms();
	r = start_daemon(b, e);
	if (r == 0 && has_broker(b))
		r = start_proxy(b, &items, e);
	if (r == 0 && has_broker(b))
		r = start_broker(b, &items, e);
	return r;
}

static void tell(const struct bus *b, const char *what, const char *why)
{
	auto_buf struct buf sentence = BUF_INIT(SENTENCE_MAX);

	buf_addf(&sentence, "%s%s", what, why);
	words_last(b->words, &sentence);
	service_say(b->service->log, buf_text(&sentence));
}

/* False: they are not to be started again. */
static bool called(struct bus *b)
{
	struct err e;
	int r = start(b, &e);

	if (r == 0)
		return true;
	if (r != -ECANCELED)
		tell(b, e.msg, "");
	stop(b);
	return false;
}

static bool ended(struct bus *b, const char *what)
{
	stop(b);
	b->strikes = clock_ms() - b->started_ms < SOON_MS ? b->strikes + 1 : 0;
	if (b->strikes < STRIKES)
		return true;
	tell(b, what, " ended as soon as it was started");
	return false;
}

/* The program bus is confined and reads what a sandbox writes: what it says is text and no more. */
static void hear(struct bus *b)
{
	auto_buf struct buf clean = BUF_INIT((size_t)4 * BUS_SENTENCE_MAX);
	char text[BUS_SENTENCE_MAX + 1];
	ssize_t n = recv(b->say, text, BUS_SENTENCE_MAX, MSG_DONTWAIT);

	if (n < 0 && (errno == EAGAIN || errno == EINTR))
		return;
	if (n <= 0) {
		close_fd(&b->say);
		return;
	}
	text[n] = '\0';
	buf_visible(&clean, text);
	service_say(b->service->log, buf_text(&clean));
}

/* False: the service is over. */
static bool step(struct bus *b, const struct pollfd *p)
{
	const struct service *s = b->service;
	const char *const what[N_PARTS] = { s->program.what, s->bus_proxy.what,
					    s->bus_broker.what };

	if (p[N_PARTS].revents)
		return false;
	if (p[N_PARTS + 1].revents)
		hear(b);
	for (size_t i = 0; i < N_PARTS; i++)
		if (p[i].revents)
			return ended(b, what[i]);
	if (p[N_PARTS + 2].revents & POLLIN)
		return called(b);
	return !p[N_PARTS + 2].revents;
}

int bus_service(const struct service *s)
{
	const struct rlimit memory = { MEMORY_MAX, MEMORY_MAX };
	struct bus b = { .service = s, .who = INSIDE_OURS, .say = -1, .words = words_open() };
	bool goes_on = b.words >= 0 && setrlimit(RLIMIT_DATA, &memory) == 0 &&
		       inside_open(s->init_pid, s->spec->uid, s->spec->gid, &b.who) == 0;

	for (size_t i = 0; i < N_PARTS; i++)
		b.parts[i] = PART_NONE;
	while (goes_on) {
		struct pollfd p[N_PARTS + 3];

		for (size_t i = 0; i < N_PARTS; i++)
			p[i] = (struct pollfd){ .fd = b.parts[i].child.pidfd, .events = POLLIN };
		p[N_PARTS] = (struct pollfd){ .fd = s->end, .events = POLLIN };
		p[N_PARTS + 1] = (struct pollfd){ .fd = b.say, .events = POLLIN };
		p[N_PARTS + 2] = (struct pollfd){ .fd = b.parts[DAEMON].child.pid ? -1 : s->fd,
						  .events = POLLIN };
		if (poll(p, N_ELEMENTS(p), -1) >= 0)
			goes_on = step(&b, p);
	}
	stop(&b);
	return 0;
}
