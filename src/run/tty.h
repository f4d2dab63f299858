/* SPDX-License-Identifier: Apache-2.0 */
/* The caller's terminal: which of stdio it is, its modes, and giving it back as it was. */
#pragma once

#include <stdbool.h>
#include <stdint.h>
#include <sys/ioctl.h>
#include <termios.h>

struct tty {
	uint32_t flags; /* JOB_TTY_*: which of 0, 1, 2 are terminals */
	int in;         /* descriptor to read keys from, -1: stdin is no terminal */
	int out;        /* descriptor to show the payload's terminal on, -1: no terminal at all */
	bool owned; /* in and out were opened here, non-blocking, and are closed by tty_done() */
	bool is_raw;
	struct termios saved; /* while is_raw: what to put back */
	struct termios raw;   /* while is_raw: what was set */
};

/* Looks at descriptors 0 to 2. */
void tty_init(struct tty *t);
/* Puts the terminal back and closes. */
void tty_done(struct tty *t);

/* True if we are in the foreground of the terminal: only then may its modes be changed. */
bool tty_is_foreground(const struct tty *t);

/* True once the terminal has hung up: its window was closed, its connection lost. */
bool tty_is_gone(const struct tty *t);

/* True if the payload should own the keyboard from the start: not in a pipeline's front half. */
bool tty_is_interactive(const struct tty *t);

/* The modes that the terminal has for us; false in the background, where they are somebody else's. */
bool tty_modes(const struct tty *t, struct termios *ret);

void tty_raw(struct tty *t);
void tty_restore(struct tty *t);
void tty_size(const struct tty *t, struct winsize *ret);
