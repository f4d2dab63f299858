/* SPDX-License-Identifier: Apache-2.0 */
#include "spec/browser.h"

#include <stddef.h>
#include <string.h>

#include "base/auto.h"
#include "spec/agent.h"
#include "spec/facts.h"
#include "spec/spec.h"

#define WRAPPER AGENT_BIN_DIR "/chromium"
#define OPENER AGENT_BIN_DIR "/xdg-open"

/* Debian and Nix; Google's; Ubuntu's last, where it may be a stub for a snap that is not seen inside. */
const char *const browser_names[] = { "chromium", "google-chrome-stable", "google-chrome",
				      "chromium-browser", NULL };

/* chromium_sh, xdg_open_sh and policy_json: data/browser. */
#include "spec/browser_texts.inc"

#define PLACE "@PROGRAM@"

bool browser_is_wanted(const struct config *c, const struct facts *f)
{
	return c->browser && f->browser.program;
}

static void add_text(struct spec *s, struct arena *a, const char *path, const char *text,
		     mode_t mode, const char *why)
{
	spec_mount(s, a,
		   (struct mount){ .kind = MOUNT_TEXT,
				   .dst = path,
				   .text = text,
				   .mode = mode,
				   .share = "browser",
				   .why = why });
}

static void add_names(struct spec *s, struct arena *a, const char *first, const char *const *others,
		      const char *why)
{
	for (size_t i = 0; others[i]; i++)
		spec_mount(s, a,
			   (struct mount){ .kind = MOUNT_SYMLINK,
					   .src = first,
					   .dst = arena_printf(a, AGENT_BIN_DIR "/%s", others[i]),
					   .share = "browser",
					   .why = why });
}

static bool is_google(const struct facts *f)
{
	return strncmp(f->browser.name, "google", strlen("google")) == 0;
}

static const char *wrapper(const struct facts *f, struct arena *a)
{
	const char *place = strstr(chromium_sh, PLACE);

	return arena_printf(a, "%.*s%s%s", (int)(place - chromium_sh), chromium_sh,
			    f->browser.program, place + strlen(PLACE));
}

static void add_programs(const struct facts *f, struct arena *a, struct spec *s)
{
	static const char *const names[] = { "chromium-browser", NULL };
	static const char *const google[] = { "chromium-browser", "google-chrome",
					      "google-chrome-stable", NULL };
	static const char *const openers[] = { "open", "sensible-browser", "x-www-browser", NULL };
	static const char why[] = "the browser, with a profile of this project";
	static const char why_opener[] = "pages and files are opened in the sandbox's browser";

	add_text(s, a, WRAPPER, wrapper(f, a), 0555, why);
	add_names(s, a, WRAPPER, is_google(f) ? google : names, why);
	add_text(s, a, OPENER, xdg_open_sh, 0555, why_opener);
	add_names(s, a, OPENER, openers, why_opener);
	add_text(s, a,
		 is_google(f) ? "/etc/opt/chrome/policies/managed/default.json"
			      : "/etc/chromium/policies/managed/default.json",
		 policy_json, 0444, "what the browser is told by its administrator");
}

/* Where the tools look that drive a browser, so that none of them downloads one. */
static void add_variables(const struct facts *f, struct arena *a, struct spec *s)
{
	const struct env_var vars[] = {
		{ .name = "CHROMIUM_USER_DATA_DIR",
		  .value = arena_printf(a, "%s/.local/share/chromium", f->home),
		  .why = "the browser's profile, kept per project" },
		{ .name = "BROWSER", .value = OPENER, .why = "pages are opened inside" },
		{ .name = "CHROME_PATH", .value = WRAPPER, .why = "lighthouse, chrome-launcher" },
		{ .name = "CHROME_BIN", .value = WRAPPER, .why = "karma" },
		{ .name = "PUPPETEER_EXECUTABLE_PATH", .value = WRAPPER, .why = "puppeteer" },
		{ .name = "PUPPETEER_SKIP_DOWNLOAD",
		  .value = "true",
		  .why = "puppeteer fetches no browser when it is installed" },
		{ .name = "PLAYWRIGHT_MCP_EXECUTABLE_PATH",
		  .value = WRAPPER,
		  .why = "Playwright's MCP server" },
	};

	for (size_t i = 0; i < N_ELEMENTS(vars); i++)
		spec_env(s, a, vars[i]);
}

void spec_add_browser(const struct config *c, const struct facts *f, struct arena *a,
		      struct spec *s)
{
	if (!browser_is_wanted(c, f))
		return;
	add_programs(f, a, s);
	add_variables(f, a, s);
	if (s->net.mode == NETWORK_HOST)
		strv_add(&s->details, "browser: the network is the host's, so its "
				      "--remote-debugging-port is reached by programs of the host "
				      "as well");
}
