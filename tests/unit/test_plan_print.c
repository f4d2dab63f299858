/* SPDX-License-Identifier: Apache-2.0 */
#include "plan/plan.h"

#include <limits.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include <cmocka.h>

#include "base/auto.h"
#include "base/io.h"
#include "base/proc.h"
#include "run/walls.h"

#define BWRAP "/usr/bin/bwrap"

static struct arena arena;
static char dir[] = "/tmp/test_plan_print_XXXXXX";

static const struct config config = { .backend = BACKEND_BUBBLEWRAP };

static void render(struct spec *s, const char *init, struct plan *p)
{
	struct facts facts = { .bwrap = BWRAP, .init = init };
	struct err e = { 0 };

	s->config = &config;
	s->hostname = "claude-sandbox";
	s->seccomp.rules = seccomp_base;
	if (plan_render(s, &facts, &arena, p, &e) < 0)
		fail_msg("%s", e.msg);
}

static struct strv words(const char *const *items, size_t n)
{
	struct strv sv = STRV_INIT(&arena);

	strv_addn(&sv, items, n);
	return sv;
}

static const char *const small_command[] = { "echo", "it's" };
static struct mount small_mounts[] = {
	{ .kind = MOUNT_RO, .src = "/usr", .dst = "/usr" },
	{ .kind = MOUNT_TEXT, .dst = "/etc/a b", .text = "one\ntwo\n" },
	{ .kind = MOUNT_TEXT, .dst = "/etc/c", .text = "no end" },
	{ .kind = MOUNT_TEXT, .dst = "/etc/d", .text = "" },
	{ .kind = MOUNT_COPY, .src = "/home/u/.claude.json", .dst = "/home/u/.claude.json" },
};
static struct env_var small_env[] = {
	{ .name = "HOME", .value = "/home/u" },
	{ .name = "API_KEY", .value = "sk-hidden", .secret = true },
	{ .name = "A\n;B", .value = "sk-hidden", .secret = true },
	{ .name = "ODD", .value = "$(x) \"y\"" },
};
static struct host_dir small_dirs[] = { { .path = "/home/u/.local/state/x y" } };
static struct host_file small_files[] = { { .path = "/home/u/.local/state/x y/f",
					    .text = "{}\n" } };

static struct spec small_spec(void)
{
	return (struct spec){
		.cwd = "/home/u/p q",
		.net.mode = NETWORK_HOST,
		.mounts = small_mounts,
		.n_mounts = N_ELEMENTS(small_mounts),
		.env = small_env,
		.n_env = N_ELEMENTS(small_env),
		.dirs = small_dirs,
		.n_dirs = N_ELEMENTS(small_dirs),
		.files = small_files,
		.n_files = N_ELEMENTS(small_files),
		.command = words(small_command, N_ELEMENTS(small_command)),
	};
}

static const char small_text[] =
	"# For bash: the same sandbox without the launcher. The program gets this terminal "
	"instead\n"
	"# of one of its own, and what it changes in copied files is lost. The limits\n"
	"# of memory, processes and processors are the launcher's work and not part of it.\n"
	"# Taken from your environment: API_KEY.\n"
	"(\n"
	"mkdir -p -m 0700 -- '/home/u/.local/state/x y' &&\n"
	"{ test -e '/home/u/.local/state/x y/f' || "
	"printf %s $'{}\\012' > '/home/u/.local/state/x y/f'; } &&\n"
	"walls=$(mktemp) && base64 -d > \"$walls\" <<< AAEC/w== &&\n"
	"exec 15< \"$walls\" && rm -f -- \"$walls\" &&\n"
	"exec /usr/bin/bwrap \\\n"
	"  --unshare-user \\\n"
	"  --unshare-ipc \\\n"
	"  --unshare-pid \\\n"
	"  --unshare-uts \\\n"
	"  --unshare-cgroup \\\n"
	"  --disable-userns \\\n"
	"  --hostname claude-sandbox \\\n"
	"  --die-with-parent \\\n"
	"  --as-pid-1 \\\n"
	"  --cap-drop ALL \\\n"
	"  --args 14 \\\n"
	"  --chdir '/home/u/p q' \\\n"
	"  --ro-bind /usr /usr \\\n"
	"  --perms 0444 --file 10 '/etc/a b' \\\n"
	"  --perms 0444 --file 11 /etc/c \\\n"
	"  --perms 0444 --file 12 /etc/d \\\n"
	"  --perms 0600 --file 13 /home/u/.claude.json \\\n"
	"  --ro-bind /libexec/init /run/claude-sandbox/init \\\n"
	"  --remount-ro / \\\n"
	"  -- /run/claude-sandbox/init --standalone 15 -- echo 'it'\\''s' \\\n"
	"  10<<< $'one\\012two' \\\n"
	"  11< <(printf %s 'no end') \\\n"
	"  12< /dev/null \\\n"
	"  13< /home/u/.claude.json \\\n"
	"  14< <(printf '%s\\0' --clearenv \\\n"
	"    --setenv HOME /home/u \\\n"
	"    ${API_KEY+--setenv API_KEY \"$API_KEY\"} \\\n"
	"    --setenv ODD '$(x) \"y\"')\n"
	")\n";

static void text_is_as_expected(void **state)
{
	static const unsigned char walls[] = { 0, 1, 2, 255 };
	struct buf b = BUF_INIT(65536);
	struct spec s = small_spec();
	struct plan p;

	(void)state;
	render(&s, "/libexec/init", &p);
	plan_print(&p, walls, sizeof(walls), &b);
	assert_string_equal(buf_text(&b), small_text);
	buf_done(&b);
}

static const char small_json[] =
	"{\n"
	"  \"backend\": \"bubblewrap\",\n"
	"  \"argv\": [\"/usr/bin/bwrap\", \"--unshare-user\", \"--unshare-ipc\", "
	"\"--unshare-pid\", "
	"\"--unshare-uts\", \"--unshare-cgroup\", \"--disable-userns\", \"--hostname\", "
	"\"claude-sandbox\", \"--die-with-parent\", \"--as-pid-1\", \"--cap-drop\", \"ALL\", "
	"\"--clearenv\", \"--chdir\", \"/\", \"--perms\", \"0444\", \"--file\", \"10\", "
	"\"/etc/\xef\xbf\xbd\\n\", \"--ro-bind\", \"/libexec/init\", \"/run/claude-sandbox/init\", "
	"\"--remount-ro\", \"/\", \"--\", \"/run/claude-sandbox/init\", \"--channel\", \"3\"],\n"
	"  \"wrapper_argv\": [\"/usr/bin/bwrap\", \"--unshare-user\", \"--unshare-ipc\", "
	"\"--unshare-pid\", \"--unshare-uts\", \"--unshare-cgroup\", \"--disable-userns\", "
	"\"--hostname\", \"claude-sandbox\", \"--die-with-parent\", \"--as-pid-1\", "
	"\"--cap-drop\", "
	"\"ALL\", \"--clearenv\", \"--chdir\", \"/\", \"--perms\", \"0444\", \"--file\", "
	"\"10\", \"/etc/\xef\xbf\xbd\\n\", \"--ro-bind\", \"/libexec/init\", "
	"\"/run/claude-sandbox/init\", \"--remount-ro\", \"/\", \"--\"],\n"
	"  \"fds\": [\n"
	"    { \"number\": 3, \"what\": \"channel between launcher and init\" },\n"
	"    { \"number\": 10, \"what\": \"/etc/\xef\xbf\xbd\\n\", \"content_base64\": "
	"\"YWJjZA==\" }\n"
	"  ],\n"
	"  \"env\": {\n"
	"    \"HOME\": \"/home/u\",\n"
	"    \"API_KEY\": null\n"
	"  },\n"
	"  \"command\": [\"true\"],\n"
	"  \"cwd\": \"/\"\n"
	"}\n";

static void json_is_as_expected(void **state)
{
	static const char *const command[] = { "true" };
	struct mount mount = { .kind = MOUNT_TEXT, .dst = "/etc/\xff\n", .text = "abcd" };
	struct buf b = BUF_INIT(65536);
	struct plan p;
	struct spec s = { .cwd = "/",
			  .net.mode = NETWORK_HOST,
			  .mounts = &mount,
			  .n_mounts = 1,
			  .env = small_env,
			  .n_env = 2,
			  .command = words(command, 1) };

	(void)state;
	render(&s, "/libexec/init", &p);
	plan_print_json(&p, &b);
	assert_string_equal(buf_text(&b), small_json);
	buf_done(&b);
}

/* What the pasted sandbox must look like from inside; the exit code names the line. */
static const char checks[] = "test \"$PWD\" = \"$HOME\" && test \"$(pwd)\" = \"$HOME\" || exit 11\n"
			     "test \"$API_KEY\" = 'sk '\\''x'\\''' || exit 12\n"
			     "test \"${UNSET-none}\" = none || exit 13\n"
			     "test \"$ODD\" = '$(echo) `echo` \\\"*\n ' || exit 14\n"
			     "test \"${LEFT-none}\" = none || exit 15\n"
			     "test \"$(sha256sum < /etc/text)\" = \"$WANT\" || exit 16\n"
			     "test \"$(cat /etc/copied)\" = copied || exit 17\n"
			     "test \"$1\" = 'a\n'\\''b\"' && test $# = 1 || exit 18\n"
			     "test \"$(cat 'made by'/f)\" = first || exit 19\n"
			     "grep -q \"^Seccomp:.$MODE$\" /proc/self/status || exit 20\n"
			     "exit 42\n";

static const char stand_in[] =
	"#!/bin/sh\n"
	"test \"$1\" = --standalone && test \"$3\" = -- || exit 125\n"
	"test \"$(readlink /proc/self/fd/$2 | cut -c 1-5)\" = /tmp/ || exit 124\n"
	"shift 3\n"
	"exec \"$@\"\n";

static char *in_dir(const char *name)
{
	return arena_printf(&arena, "%s/%s", dir, name);
}

static void write_file(const char *path, const char *text, mode_t mode)
{
	struct err e = { 0 };

	if (io_write_file(path, text, strlen(text), mode, &e) < 0)
		fail_msg("%s", e.msg);
}

static void paste(const char *line, char **ret_output, int *ret_status)
{
	const char *const argv[] = { "/bin/bash", "-c", line, NULL };
	const char *const envp[] = { "PATH=/usr/bin:/bin", "API_KEY=sk 'x'", "LEFT=over",
				     arena_printf(&arena, "TMPDIR=%s/tmp", dir), NULL };
	const struct cmd cmd = { .argv = argv, .envp = envp };
	struct err e = { 0 };

	if (proc_output(&cmd, 65536, 30000, ret_output, ret_status, &e) < 0)
		fail_msg("%s", e.msg);
}

/* SHA-256 of the text below, by the tool that the check inside uses. */
static char *digest_of(const char *text)
{
	int status = -1;
	char *output = NULL;
	char *digest;

	write_file(in_dir("text"), text, 0600);
	paste(arena_printf(&arena, "sha256sum < %s/text", dir), &output, &status);
	assert_int_equal(status, 0);
	digest = arena_strndup(&arena, output, strcspn(output, "\n"));
	free(output);
	return digest;
}

/* @mode: what /proc/PID/status says of seccomp: 2 with a filter, 0 without. */
static void check_pasted(const char *init, const char *mode)
{
	const char *const command[] = { "/bin/sh", "-c", checks, "sh", "a\n'b\"" };
	static const char text[] = "first 'line'\n\n\ttab $HOME \\n \xff\xc3\xa4\n\n";
	struct mount mounts[] = {
		{ .kind = MOUNT_RO, .src = "/usr", .dst = "/usr" },
		{ .kind = MOUNT_SYMLINK, .src = "usr/bin", .dst = "/bin" },
		{ .kind = MOUNT_SYMLINK, .src = "usr/lib", .dst = "/lib" },
		{ .kind = MOUNT_SYMLINK, .src = "usr/lib64", .dst = "/lib64" },
		{ .kind = MOUNT_PROC, .dst = "/proc" },
		{ .kind = MOUNT_DEV, .dst = "/dev" },
		{ .kind = MOUNT_TMPFS, .dst = "/tmp", .mode = 01777 },
		{ .kind = MOUNT_TMPFS, .dst = "/run" },
		{ .kind = MOUNT_TEXT, .dst = "/etc/text", .text = text },
		{ .kind = MOUNT_COPY, .src = in_dir("copied"), .dst = "/etc/copied" },
		{ .kind = MOUNT_RW, .src = in_dir("p"), .dst = "/home/a b'c\n\"d" },
	};
	struct env_var env[] = {
		{ .name = "HOME", .value = "/home/a b'c\n\"d" },
		{ .name = "PATH", .value = "/usr/bin" },
		{ .name = "API_KEY", .value = "sk 'x'", .secret = true },
		{ .name = "UNSET", .value = "known to the launcher only", .secret = true },
		{ .name = "ODD", .value = "$(echo) `echo` \\\"*\n " },
		{ .name = "WANT", .value = digest_of(text) },
		{ .name = "MODE", .value = mode },
	};
	struct host_dir dirs[] = { { .path = in_dir("p/made by") } };
	struct host_file files[] = { { .path = in_dir("p/made by/f"), .text = "first" } };
	struct spec s = { .cwd = env[0].value,
			  .net.mode = NETWORK_NONE,
			  .mounts = mounts,
			  .n_mounts = N_ELEMENTS(mounts),
			  .env = env,
			  .n_env = N_ELEMENTS(env),
			  .dirs = dirs,
			  .n_dirs = 1,
			  .files = files,
			  .n_files = 1,
			  .command = words(command, N_ELEMENTS(command)) };
	auto_free char *output = NULL;
	struct buf b = BUF_INIT(65536);
	struct plan p;
	struct err e = { 0 };
	void *walls = NULL;
	size_t size = 0;
	int status = -1;

	render(&s, init, &p);
	if (walls_pack(&s, true, &arena, &walls, &size, &e) < 0)
		fail_msg("%s", e.msg);
	plan_print(&p, walls, size, &b);
	assert_null(strstr(buf_text(&b), "sk 'x'"));
	paste(buf_text(&b), &output, &status);
	if (status != 42)
		fail_msg("status %d: %s\n%s", status, output, buf_text(&b));
	buf_done(&b);
}

/* What bwrap 0.8 can do on a host that lets ordinary users have namespaces. */
static bool bwrap_works(void)
{
	auto_free char *output = NULL;
	int status = -1;

	paste(BWRAP " --unshare-user --disable-userns --ro-bind / / true", &output, &status);
	if (status != 0)
		print_message("bwrap does not work here: %s\n", output);
	return status == 0;
}

/* The walls' file is gone, and nothing but the state that was asked for has been made. */
static void check_left(void)
{
	auto_free char *output = NULL;
	int status = -1;

	paste(arena_printf(&arena, "cd %s && find . | sort | xargs -d '\\n' echo", dir), &output,
	      &status);
	assert_string_equal(output,
			    ". ./copied ./init ./p ./p/made by ./p/made by/f ./text ./tmp\n");
}

static void it_runs_when_pasted(void **state)
{
	(void)state;
	if (!bwrap_works())
		skip();
	check_pasted(in_dir("init"), "0");
	check_left();
}

/* With the init of this build, which raises the walls. */
static void it_runs_with_the_real_init(void **state)
{
	char exe[PATH_MAX] = "";
	const char *init;

	(void)state;
	if (!bwrap_works())
		skip();
	assert_true(readlink("/proc/self/exe", exe, sizeof(exe) - 1) > 0);
	*strrchr(exe, '/') = '\0';
	init = arena_printf(&arena, "%s/../../libexec/claude-sandbox/init", exe);
	assert_int_equal(access(init, X_OK), 0);
	check_pasted(init, "2");
	check_left();
}

static int setup(void **state)
{
	(void)state;
	if (!mkdtemp(dir) || mkdir(in_dir("p"), 0755) < 0 || mkdir(in_dir("tmp"), 0755) < 0)
		return -1;
	write_file(in_dir("copied"), "copied", 0600);
	write_file(in_dir("init"), stand_in, 0755);
	return 0;
}

static int teardown(void **state)
{
	static const char *const files[] = { "copied", "init", "text", "p/made by/f" };
	static const char *const dirs[] = { "p/made by", "p", "tmp" };
	int r;

	(void)state;
	for (size_t i = 0; i < N_ELEMENTS(files); i++)
		(void)unlink(in_dir(files[i]));
	for (size_t i = 0; i < N_ELEMENTS(dirs); i++)
		(void)rmdir(in_dir(dirs[i]));
	r = rmdir(dir);
	arena_done(&arena);
	return r;
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(text_is_as_expected),
		cmocka_unit_test(json_is_as_expected),
		cmocka_unit_test(it_runs_when_pasted),
		cmocka_unit_test(it_runs_with_the_real_init),
	};

	return cmocka_run_group_tests(tests, setup, teardown);
}
