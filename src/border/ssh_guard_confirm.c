/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Asks a person by the program that ssh-agent itself would ask with (SSH_ASKPASS_PROMPT=confirm,
 * ssh-agent(1)): its exit status 0 is a yes, all else and no answer a no. One question at a time; after
 * some that nobody said yes to, no more are asked, or a program inside could tire somebody into it.
 */
#include <unistd.h>

#include "base/clock.h"
#include "border/ssh_guard_parts.h"

#define ANSWER_MS 60000
#define UNHEARD_MAX 3
#define QUESTION_MAX ((size_t)2048)

static void question(const struct guard *g, const struct guard_client *c, struct buf *b)
{
	char fingerprint[SSH_FINGERPRINT_SIZE];

	ssh_fingerprint(c->request.key, fingerprint);
	buf_puts(b, "May the sandbox of ");
	buf_visible(b, g->service->spec->project);
	buf_puts(b, " use your ssh key ");
	buf_visible(b, buf_text(&c->comment));
	buf_addf(b, "\n%s\nto ", fingerprint);
	guard_purpose(&c->purpose, b);
	buf_puts(b, "?");
}

static int start(struct guard *g, struct guard_client *c)
{
	auto_buf struct buf text = BUF_INIT(QUESTION_MAX);
	struct err ignored; /* a question that cannot be asked is answered no */

	question(g, c, &text);
	const char *const argv[] = { g->rules->confirm, buf_text(&text), NULL };
	struct cmd cmd = { .argv = argv,
			   .envp = strv_argv(&g->rules->confirm_env),
			   .die_with_parent = true,
			   .own_session = true };

	return proc_spawn(&cmd, &g->asker, &ignored);
}

static void settle(struct guard *g, struct guard_client *c, bool is_allowed)
{
	g->n_unheard = is_allowed ? 0 : g->n_unheard + 1;
	guard_client_confirmed(g, c, is_allowed);
}

void guard_confirm_next(struct guard *g)
{
	for (size_t i = 0; i < GUARD_CLIENTS && !g->asked_for; i++) {
		struct guard_client *c = &g->clients[i];

		if (c->fd < 0 || c->state != GUARD_QUEUED)
			continue;
		if (g->n_unheard >= UNHEARD_MAX || start(g, c) < 0) {
			settle(g, c, false);
			continue;
		}
		c->state = GUARD_CONFIRM;
		g->asked_for = c;
		g->asker_deadline = clock_ms() + ANSWER_MS;
	}
}

void guard_confirm_answered(struct guard *g)
{
	struct pollfd p = { .fd = g->asker.pidfd, .events = POLLIN };
	struct guard_client *c = g->asked_for;
	struct err ignored;
	int status = 1;

	g->asked_for = NULL;
	if (poll(&p, 1, 0) == 1 && proc_wait(&g->asker, &status, &ignored) < 0)
		status = 1;
	proc_end(&g->asker);
	settle(g, c, status == 0);
}

void guard_confirm_cancel(struct guard *g)
{
	g->asked_for = NULL;
	proc_end(&g->asker);
	/* Who asks and leaves has bothered somebody all the same. */
	g->n_unheard++;
}
