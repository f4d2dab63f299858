/* SPDX-License-Identifier: Apache-2.0 */
/*
 * The private channel between the launcher outside and init inside: fixed-size messages on a
 * SOCK_SEQPACKET pair, with descriptors beside them. Whoever closes it ends the sandbox: init
 * exits at end of file, and the kernel kills everything in its pid namespace.
 *
 *   launcher -> init                        init and its leaders -> launcher
 *   START job, value = flags, descriptors   PTY job, descriptor of the master
 *   SIGNAL job, value = number              STOPPED job, value = signal
 *   CONTINUE job, value = foreground        FAILED job, value = step, value2 = errno
 *                                           EXITED job, value = wait status
 *                                           GONE job, value = wait status: the last word
 *
 * What a job is (argv, environment, walls) travels in a sealed memfd, so that nothing of it
 * shows in any argv or environment of ours and size does not matter.
 */
#pragma once

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <sys/ioctl.h>
#include <termios.h>

enum wire_kind {
	WIRE_START = 1,
	WIRE_SIGNAL,
	WIRE_CONTINUE,
	WIRE_PTY,
	WIRE_STOPPED,
	WIRE_FAILED,
	WIRE_EXITED,
	WIRE_GONE,
};

enum wire_step {
	STEP_JOB = 1,
	STEP_TERMINAL,
	STEP_FORK,
	STEP_CHDIR,
	STEP_WALLS,
	STEP_EXEC,
	N_STEPS
};

enum {
	JOB_TTY_STDIN = 1 << 0, /* these three come from the pty that init opens inside */
	JOB_TTY_STDOUT = 1 << 1,
	JOB_TTY_STDERR = 1 << 2,
	JOB_TTY = JOB_TTY_STDIN | JOB_TTY_STDOUT | JOB_TTY_STDERR,
	JOB_BACKGROUND = 1 << 3, /* starts in the background of its terminal; reading stops it */
};

struct wire_msg {
	uint32_t kind;
	uint32_t job;
	int32_t value;
	int32_t value2;
};

#define WIRE_MAX_FDS 4 /* START: the job, then stdin, stdout, stderr where they are no pty */

/* 0, or a negated errno. @fds stay the caller's. */
int wire_send(int channel, const struct wire_msg *msg, const int *fds, size_t n_fds);

/*
 * 1: a message, with *ret_n_fds descriptors (O_CLOEXEC) that are now the caller's; 0: end of
 * file; < 0: a negated errno, -EBADMSG for anything that is not a whole message.
 */
int wire_recv(int channel, struct wire_msg *ret, int ret_fds[static WIRE_MAX_FDS],
	      size_t *ret_n_fds);

struct wire_job {
	uint32_t flags;
	struct winsize size;    /* with JOB_TTY */
	struct termios termios; /* with JOB_TTY: the launcher's terminal as it was */
	bool have_termios;
	const char *cwd;
	char **argv; /* NULL-terminated, at least one word; not const for exec's sake */
	char **env;
	const void *walls; /* what wire_walls_pack() made */
	size_t walls_size; /* bytes */
};

/* One block that malloc() made, for a memfd. NULL without memory. */
void *wire_job_pack(const struct wire_job *job, size_t *ret_size);

/*
 * Reads such a block; the pointers in *ret point into @block and into arrays from malloc(),
 * which live as long as the process (init keeps no job past its fork). -EBADMSG if it is torn.
 */
int wire_job_unpack(void *block, size_t size, struct wire_job *ret);
