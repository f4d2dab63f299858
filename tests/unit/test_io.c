/* SPDX-License-Identifier: Apache-2.0 */
#include "base/io.h"

#include <dirent.h>
#include <errno.h>
#include <fcntl.h>
#include <setjmp.h>
#include <signal.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <sys/un.h>
#include <unistd.h>

#include <cmocka.h>

#include "base/auto.h"

/* Each test runs in a new empty directory. */
static int enter(void **state)
{
	char *dir = strdup("/tmp/test_io.XXXXXX");

	*state = dir;
	(void)umask(077);
	return dir && mkdtemp(dir) && chdir(dir) == 0 ? 0 : -1;
}

/* NOLINTNEXTLINE(misc-no-recursion): as deep as the directories that the tests make, four */
static int remove_all(int dirfd)
{
	DIR *dir = fdopendir(dirfd);
	struct dirent *entry;

	if (!dir)
		return -1;
	while ((entry = readdir(dir))) {
		auto_fd int sub = -1;

		if (strcmp(entry->d_name, ".") == 0 || strcmp(entry->d_name, "..") == 0)
			continue;
		if (unlinkat(dirfd, entry->d_name, 0) == 0)
			continue;
		sub = openat(dirfd, entry->d_name, O_RDONLY | O_DIRECTORY | O_NOFOLLOW | O_CLOEXEC);
		if (sub >= 0)
			(void)remove_all(take_fd(&sub));
		(void)unlinkat(dirfd, entry->d_name, AT_REMOVEDIR);
	}
	return closedir(dir);
}

static int leave(void **state)
{
	auto_free char *path = *state;

	(void)remove_all(open(path, O_RDONLY | O_DIRECTORY | O_CLOEXEC));
	return chdir("/") == 0 && rmdir(path) == 0 ? 0 : -1;
}

static void put(const char *path, const char *text)
{
	struct err e = { 0 };

	assert_int_equal(io_write_file(path, text, strlen(text), 0644, &e), 0);
}

static size_t n_entries(void)
{
	DIR *dir = opendir(".");
	size_t n = 0;

	assert_non_null(dir);
	while (readdir(dir))
		n++;
	(void)closedir(dir);
	return n - 2;
}

static void check_refusal(const char *path, size_t max, bool nofollow, int want, const char *msg)
{
	auto_arena struct arena a = ARENA_INIT;
	char untouched[] = "untouched";
	char *text = untouched;
	size_t len = 99;
	struct err e = { 0 };

	assert_int_equal(io_read_file(AT_FDCWD, path, max, nofollow, &a, &text, &len, &e), want);
	assert_string_equal(e.msg, msg);
	assert_ptr_equal(text, untouched);
	assert_int_equal(len, 99);
}

static void read_takes_up_to_the_maximum(void **state)
{
	auto_arena struct arena a = ARENA_INIT;
	char *text = NULL;
	size_t len = 99;
	struct err e = { 0 };

	(void)state;
	put("empty", "");
	put("five", "12345");
	assert_int_equal(symlink("five", "link"), 0);
	assert_int_equal(io_read_file(AT_FDCWD, "empty", 0, true, &a, &text, &len, &e), 0);
	assert_string_equal(text, "");
	assert_int_equal(len, 0);
	assert_int_equal(io_read_file(AT_FDCWD, "five", 5, true, &a, &text, &len, &e), 0);
	assert_string_equal(text, "12345");
	assert_int_equal(len, 5);
	assert_int_equal(io_read_file(AT_FDCWD, "link", 5, false, &a, &text, &len, &e), 0);
	assert_string_equal(text, "12345");
	/* A file whose size the kernel tells as 0. */
	assert_int_equal(io_read_file(AT_FDCWD, "/proc/self/stat", 4096, true, &a, &text, &len, &e),
			 0);
	assert_true(len > 10);
}

static void read_is_whole_below_a_directory_descriptor(void **state)
{
	auto_arena struct arena a = ARENA_INIT;
	auto_free char *big = malloc(100000);
	auto_fd int dir = open(".", O_RDONLY | O_DIRECTORY | O_CLOEXEC);
	char *text = NULL;
	size_t len = 0;
	struct err e = { 0 };

	(void)state;
	assert_non_null(big);
	memset(big, 0, 100000);
	big[99999] = 'x';
	assert_int_equal(io_write_file("big", big, 100000, 0600, &e), 0);
	assert_int_equal(io_read_file(dir, "big", SIZE_MAX, true, &a, &text, &len, &e), 0);
	assert_int_equal(len, 100000);
	assert_memory_equal(text, big, 100000);
	assert_int_equal(text[100000], 0);
}

static void read_refuses(void **state)
{
	auto_fd int sock = socket(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0);
	const struct sockaddr_un address = { .sun_family = AF_UNIX, .sun_path = "sock" };

	(void)state;
	put("five", "12345");
	assert_int_equal(symlink("five", "link"), 0);
	assert_int_equal(mkdir("dir", 0700), 0);
	assert_int_equal(mkfifo("fifo", 0600), 0);
	assert_int_equal(bind(sock, (const struct sockaddr *)&address, sizeof(address)), 0);
	check_refusal("none", 9, false, -ENOENT, "cannot open none: No such file or directory");
	check_refusal("five/x", 9, false, -ENOTDIR, "cannot open five/x: Not a directory");
	check_refusal("five", 4, false, -EFBIG, "cannot read five: it is larger than 4 bytes");
	check_refusal("five", 0, false, -EFBIG, "cannot read five: it is larger than 0 bytes");
	check_refusal("link", 9, true, -EINVAL, "cannot read link: it is a symbolic link");
	check_refusal("dir", 9, false, -EINVAL, "cannot read dir: it is not a regular file");
	check_refusal("fifo", 9, false, -EINVAL, "cannot read fifo: it is not a regular file");
	check_refusal("sock", 9, false, -EINVAL, "cannot read sock: it is not a regular file");
	check_refusal("/dev/null", 9, false, -EINVAL,
		      "cannot read /dev/null: it is not a regular file");
	check_refusal("/dev/zero", 9, true, -EINVAL,
		      "cannot read /dev/zero: it is not a regular file");
}

static void write_all_tells_why_it_cannot(void **state)
{
	struct err e = { 0 };

	(void)state;
	assert_int_equal(io_write_all(-1, "x", 0, &e), 0);
	assert_int_equal(io_write_all(-1, "x", 1, &e), -EBADF);
	assert_string_equal(e.msg, "cannot write: Bad file descriptor");
}

static void memfd_is_rewound_and_sealed(void **state)
{
	auto_fd int fd = -1;
	struct err e = { 0 };
	char text[8] = { 0 };

	(void)state;
	assert_int_equal(io_memfd("name", "12345", 5, &fd, &e), 0);
	assert_int_equal(fcntl(fd, F_GETFD) & FD_CLOEXEC, FD_CLOEXEC);
	assert_int_equal(read(fd, text, sizeof(text)), 5);
	assert_string_equal(text, "12345");
	assert_int_equal(pwrite(fd, "x", 1, 0), -1);
	assert_int_equal(errno, EPERM);
	assert_int_equal(ftruncate(fd, 0), -1);
	assert_int_equal(ftruncate(fd, 9), -1);
	assert_int_equal(fcntl(fd, F_ADD_SEALS, F_SEAL_WRITE), -1);
}

static void check_mode(const char *path, mode_t want)
{
	struct stat st;

	assert_int_equal(stat(path, &st), 0);
	assert_int_equal(st.st_mode & 07777, want);
}

static void mkdir_all_makes_what_is_missing(void **state)
{
	static const char *const paths[] = { "a/b/c", "a/b/c", "a//b/c/d/", "link/e", "./f", "/" };
	struct err e = { 0 };

	(void)state;
	assert_int_equal(symlink("a", "link"), 0);
	assert_int_equal(mkdir("a", 0700), 0);
	for (size_t i = 0; i < N_ELEMENTS(paths); i++)
		assert_int_equal(io_mkdir_all(paths[i], 0755, &e), 0);
	check_mode("a", 0700); /* was there already */
	check_mode("a/b", 0755);
	check_mode("a/b/c", 0755);
	check_mode("a/b/c/d", 0755);
	check_mode("a/e", 0755);
	check_mode("f", 0755);
}

static void mkdir_all_refuses(void **state)
{
	static const struct {
		const char *path;
		int want;
		const char *msg;
	} rows[] = {
		{ "", -ENOENT, "cannot create directory : No such file or directory" },
		{ "file", -ENOTDIR, "cannot create directory file: it is a file" },
		{ "file/x", -ENOTDIR, "cannot create directory file/x: Not a directory" },
		{ "dangling", -ENOENT,
		  "cannot create directory dangling: No such file or directory" },
		{ "dangling/x", -ENOENT,
		  "cannot create directory dangling/x: No such file or directory" },
	};

	(void)state;
	put("file", "");
	assert_int_equal(symlink("none", "dangling"), 0);
	for (size_t i = 0; i < N_ELEMENTS(rows); i++) {
		struct err e = { 0 };

		assert_int_equal(io_mkdir_all(rows[i].path, 0755, &e), rows[i].want);
		assert_string_equal(e.msg, rows[i].msg);
	}
	assert_int_equal(n_entries(), 2);
}

static void write_file_replaces(void **state)
{
	auto_arena struct arena a = ARENA_INIT;
	auto_fd int old = -1;
	char *text = NULL;
	size_t len = 0;
	struct err e = { 0 };
	char first[8] = { 0 };

	(void)state;
	put("file", "old");
	check_mode("file", 0644); /* whatever the umask is */
	old = open("file", O_RDONLY | O_CLOEXEC);
	assert_int_equal(io_write_file("file", "new!", 4, 0600, &e), 0);
	check_mode("file", 0600);
	assert_int_equal(io_read_file(AT_FDCWD, "file", 99, true, &a, &text, &len, &e), 0);
	assert_string_equal(text, "new!");
	assert_int_equal(read(old, first, sizeof(first)), 3); /* readers keep what they opened */
	assert_string_equal(first, "old");
	assert_int_equal(n_entries(), 1);
}

static void write_file_leaves_nothing_behind_when_it_fails(void **state)
{
	struct err e = { 0 };

	(void)state;
	assert_int_equal(mkdir("dir", 0700), 0);
	assert_int_equal(io_write_file("dir", "x", 1, 0600, &e), -EISDIR);
	assert_string_equal(e.msg, "cannot replace dir: Is a directory");
	assert_int_equal(io_write_file("none/x", "x", 1, 0600, &e), -ENOENT);
	assert_string_equal(e.msg, "cannot create a file beside none/x: No such file or directory");
	assert_int_equal(n_entries(), 1);
}

#define in_directory(f) cmocka_unit_test_setup_teardown(f, enter, leave)

int main(void)
{
	const struct CMUnitTest tests[] = {
		in_directory(read_takes_up_to_the_maximum),
		in_directory(read_is_whole_below_a_directory_descriptor),
		in_directory(read_refuses),
		in_directory(write_all_tells_why_it_cannot),
		in_directory(memfd_is_rewound_and_sealed),
		in_directory(mkdir_all_makes_what_is_missing),
		in_directory(mkdir_all_refuses),
		in_directory(write_file_replaces),
		in_directory(write_file_leaves_nothing_behind_when_it_fails),
	};

	return cmocka_run_group_tests_name("io", tests, NULL, NULL);
}
