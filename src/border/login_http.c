/* SPDX-License-Identifier: Apache-2.0 */
/*
 * The only file that knows libcurl. It brings some twenty libraries along, several milliseconds of
 * every start, so it is not linked but loaded, by a process that was forked to renew the login and ends
 * afterwards. A proxy of the caller's environment (https_proxy) is libcurl's own business.
 */
#include "border/login_http.h"

#include <curl/curl.h>
#include <dlfcn.h>
#include <errno.h>
#include <stddef.h>
#include <string.h>

#include "base/auto.h"
#include "base/buf.h"

#define LIBRARY "libcurl.so.4"
#define ANSWER_MAX ((size_t)64 << 10)
#define CONNECT_SECONDS 5L
#define TOTAL_SECONDS 15L

/* A member for each function that is used, of that function's own type. */
#define MEMBER(name) __typeof__(&(name)) name##_fn

struct library {
	void *handle;
	MEMBER(curl_easy_init);
	MEMBER(curl_easy_setopt);
	MEMBER(curl_easy_perform);
	MEMBER(curl_easy_getinfo);
	MEMBER(curl_easy_cleanup);
	MEMBER(curl_easy_strerror);
	MEMBER(curl_slist_append);
	MEMBER(curl_slist_free_all);
};

#define ROW(name)                                          \
	{                                                  \
#name, offsetof(struct library, name##_fn) \
	}

static const struct {
	const char *name;
	size_t offset;
} functions[] = {
	ROW(curl_easy_init),    ROW(curl_easy_setopt),    ROW(curl_easy_perform),
	ROW(curl_easy_getinfo), ROW(curl_easy_cleanup),   ROW(curl_easy_strerror),
	ROW(curl_slist_append), ROW(curl_slist_free_all),
};

/* Never unloaded: its TLS library leaves handlers behind, and the process ends soon. */
static int library_load(struct library *l, struct err *e)
{
	l->handle = dlopen(LIBRARY, RTLD_LAZY | RTLD_LOCAL);
	if (!l->handle)
		return err_set(e, ENOENT,
			       "cannot load " LIBRARY "; install it, on Debian with: sudo apt "
			       "install libcurl4");
	for (size_t i = 0; i < N_ELEMENTS(functions); i++) {
		void *found = dlsym(l->handle, functions[i].name);

		if (!found)
			return err_set(e, ENOENT, LIBRARY " has no function %s", functions[i].name);
		/* An object's address becomes a function's: POSIX allows it here, C does not say it. */
		memcpy((char *)l + functions[i].offset, &found, sizeof(found));
	}
	return 0;
}

/* Less than it was given makes libcurl give up. */
static size_t receive(char *data, size_t size, size_t n, void *buf)
{
	buf_add(buf, data, size * n);
	return buf_full(buf) ? 0 : size * n;
}

static struct curl_slist *headers(const struct library *l, const struct login_question *q,
				  struct arena *a)
{
	struct curl_slist *list = l->curl_slist_append_fn(NULL, "Content-Type: application/json");

	if (list && q->bearer)
		list = l->curl_slist_append_fn(
			list, arena_printf(a, "Authorization: Bearer %s", q->bearer));
	return list;
}

static CURLcode configure(const struct library *l, CURL *c, const struct login_question *q)
{
	const struct {
		CURLoption option;
		const char *value;
	} texts[] = { { CURLOPT_URL, q->url },
		      { CURLOPT_PROTOCOLS_STR, "https" },
		      { CURLOPT_USERAGENT, "claude-sandbox/" CSB_VERSION },
		      { CURLOPT_COPYPOSTFIELDS, q->body },
		      /* The system's own stay, as a directory. */
		      { CURLOPT_CAPATH, q->ca ? "/etc/ssl/certs" : NULL },
		      { CURLOPT_CAINFO, q->ca } };
	const struct {
		CURLoption option;
		long value;
	} numbers[] = { { CURLOPT_CONNECTTIMEOUT, CONNECT_SECONDS },
			{ CURLOPT_TIMEOUT, TOTAL_SECONDS },
			{ CURLOPT_NOSIGNAL, 1L },
			{ CURLOPT_FOLLOWLOCATION, 0L } };
	CURLcode code = CURLE_OK;

	for (size_t i = 0; code == CURLE_OK && i < N_ELEMENTS(texts); i++)
		if (texts[i].value)
			code = l->curl_easy_setopt_fn(c, texts[i].option, texts[i].value);
	for (size_t i = 0; code == CURLE_OK && i < N_ELEMENTS(numbers); i++)
		code = l->curl_easy_setopt_fn(c, numbers[i].option, numbers[i].value);
	return code;
}

int login_ask(const struct login_question *q, struct arena *a, char **ret_text, size_t *ret_len,
	      long *ret_status, struct err *e)
{
	auto_buf struct buf text = BUF_INIT(ANSWER_MAX);
	struct library l = { 0 };
	struct curl_slist *list = NULL;
	CURL *c = NULL;
	CURLcode code;
	int r = library_load(&l, e);

	if (r < 0)
		return r;
	c = l.curl_easy_init_fn(); /* NOLINT(clang-analyzer-core.CallAndMessage): set above, by offset */
	list = headers(&l, q, a);
	code = c && list ? configure(&l, c, q) : CURLE_OUT_OF_MEMORY;
	if (code == CURLE_OK)
		code = l.curl_easy_setopt_fn(c, CURLOPT_HTTPHEADER, list);
	if (code == CURLE_OK)
		code = l.curl_easy_setopt_fn(c, CURLOPT_WRITEFUNCTION, receive);
	if (code == CURLE_OK)
		code = l.curl_easy_setopt_fn(c, CURLOPT_WRITEDATA, &text);
	if (code == CURLE_OK)
		code = l.curl_easy_perform_fn(c);
	if (code == CURLE_OK)
		code = l.curl_easy_getinfo_fn(c, CURLINFO_RESPONSE_CODE, ret_status);
	if (code != CURLE_OK)
		r = err_set(e, EIO, "no answer from %s: %s", q->url, l.curl_easy_strerror_fn(code));
	l.curl_slist_free_all_fn(list);
	if (c)
		l.curl_easy_cleanup_fn(c);
	if (r < 0)
		return r;
	*ret_text = arena_strndup(a, buf_text(&text), text.len);
	*ret_len = text.len;
	return 0;
}
