/* SPDX-License-Identifier: Apache-2.0 */
/*
 * The one part of the container backend that runs as root, and for some milliseconds only. It does two things that nobody
 * else may do, for the user who calls it, and nothing by name or by the content of any file:
 *
 *  - files and directories that the user has opened become mounts that show them as the user's inside (clones.c);
 *  - a user namespace with more ids than one, which belongs to the user (userns.c).
 *
 * What follows (the root from the blueprint, systemd-nspawn) runs in that user namespace, with no more rights over the host
 * than the user has.
 *
 *   container        without arguments; standard input is a socket (base/handover.h)
 */
#include <errno.h>
#include <fcntl.h>
#include <linux/close_range.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/mman.h>
#include <sys/stat.h>
#include <unistd.h>

#include "base/auto.h"
#include "container/container.h"

/* Of a process that is root for a caller who may do as he likes with it: it does not stay. */
#define PATIENCE_SECONDS 20

#define BLUEPRINT_MAX ((off_t)16 << 20)

static int complain(const struct err *e)
{
	(void)fprintf(stderr, "container: %s\n", e->msg);
	return 1;
}

static int read_blueprint(int fd, struct arena *a, struct blueprint *ret, struct err *e)
{
	struct stat st;
	void *block;

	if (fstat(fd, &st) < 0 || !S_ISREG(st.st_mode) || st.st_size <= 0 ||
	    st.st_size > BLUEPRINT_MAX)
		return err_set(e, EBADMSG, "the blueprint is no file of the right size");
	block = mmap(NULL, (size_t)st.st_size, PROT_READ, MAP_PRIVATE, fd, 0);
	if (block == MAP_FAILED)
		return err_sys(e, "read the blueprint");
	if (blueprint_unpack(block, (size_t)st.st_size, a, ret) < 0)
		return err_set(e, EBADMSG, "the blueprint is not one of this version's");
	return 0;
}

/* In the container's user namespace: from here on nothing is privileged. */
static int go_on(const struct handover *h)
{
	auto_arena struct arena a = ARENA_INIT;
	struct blueprint bp = { 0 };
	struct err e;
	int r = read_blueprint(h->first[HANDOVER_BLUEPRINT], &a, &bp, &e);

	if (r == 0 && bp.lends) {
		r = lend(h, &e);
		return r < 0 ? complain(&e) : 0;
	}
	if (r == 0)
		r = root_build(h, &bp, &e);
	if (r == 0)
		r = decoy_cover(&e);
	if (r == 0)
		(void)supervisor_run(h, &bp, &e);
	return complain(&e);
}

static int serve(struct handover *h, struct err *e)
{
	pid_t pid;
	int r = receive(h, e);

	if (r == 0)
		r = clones_make(h, e);
	if (r == 0)
		r = stage_make(h, e);
	if (r < 0)
		return r;
	decoy_make();
	r = userns_start(h, go_on, &pid, e);
	return r < 0 ? r : receive_answer(pid, e);
}

static void forget_caller(void)
{
	const struct sigaction action = { .sa_handler = SIG_DFL };
	sigset_t none;

	for (int sig = 1; sig < NSIG; sig++)
		(void)sigaction(sig, &action, NULL);
	sigemptyset(&none);
	(void)sigprocmask(SIG_SETMASK, &none, NULL);
	(void)umask(022);
	(void)close_range(STDERR_FILENO + 1, ~0U, 0);
	(void)alarm(PATIENCE_SECONDS);
}

int main(int argc, char *argv[])
{
	static struct handover h;
	struct err e;

	(void)argv;
	/* So that what is opened later is not taken for one of them. */
	for (int fd = 0; fd <= STDERR_FILENO; fd++)
		if (fcntl(fd, F_GETFD) < 0 && open("/dev/null", O_RDWR) != fd)
			return 1;
	if (argc != 1) {
		(void)err_set(&e, EINVAL,
			      "this program of claude-sandbox is not for use by hand, and takes no "
			      "arguments");
		return complain(&e);
	}
	forget_caller();
	return serve(&h, &e) < 0 ? complain(&e) : 0;
}
