/* SPDX-License-Identifier: Apache-2.0 */
/*
 * The compiled filter in the kernel that runs this test. Each probe is a call in a child of its
 * own, made first without the filter, where its result must be another than the filter's answer:
 * success where an ordinary user can have it, else an error that only a kernel gives that has
 * looked at the call. So a probe that would always fail cannot pass.
 */
#include "run/seccomp.h"

#include <errno.h>
#include <fcntl.h>
#include <linux/filter.h>
#include <linux/netlink.h>
#include <linux/seccomp.h>
#include <netinet/in.h>
#include <pthread.h>
#include <sched.h>
#include <seccomp.h>
#include <setjmp.h>
#include <signal.h>
#include <stdarg.h>
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>
#include <sys/ioctl.h>
#include <sys/mman.h>
#include <sys/personality.h>
#include <sys/prctl.h>
#include <sys/ptrace.h>
#include <sys/resource.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <sys/syscall.h>
#include <sys/wait.h>
#include <unistd.h>

#include <cmocka.h>

#include "base/auto.h"
#include "filter_child.h"

#define BAD 1 /* an address that faults */

static struct sock_fprog filter;
static char dir[] = "/tmp/test_seccomp_XXXXXX"; /* working directory of every child */
static const uint64_t open_how[3];              /* O_RDONLY */

/* A call by number, or a function for what takes more than one; result: 0 or errno. */
struct probe {
	const char *what;
	int want; /* with the filter */
	long number;
	long args[6];
	int (*fn)(void);
};

static int call(const struct probe *p)
{
	const long *a = p->args;

	return p->fn ? p->fn() : result(syscall(p->number, a[0], a[1], a[2], a[3], a[4], a[5]));
}

/* The probe's result in a child, or -signal. */
static int in_child(const struct probe *p, const struct sock_fprog *prog)
{
	pid_t pid = fork();
	int status = 0;

	assert_true(pid >= 0);
	if (pid == 0) {
		struct rlimit no_core = { 0, 0 };

		(void)setrlimit(RLIMIT_CORE, &no_core);
		_exit(prog && load(prog) < 0 ? 255 : call(p));
	}
	assert_int_equal(waitpid(pid, &status, 0), pid);
	assert_int_not_equal(status, 255 << 8);
	return WIFSIGNALED(status) ? -WTERMSIG(status) : WEXITSTATUS(status);
}

static int do_clone_user(void)
{
	long pid = syscall(SYS_clone, CLONE_NEWUSER | SIGCHLD, NULL, NULL, NULL, 0);

	if (pid == 0)
		_exit(0);
	return result(pid);
}

/* On a terminal that is really ours. */
static int do_tiocsti_pty(void)
{
	int master = posix_openpt(O_RDWR | O_NOCTTY);
	int slave;

	if (master < 0 || unlockpt(master) < 0 || setsid() < 0)
		return 254;
	slave = open(ptsname(master), O_RDWR);
	return slave < 0 ? 254 : result(ioctl(slave, TIOCSTI, "x"));
}

/* clang-format off */
static const struct probe refusals[] = {
	{ "unshare user", EPERM, SYS_unshare, { CLONE_NEWUSER } },
	{ "clone user", EPERM, .fn = do_clone_user },
	{ "clone3", ENOSYS, SYS_clone3, { 0 } },
	{ "setns", EPERM, SYS_setns, { -1 } },
	{ "mount", EPERM, SYS_mount, { BAD, BAD, BAD } },
	{ "umount2", EPERM, SYS_umount2, { BAD, 0x800000 } },
	{ "chroot", EPERM, SYS_chroot, { BAD } },
	{ "fsconfig", EPERM, SYS_fsconfig, { -1 } },
	{ "open_tree", EPERM, SYS_open_tree, { AT_FDCWD, (long)"/" } },
	{ "mount_setattr", EPERM, SYS_mount_setattr, { -1, (long)"", -1 } },
	{ "name_to_handle_at", EPERM, SYS_name_to_handle_at, { -1, (long)"", 0, 0, -1 } },
	{ "process_vm_readv", EPERM, SYS_process_vm_readv, { 0, 0, 0, 0, 0, -1 } },
	{ "process_vm_writev", EPERM, SYS_process_vm_writev, { 0, 0, 0, 0, 0, -1 } },
	{ "pidfd_getfd", EPERM, SYS_pidfd_getfd, { -1, 0, 1 } },
	{ "process_mrelease", EPERM, SYS_process_mrelease, { -1 } },
	{ "listns", EPERM, 470, { BAD, BAD, 1 } },
	{ "a listener", EPERM, SYS_seccomp,
	  { SECCOMP_SET_MODE_FILTER, SECCOMP_FILTER_FLAG_NEW_LISTENER, BAD } },
	{ "PR_SET_MM", EPERM, SYS_prctl, { PR_SET_MM, PR_SET_MM_MAP_SIZE, BAD } },
	{ "kcmp", EPERM, SYS_kcmp, { -1, -1 } },
	{ "add_key", EPERM, SYS_add_key, { BAD, BAD } },
	{ "request_key", EPERM, SYS_request_key, { BAD, BAD } },
	{ "keyctl", EPERM, SYS_keyctl, { 0, -3 } }, /* id of the session keyring */
	{ "io_uring_setup", ENOSYS, SYS_io_uring_setup, { 0, BAD } },
	{ "perf_event_open", EPERM, SYS_perf_event_open, { BAD, 0, 0, -1, -1 } },
	{ "vmsplice", EPERM, SYS_vmsplice, { -1 } },
	{ "move_pages", EPERM, SYS_move_pages, { 0, 0, 0, 0, 0, -1 } },
	{ "quotactl", EPERM, SYS_quotactl, { -1, BAD } },
	{ "clock_settime", EPERM, SYS_clock_settime, { -1, BAD } },
	{ "personality", EPERM, SYS_personality, { ADDR_NO_RANDOMIZE } },
	{ "TIOCSTI", EPERM, SYS_ioctl, { -1, TIOCSTI } },
	{ "TIOCSTI with high bits", EPERM, SYS_ioctl, { -1, 0xdead00000000 | TIOCSTI } },
	{ "TIOCSTI on a pty", EPERM, .fn = do_tiocsti_pty },
	{ "TIOCLINUX", EPERM, SYS_ioctl, { -1, TIOCLINUX } },
	{ "TIOCSETD", EPERM, SYS_ioctl, { -1, TIOCSETD } },
	{ "netlink but ROUTE", EPERM, SYS_socket, { AF_NETLINK, SOCK_RAW, NETLINK_GENERIC } },
	{ "SCTP", EPERM, SYS_socket, { AF_INET, SOCK_STREAM, IPPROTO_SCTP } },
	{ "SCTP by type", EPERM, SYS_socket, { AF_INET6, SOCK_SEQPACKET } },
	{ "DCCP", EPERM, SYS_socket, { AF_INET, SOCK_DCCP | SOCK_CLOEXEC } },
	{ "raw", EPERM, SYS_socket, { AF_INET, SOCK_RAW | SOCK_NONBLOCK, IPPROTO_ICMP } },
	{ "SOCK_PACKET", EPERM, SYS_socket, { AF_INET, SOCK_PACKET } },
	{ "socketpair INET", EPERM, SYS_socketpair, { AF_INET, SOCK_STREAM, 0, BAD } },
	{ "fchmodat setuid", EPERM, SYS_fchmodat, { AT_FDCWD, (long)"plain", 04755 } },
	{ "fchmodat setgid", EPERM, SYS_fchmodat, { AT_FDCWD, (long)"plain", 02755 } },
	{ "fchmodat2", EPERM, 452, { AT_FDCWD, (long)"plain", 06755 } },
	{ "openat creating", EPERM, SYS_openat, { AT_FDCWD, (long)"made", O_CREAT | O_WRONLY, 04700 } },
	{ "O_TMPFILE", EPERM, SYS_openat, { AT_FDCWD, (long)".", O_TMPFILE | O_WRONLY, 02700 } },
	{ "openat2", ENOSYS, SYS_openat2, { AT_FDCWD, (long)"plain", (long)open_how, sizeof(open_how) } },
	{ "mknodat", EPERM, SYS_mknodat, { AT_FDCWD, (long)"node", S_IFREG | 04700 } },
#ifdef __x86_64__
	{ "open creating", EPERM, SYS_open, { (long)"made2", O_CREAT | O_WRONLY, 04700 } },
	{ "sysfs", EPERM, SYS_sysfs, { 9 } },
	{ "ustat", EPERM, SYS_ustat, { -1, BAD } },
	{ "creat", EPERM, SYS_creat, { (long)"made3", 02700 } },
	{ "chmod", EPERM, SYS_chmod, { (long)"plain", 04755 } },
	{ "mknod", EPERM, SYS_mknod, { (long)"node2", S_IFREG | 04700 } },
#endif
};
/* clang-format on */

static void each_is_refused_by_the_filter_alone(void **state)
{
	(void)state;
	for (size_t i = 0; i < N_ELEMENTS(refusals); i++) {
		int without = in_child(&refusals[i], NULL);
		int with = in_child(&refusals[i], &filter);

		if (with != refusals[i].want)
			fail_msg("%s: got %d, want %d", refusals[i].what, with, refusals[i].want);
		/* A host may refuse some of it by itself (sysctl, an older kernel): say so. */
		if (without == with)
			print_message("not told apart here: %s (errno %d)\n", refusals[i].what,
				      with);
		else if (without < 0 || without == 254)
			fail_msg("%s: the probe is broken: %d", refusals[i].what, without);
	}
}

/*
 * What an ordinary user may not do anyway answers EPERM with or without a filter. So here the
 * filter's answers are replaced by errnos of our own: only the filter can give those, and as it
 * answers before the kernel acts, even reboot is safe to call.
 */
enum { MARK_EPERM = 3000, MARK_ENOSYS = 3001 };

/* 0, or the place of the first row that another than the filter answered. */
static int call_every_row(void)
{
	for (int i = 0; seccomp_base[i].name; i++) {
		const struct seccomp_rule *row = &seccomp_base[i];
		int number = seccomp_syscall_resolve_name(row->name);
		int want = row->answer == SECCOMP_EPERM ? MARK_EPERM : MARK_ENOSYS;

		if (!seccomp_applies(row, SECCOMP_TRACE))
			continue;
		/* Unknown to libseccomp (the interpreter of the other test has it) or absent. */
		if (row->compare != COMPARE_NONE || number < 0)
			continue;
		if (result(syscall(number, -1L, -1L, -1L, -1L, -1L, -1L)) != want)
			return i + 1;
	}
	return 0;
}

static void every_row_answers_in_the_kernel(void **state)
{
	struct sock_filter *code = arena_alloc(&arena, filter.len * sizeof(*code));
	struct sock_fprog marked = { .len = filter.len, .filter = code };
	int row;

	(void)state;
	memcpy(code, filter.filter, filter.len * sizeof(*code));
	for (size_t i = 0; i < marked.len; i++) {
		if (code[i].code != (BPF_RET | BPF_K))
			continue;
		if (code[i].k == (SECCOMP_RET_ERRNO | EPERM))
			code[i].k = SECCOMP_RET_ERRNO | MARK_EPERM;
		else if (code[i].k == (SECCOMP_RET_ERRNO | ENOSYS))
			code[i].k = SECCOMP_RET_ERRNO | MARK_ENOSYS;
	}
	row = fn_in_child(call_every_row, &marked);
	if (row != 0)
		fail_msg("row %d (%s) is not answered by the filter", row,
			 row > 0 ? seccomp_base[row - 1].name : "killed");
}

static int refused_families(void)
{
	for (int family = 0; family < 64; family++) {
		bool wanted = family <= 2 || family == 10 || family == 16;
		int r = result(syscall(SYS_socket, family, SOCK_DGRAM, 0));

		if (wanted ? r == EPERM : r != EPERM)
			return family + 1;
	}
	return 0;
}

static void socket_families(void **state)
{
	(void)state;
	assert_int_not_equal(fn_in_child(refused_families, NULL), 0);
	assert_int_equal(fn_in_child(refused_families, &filter), 0);
}

#ifdef __x86_64__
static int call_x32(void)
{
	return syscall(0x40000000 | SYS_getpid) > 0 ? 0 : errno;
}

static int call_i386(void)
{
	long r = 20; /* getpid of i386 */

	__asm__ volatile("int $0x80" : "+a"(r) : : "memory", "r8", "r9", "r10", "r11");
	return r > 0 ? 0 : 1;
}
#endif

static void other_abis_kill(void **state)
{
	(void)state;
#ifdef __x86_64__
	/* Kernels without them answer ENOSYS to x32, and SIGSEGV to int 0x80. */
	assert_int_not_equal(fn_in_child(call_x32, NULL), -SIGSYS);
	assert_int_equal(fn_in_child(call_x32, &filter), -SIGSYS);
	assert_int_not_equal(fn_in_child(call_i386, NULL), -SIGSYS);
	if (fn_in_child(call_i386, NULL) == 0)
		assert_int_equal(fn_in_child(call_i386, &filter), -SIGSYS);
#endif
}

static void *thread(void *arg)
{
	return arg;
}

static int do_thread(void)
{
	pthread_t t;

	return pthread_create(&t, NULL, thread, NULL) || pthread_join(t, NULL);
}

static int do_run_program(void)
{
	int status = 0;
	pid_t pid = fork();

	if (pid == 0) {
		(void)execl("/bin/sh", "sh", "-c",
			    "umask 022; mkdir -p d && echo a > d/f && chmod 755 d/f && "
			    "cp -p d/f d/g && ln -s g d/h && mv d/g d/i && mkfifo d/p && rm -r d",
			    NULL);
		_exit(3);
	}
	return waitpid(pid, &status, 0) == pid ? WEXITSTATUS(status) : 4;
}

/* A debugger: stop a child at its start and read a word of it. */
static int do_trace(void)
{
	static long word = 42;
	int status = 0;
	pid_t pid = fork();

	if (pid == 0) {
		(void)ptrace(PTRACE_TRACEME, 0, NULL, NULL);
		(void)raise(SIGSTOP);
		_exit(0);
	}
	if (waitpid(pid, &status, 0) != pid || !WIFSTOPPED(status))
		return 1;
	if (ptrace(PTRACE_PEEKDATA, pid, &word, NULL) != 42)
		return 2;
	(void)kill(pid, SIGKILL);
	return waitpid(pid, &status, 0) == pid ? 0 : 3;
}

static void what_developers_need_still_works(void **state)
{
	/* clang-format off */
	static const uint32_t action = SECCOMP_RET_LOG;
	static const struct probe needs[] = {
		{ "threads", .fn = do_thread },
		{ "programs", .fn = do_run_program },
		{ "UNIX", .number = SYS_socket, .args = { AF_UNIX, SOCK_STREAM } },
		{ "INET6", .number = SYS_socket, .args = { AF_INET6, SOCK_STREAM } },
		{ "NETLINK", .number = SYS_socket, .args = { AF_NETLINK, SOCK_RAW } },
		{ "NETLINK_ROUTE", .number = SYS_socket, .args = { AF_NETLINK, SOCK_DGRAM, NETLINK_ROUTE } },
		{ "TCP", .number = SYS_socket, .args = { AF_INET, SOCK_STREAM, IPPROTO_TCP } },
		{ "UDP", .number = SYS_socket, .args = { AF_INET6, SOCK_DGRAM | SOCK_CLOEXEC, IPPROTO_UDP } },
		{ "debuggers", .fn = do_trace },
		{ "filters of their own", .number = SYS_seccomp,
		  .args = { SECCOMP_GET_ACTION_AVAIL, 0, (long)&action } },
		{ "asking for the personality", .number = SYS_personality, .args = { 0xffffffff } },
		{ "memfd_create", .number = SYS_memfd_create, .args = { (long)"m" } },
		{ "a mode that does not count", .number = SYS_openat,
		  .args = { AT_FDCWD, (long)"plain", O_RDONLY, 07777 } },
		{ "making a file", .number = SYS_openat,
		  .args = { AT_FDCWD, (long)"ordinary", O_CREAT | O_WRONLY, 0755 } },
	};
	/* clang-format on */

	(void)state;
	for (size_t i = 0; i < N_ELEMENTS(needs); i++) {
		int without = in_child(&needs[i], NULL);
		int with = in_child(&needs[i], &filter);

		if (with != without || (with != 0 && needs[i].fn))
			fail_msg("%s: %d without the filter, %d with it", needs[i].what, without,
				 with);
	}
}

static int setup(void **state)
{
	(void)state;
	if (compile(SECCOMP_TRACE, &filter) < 0)
		return -1;
	if (!mkdtemp(dir) || chdir(dir) < 0)
		return -1;
	return close(open("plain", O_CREAT | O_WRONLY | O_CLOEXEC, 0644));
}

static int teardown(void **state)
{
	static const char *const made[] = { "plain", "made",  "made2",   "made3",
					    "node",  "node2", "ordinary" };

	(void)state;
	for (size_t i = 0; i < N_ELEMENTS(made); i++)
		(void)unlink(made[i]);
	arena_done(&arena);
	return chdir("/") < 0 ? -1 : rmdir(dir);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(each_is_refused_by_the_filter_alone),
		cmocka_unit_test(every_row_answers_in_the_kernel),
		cmocka_unit_test(socket_families),
		cmocka_unit_test(other_abis_kill),
		cmocka_unit_test(what_developers_need_still_works),
	};

	return cmocka_run_group_tests(tests, setup, teardown);
}
