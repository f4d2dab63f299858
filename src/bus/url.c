/* SPDX-License-Identifier: Apache-2.0 */
#include "bus/url.h"

#include <string.h>

static size_t scheme(const char *url)
{
	static const char http[] = "http://";
	static const char https[] = "https://";

	if (strncasecmp(url, https, strlen(https)) == 0)
		return strlen(https);
	return strncasecmp(url, http, strlen(http)) == 0 ? strlen(http) : 0;
}

/* Printable ASCII that no browser reads differently from what it shows: a '\\' is a '/' for some. */
static const char *refuse_bytes(const char *url)
{
	for (; *url; url++)
		if (*url <= ' ' || *url > '~' || *url == '\\')
			return "it holds bytes that no address is written with";
	return NULL;
}

const char *url_refuse(const char *url, const char **ret_host, size_t *ret_len)
{
	size_t begin = scheme(url);
	const char *host = url + begin;
	size_t len = strcspn(host, "/?#");
	const char *why = refuse_bytes(url);

	if (!begin)
		return "only http and https are opened";
	if (strlen(url) > URL_MAX)
		return "it is too long to be read before it is opened";
	if (why)
		return why;
	/* What stands before an '@' looks like the host, and is none. */
	if (memchr(host, '@', len))
		return "it names a user";
	if (len == 0 || memchr(host, '%', len))
		return "it names no host";
	*ret_host = host;
	*ret_len = len;
	return NULL;
}
