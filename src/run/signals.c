/* SPDX-License-Identifier: Apache-2.0 */
#include "run/signals.h"

#include <signal.h>
#include <sys/signalfd.h>
#include <unistd.h>

#include "base/auto.h"

static const int wanted[] = { SIGWINCH, SIGTERM, SIGINT,  SIGQUIT, SIGHUP,
			      SIGTSTP,  SIGCONT, SIGUSR1, SIGUSR2, SIGALRM };

int signals_open(int *ret_fd, struct err *e)
{
	sigset_t set;

	sigemptyset(&set);
	for (size_t i = 0; i < N_ELEMENTS(wanted); i++)
		(void)sigaddset(&set, wanted[i]);
	if (sigprocmask(SIG_BLOCK, &set, NULL) < 0)
		return err_sys(e, "block signals");
	(void)signal(SIGPIPE, SIG_IGN);
	*ret_fd = signalfd(-1, &set, SFD_CLOEXEC | SFD_NONBLOCK);
	return *ret_fd < 0 ? err_sys(e, "signalfd") : 0;
}

void signals_stop(int sig)
{
	sigset_t set;

	sigemptyset(&set);
	(void)sigaddset(&set, sig);
	(void)kill(sig == SIGTSTP ? 0 : getpid(), sig);
	if (sig == SIGSTOP)
		return;
	(void)sigprocmask(SIG_UNBLOCK, &set, NULL); /* here we stop */
	if (sig == SIGTSTP)
		(void)sigprocmask(SIG_BLOCK, &set, NULL);
}
