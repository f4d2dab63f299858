/* SPDX-License-Identifier: Apache-2.0 */
/*
 * A project is mounted writable and its files are later used on the host. So a directory is
 * refused that holds more than a project: what the host runs, obeys or keeps secret. One row per
 * such place. Paths are compared as text; @path is resolved, and a place that is a symlink on
 * this host counts at both ends if the probe has looked at it.
 */
#include "spec/project.h"

#include <errno.h>
#include <string.h>

#include "base/auto.h"
#include "base/path.h"

/* Where a path may not be, relative to the row's place. */
enum {
	AT = 1 << 0,     /* the place itself */
	BELOW = 1 << 1,  /* anything in it */
	ABOVE = 1 << 2,  /* a directory that contains it */
	HARD = 1 << 3,   /* no option helps */
	SYSTEM = 1 << 4, /* does not count for what is below a home that lies in there */
};

struct rule {
	const char *what; /* "a system directory" */
	const char *why;  /* what would come of it */
	unsigned reach;
	const char *places[24]; /* up to a NULL */
};

/* clang-format off */
static const struct rule rules[] = {
	{ "the root of the file system", "the sandbox would have the whole host", AT | HARD, { "/" } },
	{ "a view of the kernel", "it is no place for files", AT | BELOW | HARD, { "/proc", "/sys", "/dev" } },
	{ "the state of claude-sandbox", "whoever can write there can reach other sandboxes and the host",
	  AT | BELOW | HARD, { "$STATE", "$RUNTIME" } },
	{ "your home directory", "everything in it, keys, logins and settings, could be read and changed",
	  AT | ABOVE, { "$HOME" } },
	{ "a directory for the settings and data of all your programs", "they could be read and changed", AT,
	  { "$HOME/.config", "$HOME/.local", "$HOME/.local/share", "$HOME/.local/state", "$HOME/.cache" } },
	{ "the agent's own directory", "the host executes hooks and settings from there, and it holds your login",
	  AT | BELOW | ABOVE, { "$HOME/.claude" } },
	{ "a place for keys and logins", "whoever can read it can act in your name", AT | BELOW | ABOVE,
	  { "$HOME/.ssh", "$HOME/.gnupg", "$HOME/.aws", "$HOME/.azure", "$HOME/.kube", "$HOME/.docker",
	    "$HOME/.password-store", "$HOME/.config/gh", "$HOME/.config/gcloud", "$HOME/.config/sops",
	    "$HOME/.config/op", "$HOME/.local/share/keyrings", "$HOME/.terraform.d", "$HOME/.oci",
	    "$HOME/.netrc", "$HOME/.git-credentials", "$HOME/.npmrc", "$HOME/.pypirc", "$HOME/.claude.json" } },
	{ "a browser's or mail program's data", "it holds cookies and passwords", AT | BELOW | ABOVE,
	  { "$HOME/.mozilla", "$HOME/.thunderbird", "$HOME/.config/google-chrome", "$HOME/.config/chromium",
	    "$HOME/.config/BraveSoftware", "$HOME/.config/microsoft-edge" } },
	{ "a place from which your session starts programs", "what is written there runs on the host",
	  AT | BELOW | ABOVE,
	  { "$HOME/.local/bin", "$HOME/bin", "$HOME/.config/systemd", "$HOME/.config/autostart",
	    "$HOME/.config/environment.d", "$HOME/.config/fish", "$HOME/.local/share/applications",
	    "$HOME/.profile", "$HOME/.bashrc", "$HOME/.bash_profile", "$HOME/.bash_login", "$HOME/.bash_logout",
	    "$HOME/.zshrc", "$HOME/.zshenv", "$HOME/.zprofile" } },
	{ "a place for settings that the host obeys", "what is written there takes effect on the host",
	  AT | BELOW | ABOVE,
	  { "$HOME/.config/claude-sandbox", "$HOME/.config/git", "$HOME/.gitconfig" } },
	{ "the state of claude-sandbox", "whoever can write there can reach other sandboxes and the host",
	  ABOVE, { "$STATE", "$RUNTIME" } },
	{ "a system directory", "the host depends on it", AT | BELOW | SYSTEM,
	  { "/bin", "/boot", "/efi", "/etc", "/lib", "/lib32", "/lib64", "/libx32", "/nix", "/gnu", "/run", "/sbin",
	    "/snap", "/usr", "/var/cache", "/var/lib", "/var/log", "/var/run", "/var/spool", "/lost+found" } },
	{ "a directory that holds more than a project", "everything in it could be read and changed", AT,
	  { "/home", "/media", "/mnt", "/opt", "/root", "/srv", "/tmp", "/var", "/var/tmp" } },
	{ "the Windows system drive", "everything on it could be read and changed", AT, { "/mnt/c" } },
};
/* clang-format on */

/* Exceptions from what SYSTEM rows say: places in there where people do keep projects. */
static const char *const workplaces[] = { "/usr/local/src", "/usr/src", "/run/media" };

/* $HOME, $STATE and $RUNTIME, or the place as it is; NULL if this host has none. */
static const char *expand(const char *place, const struct facts *f, struct arena *a)
{
	const struct {
		const char *name, *value;
	} names[] = { { "$HOME", f->home },
		      { "$STATE", f->state_root },
		      { "$RUNTIME", f->runtime_root } };

	if (place[0] != '$')
		return place;
	for (size_t i = 0; i < N_ELEMENTS(names); i++) {
		size_t len = strlen(names[i].name);

		if (strncmp(place, names[i].name, len) == 0)
			return names[i].value && names[i].value[0] == '/'
				       ? path_join(a, names[i].value,
						   place[len] ? place + len + 1 : ".")
				       : NULL;
	}
	return NULL;
}

/* The one way of @reach in which @path lies at, below or above @place; 0: in none. */
static unsigned relation(unsigned reach, const char *path, const char *place)
{
	if (strcmp(path, place) == 0)
		return reach & AT;
	if (path_below(path, place))
		return reach & BELOW;
	if (path_below(place, path))
		return reach & ABOVE;
	return 0;
}

/* As the file system has it; the home itself where the probe has not looked. */
static const char *real_home(const struct facts *f)
{
	const char *real = facts_path(f, f->home)->real;

	return real ? real : f->home;
}

/* What @place really is: looked up, or by the home that it lies in. */
static const char *real_place(const struct facts *f, const char *place, struct arena *a)
{
	const char *real = facts_path(f, place)->real;

	if (real || !path_below(place, f->home))
		return real ? real : place;
	return path_join(a, real_home(f), arena_printf(a, "./%s", place + strlen(f->home)));
}

static bool is_exempt(const struct rule *rule, const struct facts *f, const char *path,
		      const char *place)
{
	const char *home = real_home(f);

	if (!(rule->reach & SYSTEM))
		return false;
	for (size_t i = 0; i < N_ELEMENTS(workplaces); i++)
		if (path_below(path, workplaces[i]) && strcmp(path, workplaces[i]) != 0)
			return true;
	/* A service's home: /var/lib/jenkins. What is private in it has rows of its own. */
	return path_below(path, home) && path_below(home, place) && strcmp(home, place) != 0;
}

static const char *relation_text(unsigned how)
{
	return how == AT ? "is" : how == BELOW ? "lies in" : "contains";
}

static int refuse(const struct rule *rule, unsigned how, const char *place, const char *what,
		  const char *path, struct err *e)
{
	return err_set(e, EPERM, "%s: %s %s %s%s%s%s: %s; choose another directory%s", what, path,
		       relation_text(how), rule->what, how == AT ? "" : " (",
		       how == AT ? "" : place, how == AT ? "" : ")", rule->why,
		       rule->reach & HARD ? "" : "; to do it anyway add --allow-unsafe-project");
}

/* The way in which @rule speaks against @path; 0: in none. */
static unsigned judge(const struct rule *rule, const struct facts *f, const char *path,
		      const char *place, struct arena *a)
{
	unsigned how = relation(rule->reach, path, place);

	if (how == 0)
		how = relation(rule->reach, path, real_place(f, place, a));
	return is_exempt(rule, f, path, place) ? 0 : how;
}

void project_paths(const struct facts *f, struct arena *a, struct strv *ret)
{
	strv_add(ret, f->home);
	for (size_t i = 0; i < N_ELEMENTS(rules); i++)
		for (size_t j = 0; rules[i].places[j]; j++)
			if (strncmp(rules[i].places[j], "$HOME/", 6) == 0)
				strv_add(ret, expand(rules[i].places[j], f, a));
}

int project_check(const struct config *c, const struct facts *f, const char *what, const char *path,
		  struct arena *a, struct err *e)
{
	for (size_t i = 0; i < N_ELEMENTS(rules); i++) {
		if (c->allow_unsafe_project && !(rules[i].reach & HARD))
			continue;
		for (size_t k = 0; rules[i].places[k]; k++) {
			const char *place = expand(rules[i].places[k], f, a);
			unsigned how = place ? judge(&rules[i], f, path, place, a) : 0;

			if (how != 0)
				return refuse(&rules[i], how, place, what, path, e);
		}
	}
	return 0;
}
