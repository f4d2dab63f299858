/* SPDX-License-Identifier: Apache-2.0 */
/*
 * What the processes of a running sandbox say to each other: fixed-size messages on
 * SOCK_SEQPACKET sockets, with descriptors beside them. There are two kinds of connection:
 *
 *   client (launcher, --enter, --list, ...)  <->  keeper      the registry's socket
 *   keeper                                   <->  init        a private pair; its end ends the sandbox
 *
 * The keeper passes jobs on and renumbers them; the messages are the same on both sides.
 *
 *   towards init                              towards the client
 *   START job, value = flags, descriptors     PTY job, descriptor of the master
 *   SIGNAL job, value = number                RUNNING job: its program was executed, or is about to be
 *   CONTINUE job, value = foreground          STOPPED job, value = signal
 *   only keeper to init:                      FAILED job, value = step, value2 = errno
 *   WALLS, descriptor: once, before any job   EXITED job, value = wait status
 *   FREEZE, THAW                              GONE job, value = wait status: the last word on it
 *   only client to keeper:                    only init to keeper:
 *   ASK, STOP, FREEZE, THAW                   EMPTY: nothing runs inside any more
 *   NETWORK: a connection to egress
 *   ATTACH: the detached job's terminal       SERVICE, value = which, descriptor: after WALLS, for
 *                                             each service: its socket inside, or its listener
 *                                             only keeper to client:
 *                                             INFO, descriptor: answer to ASK
 *                                             DONE, value = errno: answer to FREEZE, THAW, ATTACH, and
 *                                             to NETWORK, the connection as its descriptor
 *                                             NOTE, descriptor: lines for the user, to be told at the end
 *                                             LEFT, value = sessions that go on without this client
 *
 * What a job is (argv, environment, directory) and what the walls are (the filter) travels in
 * sealed memfds, so that nothing of it shows in any argv or environment of ours and size does not
 * matter. The walls come from the keeper alone: whoever joins has no say in them.
 */
#pragma once

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <sys/ioctl.h>
#include <termios.h>

/* Towards init. The keeper passes on the first five, and answers the last ones itself. */
enum wire_order {
	WIRE_START = 1,
	WIRE_SIGNAL,
	WIRE_CONTINUE,
	WIRE_FREEZE,
	WIRE_THAW,
	WIRE_WALLS, /* of the keeper alone */
	WIRE_ASK,
	WIRE_STOP,
	WIRE_ATTACH,
	WIRE_NETWORK,
};

/* Towards the client. The last three are the keeper's own. */
enum wire_report {
	WIRE_PTY = 64,
	WIRE_RUNNING,
	WIRE_STOPPED,
	WIRE_FAILED,
	WIRE_EXITED,
	WIRE_GONE,
	WIRE_EMPTY,
	WIRE_DONE,
	WIRE_INFO,
	WIRE_NOTE,
	WIRE_LEFT,
	WIRE_SERVICE, /* of init to the keeper alone */
};

/* What stands between a sandbox and its host, each served by a process outside (border/). */
enum wire_service {
	SERVICE_AGENT = 1, /* the ssh agent, through a guard */
	SERVICE_RULES,     /* which commands may be executed */
	SERVICE_GUARD,     /* what may be written in the project */
	SERVICE_LOGIN,     /* the agent's login, kept up to date on both sides */
	SERVICE_DISPLAY,   /* a screen of the sandbox's own */
	SERVICE_WAYLAND,   /* the compositor's, where that keeps sandboxes apart */
	SERVICE_BUS,       /* a session bus of its own */
	SERVICE_SOUND,     /* the sound server, through a filter */
	SERVICE_NETLINK, /* the part of the guard that a browser's namespaces need, where no file is guarded */
	N_SERVICES
};

enum wire_step {
	STEP_JOB = 1,
	STEP_TERMINAL,
	STEP_FORK,
	STEP_CHDIR,
	STEP_WALLS,
	STEP_EXEC,
	STEP_WRAPPER, /* of the keeper: what went wrong is on its stderr */
	N_STEPS
};

enum {
	JOB_TTY_STDIN = 1 << 0, /* these three come from the pty that init opens inside */
	JOB_TTY_STDOUT = 1 << 1,
	JOB_TTY_STDERR = 1 << 2,
	JOB_TTY = JOB_TTY_STDIN | JOB_TTY_STDOUT | JOB_TTY_STDERR,
	JOB_BACKGROUND = 1 << 3, /* starts in the background of its terminal; reading stops it */
	JOB_DETACHED = 1 << 4,   /* the keeper holds its terminal; clients attach and leave */
	JOB_LINGERS = 1 << 5,    /* after its end the sandbox lives on while anything runs inside */
};

struct wire_msg {
	uint32_t kind; /* enum wire_order or enum wire_report */
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

/* Closes those of a message that nobody took; taken ones read -1. */
void wire_close(const int *fds, size_t n_fds);

struct wire_job {
	uint32_t flags;
	struct winsize size;    /* with JOB_TTY */
	struct termios termios; /* with JOB_TTY: the launcher's terminal as it was */
	bool have_termios;
	const char *cwd;
	char **argv; /* NULL-terminated, at least one word; not const for exec's sake */
	char **env;
};

/* One block that malloc() made, for a memfd. NULL without memory. */
void *wire_job_pack(const struct wire_job *job, size_t *ret_size);

/*
 * Reads such a block; the pointers in *ret point into @block and into arrays from malloc(),
 * which live as long as the process (init keeps no job past its fork). -EBADMSG if it is torn.
 */
int wire_job_unpack(void *block, size_t size, struct wire_job *ret);
