/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Theory of operation. The payload sits on a pty that init opened inside; its master came out over
 * the channel. While we are in the foreground of the caller's terminal that is in raw mode and
 * every byte is passed on, so ^C, ^Z and ^\ are the inner terminal's business: it signals the
 * payload's foreground group just as the outer one would have done.
 *
 * When the payload stops, its leader says so; we give the terminal back, stop ourselves the same
 * way, and the caller's shell sees a stopped job. On SIGCONT we take the terminal again and
 * tell the leader to continue the payload in the foreground.
 *
 * In the background, or in the front half of a pipeline, we do not touch the terminal: the payload
 * starts in the background of its own one, and only when it reads there (and is stopped with
 * SIGTTIN) do we take the keyboard, as sudo(8) does; so `claude-sandbox -- ls | less` leaves
 * less's keys alone.
 *
 * The end: the payload's status arrives. If it was the last session, the keeper closes init's channel,
 * the kernel kills what is left inside, the wrapper exits, and the keeper closes our connection; else
 * it says that the sandbox goes on, and closes it at once. Then what the terminal still holds is
 * read: no longer than there is any, for in a sandbox that goes on others may hold it open.
 */
#include "run/supervise.h"

#include <errno.h>
#include <fcntl.h>
#include <poll.h>
#include <signal.h>
#include <string.h>
#include <sys/signalfd.h>
#include <sys/wait.h>
#include <unistd.h>

#include "base/auto.h"
#include "base/wire.h"
#include "run/detach.h"
#include "run/note.h"
#include "run/relay.h"
#include "run/signals.h"

struct supervisor {
	int channel; /* -1: at its end */
	int signals;
	int master;    /* -1: none, or at its end */
	bool keyboard; /* we read the terminal for the payload */
	struct detach detach;
	struct screen *screen;
	struct tty *tty;         /* the screen's */
	struct vtfilter *filter; /* NULL: none */
	struct relay in, out;
	struct outcome outcome;
};

#define LAST_WORDS_MS 10
#define LAST_WORDS_READS 256
#define BACKLOG_MS 1000

static void order(struct supervisor *s, enum wire_order kind, int value)
{
	const struct wire_msg msg = { .kind = kind, .value = value };

	if (s->channel >= 0)
		(void)wire_send(s->channel, &msg, NULL, 0);
}

static void size_pass(const struct supervisor *s)
{
	struct winsize size;

	tty_size(s->tty, &size);
	if (s->master >= 0)
		(void)ioctl(s->master, TIOCSWINSZ, &size);
}

/* Takes the terminal if it is ours to take, and lets the payload go on. */
static void resume(struct supervisor *s)
{
	bool foreground = tty_is_foreground(s->tty);

	if (foreground && s->keyboard) {
		tty_raw(s->tty);
		size_pass(s);
	}
	order(s, WIRE_CONTINUE, foreground && s->keyboard);
}

/* The payload wants the terminal, whatever its stdin is (a passphrase is asked on /dev/tty). */
static void keyboard_take(struct supervisor *s)
{
	struct termios modes;

	/* The first time: what the payload finds is the caller's terminal as it is now. */
	if (!s->keyboard && s->master >= 0 && tty_modes(s->tty, &modes))
		(void)tcsetattr(s->master, TCSANOW, &modes);
	if (s->tty->in < 0 && s->tty->owned)
		s->tty->in = s->tty->out;
	s->keyboard = s->keyboard || tty_is_foreground(s->tty);
}

/*
 * What the payload wrote before it stopped is still on its way through the kernel's terminal: shown
 * before the caller's shell speaks. Bounded, because others inside may go on writing.
 */
static void show_last_words(struct supervisor *s)
{
	struct pollfd from = { .fd = s->master, .events = POLLIN };
	struct pollfd to = { .fd = s->tty->out, .events = POLLOUT };

	for (int i = 0; s->master >= 0 && i < LAST_WORDS_READS; i++) {
		if (relay_is_empty(&s->out) &&
		    (poll(&from, 1, LAST_WORDS_MS) <= 0 || !relay_fill(&s->out, s->master)))
			return;
		if (poll(&to, 1, LAST_WORDS_MS) > 0)
			relay_drain(&s->out, s->tty->out);
	}
}

static void payload_stopped(struct supervisor *s, int sig)
{
	bool wants_terminal = sig == SIGTTIN || sig == SIGTTOU;

	if (!wants_terminal || !tty_is_foreground(s->tty)) {
		show_last_words(s);
		screen_give_back(s->screen, false);
		tty_restore(s->tty);
		signals_stop(sig);
	}
	if (wants_terminal)
		keyboard_take(s);
	/* Continued; or never stopped, as an orphaned process group is not. */
	resume(s);
}

/* What was shown before we attached, so that the screen is not empty. */
static void backlog_show(struct supervisor *s, int fd)
{
	struct pollfd to = { .fd = s->tty->out, .events = POLLOUT };

	/* What was asked then has no answer any more. */
	if (s->filter)
		vtfilter_queries_allow(s->filter, false);
	while (relay_last(&s->out, fd))
		while (!relay_is_empty(&s->out) && poll(&to, 1, BACKLOG_MS) > 0)
			relay_drain(&s->out, s->tty->out);
}

static void master_take(struct supervisor *s, int *fds, size_t n_fds)
{
	if (n_fds == 0 || s->master >= 0)
		return;
	s->master = take_fd(&fds[0]);
	(void)fcntl(s->master, F_SETFL, O_NONBLOCK);
	if (n_fds == 2)
		backlog_show(s, fds[1]);
	size_pass(s);
}

/* The last word about this session: the connection may go on until the sandbox has ended. */
static void gone(struct supervisor *s, const struct wire_msg *msg)
{
	/* A payload without a leader; or a leader that was killed before it could tell. */
	if (s->outcome.status < 0 && s->outcome.step == 0)
		s->outcome.status = msg->value;
}

static void message(struct supervisor *s, const struct wire_msg *msg, int *fds, size_t n_fds)
{
	switch ((enum wire_report)msg->kind) {
	case WIRE_PTY:
		master_take(s, fds, n_fds);
		break;
	case WIRE_STOPPED:
		payload_stopped(s, msg->value);
		break;
	case WIRE_EXITED:
		s->outcome.status = msg->value;
		break;
	case WIRE_FAILED:
		s->outcome.step = msg->value;
		s->outcome.error = msg->value2;
		break;
	case WIRE_GONE:
		gone(s, msg);
		break;
	case WIRE_LEFT:
		s->outcome.goes_on = true;
		s->outcome.n_others = msg->value;
		break;
	case WIRE_NOTE: /* told when the terminal is his again */
		note_read(fds, n_fds, &s->outcome.notes);
		break;
	case WIRE_RUNNING:
	case WIRE_EMPTY:
	case WIRE_DONE:
	case WIRE_SERVICE:
	case WIRE_INFO:
		break;
	}
	wire_close(fds, n_fds);
}

static void channel_read(struct supervisor *s)
{
	struct wire_msg msg;
	int fds[WIRE_MAX_FDS];
	size_t n_fds;

	if (wire_recv(s->channel, &msg, fds, &n_fds) <= 0) {
		close_fd(&s->channel);
		return;
	}
	/* What the user is told at the end says nothing about this session. */
	s->outcome.started |= msg.kind != WIRE_NOTE;
	message(s, &msg, fds, n_fds);
}

/* At the end of either terminal. Closing the master takes the payload's from it, SIGHUP and all. */
static void terminal_ended(struct supervisor *s)
{
	close_fd(&s->master);
	s->in.at = s->in.end = s->out.at = s->out.end = 0;
}

static void hang_up(struct supervisor *s)
{
	order(s, WIRE_SIGNAL, SIGHUP);
	if (tty_is_gone(s->tty))
		terminal_ended(s);
}

static void signals_read(struct supervisor *s)
{
	struct signalfd_siginfo si;

	while (read(s->signals, &si, sizeof(si)) == sizeof(si)) {
		switch (si.ssi_signo) {
		case SIGWINCH:
			size_pass(s);
			break;
		case SIGCONT:
			resume(s);
			break;
		case SIGHUP:
			hang_up(s);
			break;
		default:
			order(s, WIRE_SIGNAL, (int)si.ssi_signo);
			break;
		}
	}
}

enum { ON_CHANNEL, ON_SIGNALS, ON_MASTER, ON_KEYS, ON_SCREEN, N_POLLS };

static void polls_set(const struct supervisor *s, struct pollfd p[static N_POLLS])
{
	bool may_read = s->keyboard && s->master >= 0 && relay_is_empty(&s->in) && s->tty->is_raw;
	short master = 0;

	if (s->filter) /* else the caller's shell would read the answers */
		vtfilter_queries_allow(s->filter, s->keyboard && s->tty->is_raw);
	if (relay_is_empty(&s->out))
		master |= POLLIN;
	if (!relay_is_empty(&s->in))
		master |= POLLOUT;
	p[ON_CHANNEL] = (struct pollfd){ .fd = s->channel, .events = POLLIN };
	p[ON_SIGNALS] = (struct pollfd){ .fd = s->signals, .events = POLLIN };
	p[ON_MASTER] = (struct pollfd){ .fd = master ? s->master : -1, .events = master };
	p[ON_KEYS] = (struct pollfd){ .fd = may_read ? s->tty->in : -1, .events = POLLIN };
	p[ON_SCREEN] = (struct pollfd){ .fd = relay_is_empty(&s->out) ? -1 : s->tty->out,
					.events = POLLOUT };
}

static void keys_look(struct supervisor *s)
{
	if (s->filter)
		(void)vtfilter_input(s->filter, s->in.bytes + s->in.at, s->in.end - s->in.at);
	if (!detach_seen(&s->detach, s->in.bytes + s->in.at, s->in.end - s->in.at))
		return;
	s->outcome.detached = true;
	close_fd(&s->channel);
	terminal_ended(s);
}

static void polls_handle(struct supervisor *s, const struct pollfd p[static N_POLLS])
{
	if (p[ON_SIGNALS].revents)
		signals_read(s);
	if (p[ON_SCREEN].revents)
		relay_drain(&s->out, s->tty->out);
	if (p[ON_MASTER].revents & POLLOUT)
		relay_drain(&s->in, s->master);
	/* POLLHUP comes with the last slave closed; what is buffered is still read first. */
	if ((p[ON_MASTER].revents & (POLLIN | POLLHUP | POLLERR)) && relay_is_empty(&s->out) &&
	    !relay_fill(&s->out, s->master))
		terminal_ended(s);
	if (p[ON_KEYS].revents && !relay_fill(&s->in, s->tty->in))
		terminal_ended(s);
	if (p[ON_KEYS].revents)
		keys_look(s);
	if (p[ON_CHANNEL].revents)
		channel_read(s);
	if (s->channel < 0 && s->master >= 0 && relay_is_empty(&s->out) &&
	    !relay_last(&s->out, s->master))
		terminal_ended(s);
}

static bool is_over(const struct supervisor *s)
{
	return s->channel < 0 && s->master < 0 && relay_is_empty(&s->out);
}

/*
 * ^C was typed to the payload's terminal only. Now that the payload has died of it, the others in
 * our process group hear of it as well, as they would have from their own terminal: a script that
 * sees its command die of SIGINT ends only if it got one itself. For us the signal stays blocked.
 */
static void tell_group(const struct supervisor *s)
{
	int status = s->outcome.status;

	if (s->keyboard && status >= 0 && WIFSIGNALED(status) &&
	    (WTERMSIG(status) == SIGINT || WTERMSIG(status) == SIGQUIT))
		(void)kill(0, WTERMSIG(status));
}

int supervise(int channel, int signals, struct screen *screen, bool may_detach, struct outcome *ret,
	      struct err *e)
{
	struct tty *tty = &screen->tty;
	auto_free struct supervisor *s =
		calloc(1, sizeof(*s)); /* without a terminal mostly untouched */

	if (!s)
		abort();
	s->channel = channel;
	s->signals = signals;
	s->master = -1;
	s->screen = screen;
	s->tty = tty;
	s->filter = screen->is_raw ? NULL : &screen->filter;
	s->out.filter = s->filter;
	s->keyboard = tty_is_interactive(tty);
	s->detach.is_allowed = may_detach;
	s->outcome.status = -1;
	s->outcome.notes = BUF_INIT(NOTES_MAX);
	if (s->keyboard)
		tty_raw(tty);
	while (!is_over(s)) {
		struct pollfd polls[N_POLLS];

		polls_set(s, polls);
		if (poll(polls, N_POLLS, -1) < 0 && errno != EINTR)
			return err_sys(e, "poll");
		polls_handle(s, polls);
	}
	screen_give_back(screen, true);
	tty_restore(tty);
	tell_group(s);
	*ret = s->outcome;
	return 0;
}
