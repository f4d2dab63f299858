/* SPDX-License-Identifier: Apache-2.0 */
/*
 *   probe NAME [ARG...]    tries one attack and prints DONE, "REFUSED <errno, signal or reason>" or
 *                          "CANNOT <why>"; exit status 0, 1 or 2
 *   probe --list           a line per attack: id, name, inert or active, what it tries
 *   probe --batch          many attacks that change nothing, from standard input (batch.c)
 *   probe --ground DIR TOKEN   things on the host that attacks look for, until our channel ends (ground.c)
 *   probe --plant ...      more of them, for tests (key.c)
 *
 * The attack runs in a child, because the kernel answers some of them with a deadly signal.
 */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/prctl.h>
#include <sys/wait.h>
#include <unistd.h>

#include "probe/probe.h"

static const struct attack *const groups[] = {
	file_attacks,      mode_attacks,      fd_attacks,      proc_attacks,
	mount_attacks,     namespace_attacks, process_attacks, syscall_attacks,
	host_call_attacks, abi_attacks,       key_attacks,     socket_attacks,
	tty_attacks,       resource_attacks,  plant_attacks,   nested_attacks,
};
#define N_GROUPS (sizeof(groups) / sizeof(groups[0]))

long number_of(const char *text)
{
	char *end;
	long n;

	errno = 0;
	n = strtol(text, &end, 10);
	return errno != 0 || end == text || *end != '\0' || n < 0 ? -1 : n;
}

const struct attack *attack_find(const char *name)
{
	for (size_t i = 0; i < N_GROUPS; i++)
		for (const struct attack *row = groups[i]; row->name; row++)
			if (strcmp(row->name, name) == 0)
				return row;
	return NULL;
}

static int list(void)
{
	for (size_t i = 0; i < N_GROUPS; i++)
		for (const struct attack *row = groups[i]; row->name; row++)
			printf("%s\t%s\t%s\t%s\n", row->id, row->name,
			       row->inert ? "inert" : "active", row->what);
	return 0;
}

void verdict_print(const struct verdict *v)
{
	static const char *const words[] = { "DONE", "REFUSED", "CANNOT" };
	const char *name = v->error ? strerrorname_np(v->error) : NULL;
	const char *signal = v->signal ? sigabbrev_np(v->signal) : NULL;

	printf("%s%s%s%s%s%s%s\n", words[v->kind], v->why ? " " : "", v->why ? v->why : "",
	       name ? " " : "", name ? name : "", v->signal ? " SIG" : "", signal ? signal : "");
}

/* What the child says, or what ended it. @why of the answer points into this very program in both. */
struct verdict attack_try(const struct attempt *at, bool in_namespace)
{
	struct verdict v = { .kind = VERDICT_CANNOT, .why = "the probe ended without an answer" };
	int answer[2];
	int status;
	pid_t pid;

	if (pipe(answer) < 0 || (pid = fork()) < 0)
		return cannot("no child");
	if (pid == 0) {
		v = in_namespace && namespace_enter() < 0 ? cannot("no namespace to try it in")
							  : at->attack->fn(at);
		_exit(write(answer[1], &v, sizeof(v)) == sizeof(v) ? 0 : 1);
	}
	(void)close(answer[1]);
	if (read(answer[0], &v, sizeof(v)) < 0 || waitpid(pid, &status, 0) != pid)
		v = cannot("waiting for the child");
	else if (WIFSIGNALED(status))
		v = (struct verdict){ .kind = VERDICT_REFUSED, .signal = WTERMSIG(status) };
	(void)close(answer[0]);
	return v;
}

unsigned attempt_args(const struct attempt *at)
{
	unsigned n = 0;

	while (at->args[n])
		n++;
	return n;
}

static int attack(char *const argv[])
{
	struct attempt at = { .attack = attack_find(argv[0]),
			      .args = argv + 1,
			      .caller = getppid() };
	struct verdict v;

	if (!at.attack) {
		(void)fprintf(stderr, "probe: there is no attack '%s'; see --list\n", argv[0]);
		return 2;
	}
	if (attempt_args(&at) < at.attack->n_args) {
		(void)fprintf(stderr, "probe: %s needs %u arguments\n", argv[0], at.attack->n_args);
		return 2;
	}
	v = attack_try(&at, false);
	verdict_print(&v);
	return (int)v.kind;
}

int main(int argc, char *argv[])
{
	if (argc < 2) {
		(void)fputs("probe: name an attack, or --list\n", stderr);
		return 2;
	}
	if (strcmp(argv[1], "--list") == 0)
		return list();
	if (strcmp(argv[1], "--batch") == 0)
		return batch();
	if (strcmp(argv[1], "--ground") == 0)
		return argc == 4 ? ground(argv[2], argv[3]) : 2;
	if (strcmp(argv[1], "--plant") == 0)
		return plant(argv + 2);
	if (strcmp(argv[1], "--uproot") == 0)
		return uproot(argv + 2);
	/* Run with a set-id bit or with file capabilities: did they take effect? */
	if (strcmp(argv[1], "--privileged") == 0)
		return geteuid() == 0 && getuid() != 0 ? 0 : 1;
	if (strcmp(argv[1], "--capable") == 0)
		return prctl(PR_CAPBSET_DROP, 0, 0, 0, 0) == 0 ? 0 : 1;
	return attack(argv + 1);
}
