/* SPDX-License-Identifier: Apache-2.0 */
/*
 * A path on this machine is refused though git itself runs nothing when it fetches from one: "git
 * push" runs the hooks of the repository that it finds there, and that may be one which the sandbox
 * made.
 */
#include "spec/giturl.h"

#include <stdbool.h>
#include <stddef.h>
#include <string.h>
#include <strings.h>

#include "base/auto.h"

const char giturl_local[] =
	"a path on this machine, where pushing would run the hooks of what lies there";

/* What git speaks itself; for "foo://" it would run git-remote-foo. */
static const char *const schemes[] = {
	"https://", "http://", "ssh://", "git://", "git+ssh://", "ssh+git://",
};

static bool has_control(const char *text)
{
	for (; *text; text++)
		if ((unsigned char)*text < 0x20 || *text == 0x7f)
			return true;
	return false;
}

/* The host, or the user before it, would be an option of ssh (CVE-2017-1000117). */
static const char *host_objection(const char *host)
{
	const char *at = strchr(host, '@');
	const char *slash = strchr(host, '/');

	if (host[0] == '\0' || host[0] == '/')
		return "an address without a host";
	if (host[0] == '-' || (at && (!slash || at < slash) && at[1] == '-'))
		return "a host that starts with '-' would be an option of ssh";
	return NULL;
}

const char *giturl_objection(const char *url)
{
	const char *colon = strchr(url, ':');
	const char *slash = strchr(url, '/');

	if (url[0] == '\0')
		return "empty";
	if (url[0] == '-')
		return "starts with '-', an option";
	if (has_control(url))
		return "has control characters";
	for (size_t i = 0; i < N_ELEMENTS(schemes); i++)
		if (strncmp(url, schemes[i], strlen(schemes[i])) == 0)
			return host_objection(url + strlen(schemes[i]));
	if (strncasecmp(url, "file:", 5) == 0)
		return giturl_local;
	/* connect.c, url_is_local_not_ssh() */
	if (!colon || (slash && slash < colon))
		return giturl_local;
	if (colon[1] == ':' || strncmp(colon, "://", 3) == 0)
		return "names a program that git would run for it";
	return host_objection(url);
}

const char *giturl_remote_objection(const char *name)
{
	if (strcmp(name, ".") == 0)
		return NULL;
	if (strchr(name, ':'))
		return giturl_objection(name);
	if (name[0] == '\0' || name[0] == '-')
		return "no name of a remote";
	if (name[0] == '/' || name[0] == '.' || strstr(name, ".."))
		return giturl_local;
	return has_control(name) ? "has control characters" : NULL;
}

bool giturl_has_secret(const char *url)
{
	const char *scheme = strstr(url, "://");
	const char *host = scheme ? scheme + 3 : url;
	size_t len = strcspn(host, "/");
	const char *at = memchr(host, '@', len);

	if (!at)
		return false;
	return memchr(host, ':', (size_t)(at - host)) || strncasecmp(url, "http", 4) == 0;
}
