/* SPDX-License-Identifier: Apache-2.0 */
#include <errno.h>
#include <fcntl.h>
#include <poll.h>
#include <signal.h>
#include <stdlib.h>
#include <string.h>
#include <sys/pidfd.h>
#include <sys/socket.h>
#include <unistd.h>

#include "base/auto.h"
#include "base/io.h"
#include "run/container.h"
#include "run/files.h"
#include "run/keeper_parts.h"
#include "run/userns.h"
#include "run/walls.h"

/* What bubblewrap writes on --info-fd: a number and those of some namespaces. */
#define INFO_MAX ((size_t)1024)

/* What init has after the end of its channel. */
#define INIT_END_MS 1000

/* What the kernel says of a layer that it does not mount explains nothing. */
static int layer_failed(struct err *e)
{
	return err_wrap(
		e, "--review needs Linux 5.11, user namespaces, and a state directory on a file "
		   "system that can carry a layer (ext4, xfs, btrfs; not overlayfs or NFS): move "
		   "it with XDG_STATE_HOME, or start without --review");
}

/* Its layer, if it has one, is the container's own work; and the starter ends before its container. */
static int start_container(struct keeper *k, const struct plan_files *files, struct cmd *cmd,
			   struct err *e)
{
	const struct proc_fd complaint = { k->start->complaint, STDERR_FILENO };

	cmd->overlay = NULL;
	cmd->fds = &complaint;
	cmd->n_fds = 1;
	return container_start(k->start->plan, files, cmd, &k->wrapper, &k->handover, e);
}

static int spawn(struct keeper *k, const struct plan_ends *ends, struct err *e)
{
	static const char *const no_env[] = { NULL };
	const struct plan *plan = k->start->plan;
	const struct review_dirs *review = &plan->spec->review;
	const struct proc_overlay layer = { .lower = plan->spec->project,
					    .upper = review->upper,
					    .work = review->work,
					    .merged = review->merged };
	struct plan_files files = PLAN_FILES_NONE;
	struct cmd cmd = { .argv = strv_argv(&plan->argv),
			   .envp = no_env,
			   .die_with_parent = true,
			   .own_session = true,
			   .overlay = review->dir ? &layer : NULL,
			   .oom_score_adj = plan->spec->limits.oom_score_adj };
	int r = files_open(plan, ends, &files, e);

	if (r < 0)
		return r;
	cgroup_cmd(&k->group, &cmd);
	if (plan->starter.n > 0) {
		r = start_container(k, &files, &cmd, e);
		files_close(&files, ends);
		return r;
	}
	/* Its stdin and stdout stay /dev/null: bubblewrap's --dev would show a terminal there as
	 * /dev/console, and no terminal of the host is to enter. */
	files.map[files.n] = (struct proc_fd){ .from = k->start->complaint, .to = STDERR_FILENO };
	cmd.fds = files.map;
	cmd.n_fds = files.n + 1;
	r = proc_spawn(&cmd, &k->wrapper, e);
	files_close(&files, ends);
	return r < 0 && cmd.overlay ? layer_failed(e) : r;
}

static int info_pipe(struct keeper *k, struct plan_ends *ends, struct err *e)
{
	int pair[2];

	if (pipe2(pair, O_CLOEXEC) < 0)
		return err_sys(e, "make a pipe");
	k->info = pair[0];
	ends->info = pair[1];
	return 0;
}

/* The kernel tells with each message who has sent it: unix(7), SO_PASSCRED. */
static int greeting_pair(struct keeper *k, struct plan_ends *ends, struct err *e)
{
	int on = 1;
	int pair[2];

	if (socketpair(AF_UNIX, SOCK_SEQPACKET | SOCK_CLOEXEC, 0, pair) < 0)
		return err_sys(e, "make a socket pair");
	k->info = pair[0];
	ends->info = pair[1];
	return setsockopt(k->info, SOL_SOCKET, SO_PASSCRED, &on, sizeof(on)) < 0
		       ? err_sys(e, "ask who writes to a socket")
		       : 0;
}

int wrapper_start(struct keeper *k, struct err *e)
{
	struct plan_ends ends = { .channel = -1, .info = -1, .cookie = k->cookie };
	int pair[2];
	int r;

	if (socketpair(AF_UNIX, SOCK_SEQPACKET | SOCK_CLOEXEC, 0, pair) < 0)
		return err_sys(e, "make the channel to the sandbox");
	k->channel = pair[0];
	ends.channel = pair[1];
	r = plan_has_fd(k->start->plan, PLAN_FD_INFO) ? info_pipe(k, &ends, e) : 0;
	if (r == 0 && plan_has_fd(k->start->plan, PLAN_FD_GREETING))
		r = greeting_pair(k, &ends, e);
	if (r == 0)
		r = spawn(k, &ends, e);
	close_fd(&ends.channel);
	close_fd(&ends.info);
	return r;
}

int wrapper_send_walls(struct keeper *k, struct err *e)
{
	const struct wire_msg msg = { .kind = WIRE_WALLS };
	auto_arena struct arena a = ARENA_INIT;
	auto_fd int fd = -1;
	void *block = NULL;
	size_t size = 0;
	int r = walls_pack(k->start->plan->spec, false, &a, &block, &size, e);

	if (r == 0)
		r = io_memfd("walls", block, size, &fd, e);
	if (r < 0)
		return r;
	/* If the wrapper has ended already, its own words say more than a broken channel. */
	(void)wire_send(k->channel, &msg, &fd, 1);
	return 0;
}

/* {"child-pid": NUMBER, ...}; 0 if the wrapper ended before it had one. */
static pid_t read_number(int fd)
{
	static const char key[] = "\"child-pid\":";
	char text[INFO_MAX] = "";
	const char *at = read(fd, text, sizeof(text) - 1) > 0 ? strstr(text, key) : NULL;

	return at ? (pid_t)strtol(at + strlen(key), NULL, 10) : 0;
}

/* A module of PAM that opens sessions may have moved sudo, and all that comes after it (pam_systemd(8)). */
static int container_is_held(const struct keeper *k, struct err *e)
{
	return cgroup_holds(&k->group, k->init_pid)
		       ? 0
		       : err_set(e, EPERM,
				 "sudo has moved the container out of the control group that "
				 "limits it; take "
				 "pam_systemd or what else does that out of /etc/pam.d/sudo, or "
				 "start from a "
				 "login session");
}

int wrapper_limit_init(struct keeper *k, struct err *e)
{
	const struct spec *s = k->start->plan->spec;
	const struct userns_limits limits = {
		.shares_inotify = s->limits.shares_inotify,
		.nests = s->seccomp.relax & SECCOMP_BROWSER,
		.is_last = k->start->plan->starter.n > 0 && !(s->seccomp.relax & SECCOMP_BROWSER),
	};
	int r;

	k->init_pid =
		k->start->plan->starter.n > 0 ? container_greeted(k->info) : read_number(k->info);
	close_fd(&k->info);
	if (k->init_pid > 0)
		k->init = pidfd_open(k->init_pid, 0);
	if (k->init < 0)
		return 0;
	r = container_is_held(k, e);
	if (r < 0)
		return r;
	/* After the gateway: pasta makes namespaces of its own in the sandbox's. */
	r = net_wants_ready(&s->net)
		    ? gateway_open(&k->gateway, k->start->plan, k->init, k->init_pid, e)
		    : 0;
	return r < 0 ? r : userns_limit(k->init, limits, e);
}

short wrapper_info_events(const struct keeper *k)
{
	return k->start->plan->starter.n > 0 ? POLLIN : 0;
}

bool wrapper_goes_on(struct keeper *k)
{
	auto_fd int socket = take_fd(&k->handover);

	if (socket < 0)
		return false;
	container_succeed(socket, &k->wrapper);
	return k->wrapper.pid > 0;
}

/* systemd-nspawn that is killed leaves its container; init goes by itself when its channel has ended, unless it is stopped. */
void wrapper_await_init(struct keeper *k)
{
	struct pollfd init = { .fd = k->init, .events = POLLIN };

	if (k->init >= 0 && poll(&init, 1, INIT_END_MS) <= 0)
		(void)pidfd_send_signal(k->init, SIGKILL, NULL, 0);
}

void wrapper_finish(struct keeper *k)
{
	/* Not all of them: a login that is being renewed goes on. */
	static const char *const names[] = { "bwrap", "sudo", "container", "systemd-nspawn" };

	proc_end(&k->wrapper);
	/* If that ended while it made the sandbox. */
	for (size_t i = 0; i < N_ELEMENTS(names); i++)
		proc_end_children(names[i]);
}
