/* SPDX-License-Identifier: Apache-2.0 */
/*
 * pasta keeps the namespace alive and never ends by itself. PR_SET_PDEATHSIG alone does not end it: AppArmor and
 * SELinux clear that when a program with a profile is executed, and several distributions have one for pasta.
 * So it lives in a pid namespace, whose first process is ours:
 *
 *     keeper
 *      └ holder    in the sandbox's user namespace, which allows it to make a pid namespace, and in the end in its
 *         |        network, where pasta finds that by the holder's number
 *         └ init   pid 1 there; ends at the end of a pipe that the holder alone holds
 *            └ pasta
 *
 * When the keeper ends, the holder is killed (it executes nothing, so its signal stays set); when the holder
 * ends, for whatever reason, the pipe does; when init ends, the kernel kills what is in its namespace.
 *
 * The user namespace is joined here and not by pasta (--userns): in it pasta may enter the sandbox's network,
 * and started by root it is no reason for it to become nobody, who may not.
 *
 * pasta goes to the background when the namespace is configured, which is the sign that we wait for. Not to wait
 * is no choice: until there is a route, a connection does not wait but fails (ENETUNREACH).
 */
#include "run/pasta.h"

#include <errno.h>
#include <fcntl.h>
#include <linux/capability.h>
#include <poll.h>
#include <sched.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/prctl.h>
#include <sys/signalfd.h>
#include <sys/syscall.h>
#include <unistd.h>

#include "base/auto.h"
#include "base/buf.h"
#include "run/netns.h"
#include "run/netns_join.h"

#define START_MS 10000
#define OUTPUT_MAX ((size_t)8192)
#define LINE_MAX_SIZE ERR_MSG_MAX
#define OVERFLOW_ID 65534 /* user_namespaces(7): who is not mapped */
#define OTHER_MODE "start with --network none or --network host"

/* How the start went, in one write to a pipe. */
struct report {
	int code;                 /* 0: the way is there; a positive errno: what we tried failed */
	int status;               /* else of pasta, if it is not 0 */
	char line[LINE_MAX_SIZE]; /* what was said of it */
};

struct start {
	const char *program;
	const struct spec *spec;
	int pidfd;
	pid_t pid;
	pid_t keeper, holder;
	int report;
	int life; /* init: the end of the pipe that the holder holds open */
};

static void tell(const struct start *s, const struct report *report)
{
	(void)!write(s->report, report, sizeof(*report)); /* if nobody hears it, nobody is left */
}

/* "1795293308.7552: Couldn't ..." without the time. Where there is no syslog, pasta says so all the time. */
static void last_line(char *text, char ret[static LINE_MAX_SIZE])
{
	char *rest = text;

	for (const char *line = strsep(&rest, "\n"); line; line = strsep(&rest, "\n")) {
		const char *said = line + strspn(line, "0123456789. ");

		if (said > line && said[0] == ':')
			line = said + strspn(said, ": ");
		if (line[0] && !strstr(line, "syslog"))
			(void)snprintf(ret, LINE_MAX_SIZE, "%s", line);
	}
}

static void run_pasta(const struct start *s, struct report *report)
{
	static const char *const no_env[] = { NULL };
	char netns[sizeof("/proc//ns/net") + 11];
	const char *const argv[] = {
		s->program,    "--quiet",      "--config-net", "--ns-ifname",
		"eth0",        /* not the host's name for it */
		"--no-map-gw", /* or the gateway's address would be the host's loopback */
		"-t", /* nothing of the host leads inside, nothing inside to the host's loopback */
		"none",        "-u",           "none",         "-T",
		"none",        "-U",           "none",         "--dns-forward",
		NET_NAT_DNS,   "--netns-only", "--netns",      netns,
		NULL,
	};
	const struct cmd cmd = { .argv = argv, .envp = no_env };
	auto_free char *text = NULL;
	struct err e = { 0 };
	int r;

	/* By number: a descriptor of ours would not be open in pasta. Not that of the sandbox's first process, into
	 * whose files nobody may look while bubblewrap makes its second user namespace. */
	(void)snprintf(netns, sizeof(netns), "/proc/%d/ns/net", s->holder);
	r = proc_output(&cmd, OUTPUT_MAX, START_MS, &text, &report->status, &e);
	report->code = r < 0 ? -r : 0;
	if (r < 0)
		(void)snprintf(report->line, sizeof(report->line), "%s", e.msg);
	else
		last_line(text, report->line);
}

/* pid 1. Whatever ends in this namespace later on is pasta, since its first process was waited for. */
static int init_main(void *data)
{
	const struct start *s = data;
	struct report report = { 0 };
	struct signalfd_siginfo si;
	struct pollfd p[2];
	sigset_t child;
	char byte;

	(void)prctl(PR_SET_NAME, "csb-pasta-init");
	sigemptyset(&child);
	(void)sigaddset(&child, SIGCHLD);
	(void)sigprocmask(SIG_BLOCK, &child, NULL);
	p[0] = (struct pollfd){ .fd = s->life, .events = POLLIN };
	p[1] = (struct pollfd){ .fd = signalfd(-1, &child, SFD_CLOEXEC | SFD_NONBLOCK),
				.events = POLLIN };
	if (read(s->life, &byte, 1) != 1)
		return 1; /* the holder has not come as far as the sandbox's network */
	run_pasta(s, &report);
	tell(s, &report);
	(void)close(s->report);
	if (report.code != 0 || report.status != 0)
		return 1;
	(void)!read(p[1].fd, &si, sizeof(si)); /* of the process that was waited for */
	while (poll(p, N_ELEMENTS(p), -1) < 0 && errno == EINTR)
		continue;
	return 0;
}

static int ambient(unsigned capability)
{
	return prctl(PR_CAP_AMBIENT, PR_CAP_AMBIENT_RAISE, capability, 0, 0);
}

/* So that pasta has them too when our user has another number than 0 in the user namespace. */
static int keep_capabilities(void)
{
	static const unsigned wanted[] = { CAP_NET_ADMIN, CAP_SYS_ADMIN, CAP_SYS_PTRACE };
	struct __user_cap_header_struct head = { .version = _LINUX_CAPABILITY_VERSION_3 };
	struct __user_cap_data_struct caps[_LINUX_CAPABILITY_U32S_3];

	if (syscall(SYS_capget, &head, caps) < 0)
		return -errno;
	for (size_t i = 0; i < N_ELEMENTS(wanted); i++)
		caps[CAP_TO_INDEX(wanted[i])].inheritable |= CAP_TO_MASK(wanted[i]);
	if (syscall(SYS_capset, &head, caps) < 0)
		return -errno;
	for (size_t i = 0; i < N_ELEMENTS(wanted); i++)
		if (ambient(wanted[i]) < 0)
			return -errno;
	return 0;
}

/*
 * In bubblewrap's user namespace we have a number: root's or our own, as the moment has it. In a container's we are nobody, since its user is
 * another one of the host's; pasta wants to stay who it is, and nobody has no number there.
 */
static int become_user(const struct spec *spec)
{
	if (getuid() != OVERFLOW_ID)
		return 0;
	return setresgid(spec->gid, spec->gid, spec->gid) < 0 ||
			       setresuid(spec->uid, spec->uid, spec->uid) < 0
		       ? -errno
		       : 0;
}

/* Entering the user namespace may clear the signal, so that comes last. The network's descriptor, or -errno. */
static int enter(const struct start *s)
{
	auto_fd int net = netns_join_owner(s->pidfd, s->pid);
	int r = net < 0 ? net : become_user(s->spec);

	if (r == 0)
		r = keep_capabilities();
	if (r < 0)
		return r;
	/* Dumpable, or pasta could not look at our namespace. */
	if (unshare(CLONE_NEWPID) < 0 || prctl(PR_SET_DUMPABLE, 1, 0, 0, 0) < 0 ||
	    prctl(PR_SET_PDEATHSIG, SIGKILL, 0, 0, 0) < 0)
		return -errno;
	return getppid() == s->keeper ? take_fd(&net) : -ESRCH;
}

/* init stays in the host's network, as pasta has to; it waits until we are in the sandbox's. */
static int hold_init(struct start *s, int net, struct child *ret_init, int *ret_held, struct err *e)
{
	auto_fd int held = -1;
	int keep[2];
	int pair[2];
	int r;

	if (pipe2(pair, O_CLOEXEC) < 0)
		return err_sys(e, "make a pipe");
	s->life = pair[0];
	held = pair[1];
	keep[0] = s->report < s->life ? s->report : s->life;
	keep[1] = s->report < s->life ? s->life : s->report;
	r = proc_fork(init_main, s, keep, N_ELEMENTS(keep), ret_init, e);
	/* pasta may look at the network of whoever has no more rights than itself. */
	if (r == 0 && (setns(net, CLONE_NEWNET) < 0 || netns_drop_capabilities() < 0 ||
		       write(held, "", 1) != 1))
		r = err_sys(e, "cannot enter the sandbox's network");
	*ret_held = take_fd(&held);
	return r;
}

static int hold(struct start *s, struct err *e)
{
	auto_child struct child init = CHILD_NONE;
	auto_fd int held = -1;
	auto_fd int net = enter(s);
	int status = 0;
	int r;

	if (net < 0)
		return err_set(e, -net, "cannot enter the sandbox's user namespace: %s",
			       strerrordesc_np(-net));
	s->holder = getpid();
	r = hold_init(s, net, &init, &held, e);
	if (r < 0)
		return r;
	close_fd(&s->report);
	return proc_wait(&init, &status, e);
}

static int holder_main(void *data)
{
	struct start *s = data;
	struct report report = { 0 };
	struct err e = { 0 };
	int r;

	(void)prctl(PR_SET_NAME, "csb-pasta");
	r = hold(s, &e);
	if (r == 0 || s->report < 0)
		return r < 0;
	report.code = -r;
	(void)snprintf(report.line, sizeof(report.line), "%s", e.msg);
	tell(s, &report);
	return 1;
}

static int explain(const char *program, const struct report *report, struct err *e)
{
	auto_buf struct buf line = BUF_INIT(ERR_MSG_MAX);

	buf_visible(&line, report->line);
	if (report->code != 0)
		return err_set(e, report->code,
			       "cannot start pasta for --network nat: %s; " OTHER_MODE,
			       buf_text(&line));
	if (strstr(report->line, " tun "))
		return err_set(e, EACCES,
			       "%s gives the sandbox no network: %s; as root: chmod 0666 "
			       "/dev/net/tun, or modprobe tun if there is none; or " OTHER_MODE,
			       program, buf_text(&line));
	return err_set(e, EIO,
		       "%s gives the sandbox no network: %s; connect this machine to a network, or "
		       "" OTHER_MODE,
		       program, report->line[0] ? buf_text(&line) : "it does not say why");
}

static int await(int from_child, const struct start *s, struct err *e)
{
	struct report report = { 0 };
	ssize_t n;

	do
		n = read(from_child, &report, sizeof(report));
	while (n < 0 && errno == EINTR);
	if (n != (ssize_t)sizeof(report))
		return err_set(
			e, EPROTO,
			"the process that holds pasta ended early: try again, or " OTHER_MODE);
	report.line[sizeof(report.line) - 1] = '\0';
	return report.code || report.status ? explain(s->program, &report, e) : 0;
}

int pasta_start(const char *program, int pidfd, pid_t pid, const struct spec *spec,
		struct child *ret, struct err *e)
{
	struct start start = {
		.program = program, .spec = spec, .pidfd = pidfd, .pid = pid, .keeper = getpid()
	};
	auto_child struct child holder = CHILD_NONE;
	auto_fd int from_child = -1;
	int keep[2];
	int pair[2];
	int r = netns_wall(pidfd, pid, &spec->net, e);

	if (r < 0)
		return r;
	if (pipe2(pair, O_CLOEXEC) < 0)
		return err_sys(e, "make a pipe");
	from_child = pair[0];
	start.report = pair[1];
	keep[0] = pidfd < start.report ? pidfd : start.report;
	keep[1] = pidfd < start.report ? start.report : pidfd;
	r = proc_fork(holder_main, &start, keep, N_ELEMENTS(keep), &holder, e);
	(void)close(start.report); /* or its end could not be told */
	if (r == 0)
		r = await(from_child, &start, e);
	if (r < 0)
		return r;
	*ret = holder;
	holder = CHILD_NONE;
	return 0;
}
