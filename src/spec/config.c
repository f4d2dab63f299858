/* SPDX-License-Identifier: Apache-2.0 */
/*
 * The rows of struct config, the presets of the three levels, and the merge of layers. What
 * belongs to a later version is a row as well, so that it is documented and refused by name.
 */
#include "spec/config.h"

#include <errno.h>
#include <stdlib.h>

#include "base/auto.h"

const char *const backend_names[] = { "vm", "container", "bubblewrap", NULL };
const char *const level_names[] = { "strict", "default", "compat", NULL };
const char *const network_names[] = { "none", "filtered", "nat", "host", NULL };
static const char *const profile_names[] = { "minimal", "default", "full", NULL };
static const char *const display_names[] = { "none", "virtual", "nested", "auto", "host", NULL };
static const char *const claude_names[] = { "readonly", "layered", "shared", NULL };
static const char *const git_names[] = { "none", "cleaned", "raw", NULL };
static const char *const ssh_names[] = { "none", "known-hosts", "all", NULL };
static const char *const ptrace_names[] = { "none", "own", NULL };
static const char *const terminal_names[] = { "filtered", "raw", NULL };
static const char *const ssh_agent_names[] = { "none", "guarded", "raw", NULL };

#define BOOL(m, ...) F_BOOL(struct config, m, __VA_ARGS__)
#define UINT(m, ...) F_UINT(struct config, m, __VA_ARGS__)
#define STR(m, ...) F_STR(struct config, m, __VA_ARGS__)
#define ENUM(m, ...) F_ENUM(struct config, m, __VA_ARGS__)
#define LIST(m, ...) F_LIST(struct config, m, __VA_ARGS__)
#define MAP(m, ...) F_MAP(struct config, m, __VA_ARGS__)
#define NOT_YET "is not part of this version yet"

/* clang-format off */
const struct field config_fields[] = {
	/* How strong */
	ENUM(level, .group = "Isolation", .names = level_names, .env = "CLAUDE_SANDBOX_LEVEL", .tighten = TIGHTEN_STRICTER,
	     .help = "how much of the host is let in"),
	ENUM(backend, .group = "Isolation", .names = backend_names, .env = "CLAUDE_SANDBOX_BACKEND", .tighten = TIGHTEN_STRICTER,
	     .help = "what isolates: user namespaces, systemd-nspawn or a virtual machine"),
	ENUM(network, .group = "Isolation", .names = network_names, .env = "CLAUDE_SANDBOX_NETWORK", .tighten = TIGHTEN_STRICTER,
	     .help = "what the sandbox can reach"),
	BOOL(allow_degraded, .group = "Isolation", .flags = FIELD_NO_KEY,
	     .help = "start even if something asked for cannot be enforced here, and say what"),
	BOOL(allow_unsafe_project, .group = "Isolation", .flags = FIELD_NO_KEY,
	     .help = "accept a project directory that would expose more than a project"),
	ENUM(ptrace, .group = "Isolation", .names = ptrace_names, .tighten = TIGHTEN_STRICTER,
	     .help = "whether debuggers work inside, on processes of the sandbox"),
	ENUM(terminal, .group = "Isolation", .names = terminal_names, .tighten = TIGHTEN_STRICTER,
	     .help = "what reaches your terminal: filtered stops clipboard writes, reports and the like"),
	LIST(blocked_syscalls, .group = "Isolation", .flags = FIELD_NO_OPTION, .tighten = TIGHTEN_ADD,
	     .help = "system calls to refuse besides the built-in ones"),
	LIST(blocked_commands, .group = "Isolation", .flags = FIELD_NO_OPTION, .tighten = TIGHTEN_ADD,
	     .later = NOT_YET, .help = "command patterns to refuse"),

	/* What is let in */
	LIST(extra_bind, .group = "Sharing", .arg = "DIR", .help = "also show DIR, writable; may be given again"),
	LIST(extra_ro_binds, .group = "Sharing", .option = "extra-ro", .arg = "PATH",
	     .help = "also show PATH, read-only; may be given again"),
	LIST(env, .group = "Sharing", .arg = "NAME", .help = "also pass the variable NAME; may be given again"),
	LIST(extra_path, .group = "Sharing", .flags = FIELD_NO_OPTION, .help = "directories to add to PATH"),
	ENUM(claude_config, .group = "Sharing", .names = claude_names, .tighten = TIGHTEN_STRICTER,
	     .help = "how ~/.claude is shown"),
	ENUM(git_config, .group = "Sharing", .names = git_names, .tighten = TIGHTEN_STRICTER,
	     .help = "which of git's configuration is shown"),
	ENUM(ssh_files, .group = "Sharing", .names = ssh_names, .tighten = TIGHTEN_STRICTER,
	     .help = "which of ~/.ssh is shown"),
	ENUM(ssh_agent, .group = "Sharing", .names = ssh_agent_names, .tighten = TIGHTEN_STRICTER,
	     .help = "how the ssh agent is forwarded"),
	BOOL(no_ssh_agent, .group = "Sharing", .flags = FIELD_NO_KEY, .help = "the same as --ssh-agent none"),
	BOOL(gh_config, .group = "Sharing", .flags = FIELD_NO_OPTION, .tighten = TIGHTEN_FALSE,
	     .help = "show ~/.config/gh, token included"),
	BOOL(gh_token, .group = "Sharing", .tighten = TIGHTEN_FALSE,
	     .help = "pass GH_TOKEN and GITHUB_TOKEN and show ~/.config/gh"),
	BOOL(nix_daemon, .group = "Sharing", .tighten = TIGHTEN_FALSE,
	     .help = "let builds reach the Nix daemon"),

	/* Tools and agent */
	STR(agent, .group = "Agent", .arg = "NAME", .env = "CLAUDE_SANDBOX_AGENT", .help = "which agent to start"),
	BOOL(yolo, .group = "Agent", .flags = FIELD_SESSION, .help = "the agent asks for no permissions (the sandbox is the fence)"),
	BOOL(shell, .group = "Agent", .flags = FIELD_NO_KEY, .help = "start a shell instead of the agent"),
	BOOL(exec, .group = "Agent", .flags = FIELD_NO_KEY, .help = "the words after DIR are a command, whatever they look like"),
	BOOL(args, .group = "Agent", .flags = FIELD_NO_KEY, .help = "the words after DIR are arguments of the agent, whatever they look like"),
	ENUM(profile, .group = "Agent", .names = profile_names, .env = "CLAUDE_SANDBOX_PROFILE",
	     .help = "which tools are expected (see --test)"),
	MAP(packages, .group = "Agent", .flags = FIELD_NO_OPTION, .later = NOT_YET,
	    .help = "Nix packages to add, per profile"),

	/* How much of the machine */
	UINT(memory_mib, .group = "Limits", .option = "memory", .arg = "SIZE", .flags = FIELD_SIZE, .min = 64, .max = 1ULL << 24, .tighten = TIGHTEN_LOWER,
	     .help = "memory of the whole sandbox, its /tmp included"),
	UINT(cpus, .group = "Limits", .arg = "N", .min = 1, .max = 4096, .tighten = TIGHTEN_LOWER, .help = "processors that it can keep busy"),
	UINT(pids, .group = "Limits", .arg = "N", .min = 16, .max = 1U << 22, .tighten = TIGHTEN_LOWER, .help = "processes and threads"),
	UINT(open_files, .group = "Limits", .flags = FIELD_NO_OPTION, .min = 64, .max = 1U << 30, .tighten = TIGHTEN_LOWER,
	     .help = "open files of each process"),
	UINT(tmp_mib, .group = "Limits", .flags = FIELD_NO_OPTION | FIELD_SIZE, .min = 1, .max = 1ULL << 24, .tighten = TIGHTEN_LOWER,
	     .help = "size of /tmp"),
	UINT(shm_mib, .group = "Limits", .flags = FIELD_NO_OPTION | FIELD_SIZE, .min = 1, .max = 1ULL << 24, .tighten = TIGHTEN_LOWER,
	     .help = "size of /dev/shm"),
	UINT(disk_mib, .group = "Limits", .option = "disk", .arg = "SIZE", .flags = FIELD_SIZE, .min = 1, .max = 1ULL << 32, .tighten = TIGHTEN_LOWER,
	     .help = "what is written to disks; needs --allow-degraded, and then holds single files only"),

	/* Settings */
	STR(config_file, .group = "Configuration", .option = "config", .arg = "FILE", .flags = FIELD_NO_KEY, .env = "CLAUDE_SANDBOX_CONFIG",
	    .help = "read FILE instead of the user's config file"),
	BOOL(no_config, .group = "Configuration", .flags = FIELD_NO_KEY, .help = "do not read the user's config file"),

	/* Sessions */
	BOOL(new_sandbox, .group = "Sessions", .option = "new", .flags = FIELD_NO_KEY, .help = "start a separate sandbox instead of joining the one that runs"),
	BOOL(detach, .group = "Sessions", .flags = FIELD_NO_KEY, .help = "leave the session running in the background"),
	BOOL(tmux, .group = "Sessions", .flags = FIELD_NO_KEY, .help = "run in tmux inside; the sandbox lives on while tmux does"),
	BOOL(enter, .group = "Sessions", .flags = FIELD_NO_KEY, .help = "open a shell (or COMMAND) in the running sandbox"),
	BOOL(attach, .group = "Sessions", .flags = FIELD_NO_KEY, .help = "show the session that was started with --detach"),
	BOOL(list, .group = "Sessions", .flags = FIELD_NO_KEY, .help = "list running sandboxes"),
	BOOL(stop, .group = "Sessions", .flags = FIELD_NO_KEY, .help = "end the running sandbox"),
	BOOL(freeze, .group = "Sessions", .flags = FIELD_NO_KEY, .help = "stop everything inside until --thaw"),
	BOOL(thaw, .group = "Sessions", .flags = FIELD_NO_KEY, .help = "let a frozen sandbox go on"),

	/* Instead of starting */
	BOOL(dry_run, .group = "Instead of starting", .flags = FIELD_NO_KEY, .help = "print what would be run, as a line for bash, and start nothing"),
	BOOL(explain, .group = "Instead of starting", .flags = FIELD_NO_KEY, .help = "print the sandbox: every mount, variable and rule with its reason"),
	BOOL(json, .group = "Instead of starting", .flags = FIELD_NO_KEY, .help = "with --dry-run, --explain, --test, --security-test and --list: print JSON"),
	BOOL(test, .group = "Instead of starting", .flags = FIELD_NO_KEY, .help = "check whether this host can run sandboxes, with a remedy for each failure"),
	BOOL(security_test, .group = "Instead of starting", .flags = FIELD_NO_KEY, .help = "attack the sandbox that would be started, from inside and without harm; exit 1 if a promise fell"),
	BOOL(list_syscalls, .group = "Instead of starting", .flags = FIELD_NO_KEY, .help = "list the names that blocked_syscalls understands"),
	BOOL(version, .group = "Instead of starting", .flags = FIELD_NO_KEY, .help = "print the version"),
	BOOL(help, .letter = 'h', .group = "Instead of starting", .flags = FIELD_NO_KEY, .help = "print this text"),
	BOOL(verbose, .letter = 'v', .group = "Instead of starting", .env = "CLAUDE_SANDBOX_VERBOSE", .flags = FIELD_NO_KEY, .help = "print the sandbox before starting it"),

	/* Later */
	ENUM(display, .group = "Later", .names = display_names, .tighten = TIGHTEN_STRICTER, .later = NOT_YET, .help = "which screen the sandbox sees"),
	BOOL(audio, .group = "Later", .tighten = TIGHTEN_FALSE, .later = NOT_YET, .help = "play sound"),
	BOOL(dbus, .group = "Later", .tighten = TIGHTEN_FALSE, .later = NOT_YET, .help = "reach the session bus through a filter"),
	BOOL(gpu, .group = "Later", .tighten = TIGHTEN_FALSE, .later = NOT_YET, .help = "use the graphics card"),
	LIST(egress_whitelist, .group = "Later", .flags = FIELD_NO_OPTION, .later = NOT_YET, .help = "hosts that may be reached"),
	LIST(egress_blacklist, .group = "Later", .flags = FIELD_NO_OPTION, .tighten = TIGHTEN_ADD, .later = NOT_YET, .help = "hosts that may not be reached"),
	BOOL(no_egress_filter, .group = "Later", .flags = FIELD_NO_KEY, .later = NOT_YET, .help = "the same as --network host"),
	F_END,
};
/* clang-format on */

/*
 * What each level sets. Until the filtered network exists, default uses the host's and strict
 * has none; until the agent guard exists, only compat forwards the ssh agent.
 */
struct preset {
	const char *field;
	const char *value[N_LEVELS]; /* strict, default, compat */
};

static const struct preset presets[] = {
	{ "network", { "none", "host", "host" } },
	{ "claude_config", { "layered", "layered", "shared" } },
	{ "git_config", { "cleaned", "cleaned", "raw" } },
	{ "ssh_files", { "known-hosts", "known-hosts", "all" } },
	{ "ssh_agent", { "none", "none", "raw" } },
	{ "gh_config", { "false", "false", "true" } },
	{ "nix_daemon", { "false", "true", "true" } },
	{ "ptrace", { "none", "own", "own" } },
};

void config_init(struct config *c, struct arena *a)
{
	*c = (struct config){
		.level = LEVEL_DEFAULT,
		.backend = BACKEND_BUBBLEWRAP,
		.profile = PROFILE_DEFAULT,
		.agent = "claude",
	};
	for (const struct field *row = config_fields; row->name; row++)
		if (row->type == FIELD_LIST || row->type == FIELD_MAP)
			((struct strv *)field_at(row, c))->arena = a;
}

/* A preset is our own text: a value that does not fit its row is a bug, seen by the first test. */
static void apply_level(struct config *c, unsigned level, struct arena *a, const char **origin)
{
	struct err e;

	for (size_t i = 0; i < N_ELEMENTS(presets); i++) {
		const struct field *row = field_find(config_fields, presets[i].field);

		if (!row || field_set(row, c, presets[i].value[level], a, &e) < 0)
			abort();
		if (origin)
			origin[field_index(config_fields, row)] =
				arena_printf(a, "level %s", level_names[level]);
	}
}

void config_of_level(unsigned level, struct arena *a, struct config *ret)
{
	config_init(ret, a);
	ret->level = level;
	apply_level(ret, level, a, NULL);
}

static bool is_tighter(const struct field *row, const struct config *now,
		       const struct config *asked)
{
	const void *a = field_of(row, now);
	const void *b = field_of(row, asked);

	switch (row->tighten) {
	case TIGHTEN_NEVER:
		return false;
	case TIGHTEN_TRUE:
		return *(const bool *)b;
	case TIGHTEN_FALSE:
		return !*(const bool *)b;
	case TIGHTEN_LOWER:
		return *(const uint64_t *)a == 0 || *(const uint64_t *)b <= *(const uint64_t *)a;
	case TIGHTEN_STRICTER:
		return *(const unsigned *)b <= *(const unsigned *)a;
	case TIGHTEN_ADD:
		return true;
	}
	return false;
}

/* Of a project's own file: what tightens is applied, the rest is listed and left out. */
static struct field_mask keep_tighter(const struct config_layer *layer, struct arena *a,
				      struct config_result *ret)
{
	struct field_mask kept = { 0 };

	for (size_t i = 0; config_fields[i].name; i++) {
		struct buf b = BUF_INIT(4096);

		if (!field_mask_has(&layer->set, i))
			continue;
		if (is_tighter(&config_fields[i], &ret->config, &layer->values)) {
			field_mask_put(&kept, i, true);
			continue;
		}
		field_print(&config_fields[i], &layer->values, &b);
		strv_add(&ret->refused,
			 arena_printf(a, "%s = %s", config_fields[i].name, buf_text(&b)));
		buf_done(&b);
	}
	return kept;
}

/* A project's "level": whatever of that level is tighter than what holds so far. */
static void tighten_to_level(unsigned level, const char *origin, struct arena *a,
			     struct config_result *ret)
{
	struct config preset;

	config_of_level(level, a, &preset);
	for (size_t i = 0; i < N_ELEMENTS(presets); i++) {
		const struct field *row = field_find(config_fields, presets[i].field);
		size_t index = field_index(config_fields, row);
		struct field_mask this = { 0 };

		if (!is_tighter(row, &ret->config, &preset))
			continue;
		field_mask_put(&this, index, true);
		field_merge(config_fields, &ret->config, &preset, &this, a);
		ret->origin[index] = origin;
	}
}

static void apply_layer(const struct config_layer *layer, struct arena *a,
			struct config_result *ret)
{
	struct field_mask set = layer->tighten_only ? keep_tighter(layer, a, ret) : layer->set;

	if (layer->tighten_only &&
	    field_mask_has(&set, field_index(config_fields, field_find(config_fields, "level"))))
		tighten_to_level(layer->values.level, layer->origin, a, ret);
	field_merge(config_fields, &ret->config, &layer->values, &set, a);
	for (size_t i = 0; config_fields[i].name; i++)
		if (field_mask_has(&set, i)) {
			ret->origin[i] = layer->origin;
			field_mask_put(&ret->tightened, i, layer->tighten_only);
		}
}

static int check_later(const struct config_result *r, struct arena *a, struct err *e)
{
	for (size_t i = 0; config_fields[i].name; i++) {
		const struct field *row = &config_fields[i];
		bool is_option = !(row->flags & FIELD_NO_OPTION);

		if (!row->later || !r->origin[i] || (r->config.allow_degraded && !is_option))
			continue;
		return err_set(e, ENOTSUP, "%s (from %s) %s%s",
			       is_option ? arena_printf(a, "--%s", field_option(row, a))
					 : arena_printf(a, "'%s'", row->name),
			       r->origin[i], row->later,
			       is_option
				       ? "; start without it"
				       : ", so it would not be enforced; remove it, or accept that "
					 "with --allow-degraded");
	}
	return 0;
}

/* What is done instead of starting an agent: one thing at a time. */
int config_check_actions(const struct config *c, struct arena *a, struct err *e)
{
	static const char *const actions[] = { "dry_run", "explain", "test",   "list_syscalls",
					       "enter",   "attach",  "list",   "stop",
					       "freeze",  "thaw",    "detach", "security_test",
					       NULL };
	const struct field *first = NULL;

	for (const char *const *name = actions; *name; name++) {
		const struct field *row = field_find(config_fields, *name);

		if (!*(const bool *)field_of(row, c))
			continue;
		if (first)
			return err_set(e, EINVAL,
				       "--%s and --%s exclude each other; give one of them",
				       field_option(first, a), field_option(row, a));
		first = row;
	}
	if (c->json && !c->dry_run && !c->explain && !c->test && !c->security_test && !c->list)
		return err_set(e, EINVAL,
			       "--json needs --dry-run, --explain, --test, --security-test or "
			       "--list");
	return 0;
}

static int check_contradictions(const struct config *c, struct arena *a, struct err *e)
{
	int r = config_check_actions(c, a, e);

	if (r < 0)
		return r;
	if ((unsigned)c->shell + c->exec + c->args > 1)
		return err_set(e, EINVAL,
			       "--shell, --exec and --args exclude each other; give one of them");
	if (c->security_test && (c->shell || c->args || c->tmux))
		return err_set(e, EINVAL,
			       "--security-test starts a program of its own in the sandbox; leave "
			       "out --shell, --args and --tmux");
	if (c->no_config && c->config_file)
		return err_set(e, EINVAL,
			       "--no-config and --config exclude each other; give one of them");
	if (c->detach && c->tmux)
		return err_set(e, EINVAL,
			       "--detach and --tmux exclude each other; with --tmux leave "
			       "with tmux's own keys (C-b d)");
	return 0;
}

static unsigned level_of(const struct config_layer *layers, size_t n)
{
	size_t row = field_index(config_fields, field_find(config_fields, "level"));
	unsigned level = LEVEL_DEFAULT;

	for (size_t i = 0; i < n; i++) {
		unsigned asked = layers[i].values.level;

		if (field_mask_has(&layers[i].set, row) &&
		    !(layers[i].tighten_only && asked > level))
			level = asked;
	}
	return level;
}

int config_merge(const struct config_layer *layers, size_t n, struct arena *a,
		 struct config_result *ret, struct err *e)
{
	int r;

	*ret = (struct config_result){ .refused = STRV_INIT(a) };
	config_init(&ret->config, a);
	apply_level(&ret->config, level_of(layers, n), a, ret->origin);
	for (size_t i = 0; i < n; i++)
		apply_layer(&layers[i], a, ret);
	if (ret->config.no_ssh_agent)
		ret->config.ssh_agent = AGENT_NONE;
	if (ret->config.gh_token)
		ret->config.gh_config = true;
	r = check_contradictions(&ret->config, a, e);
	return r < 0 ? r : check_later(ret, a, e);
}
