/* SPDX-License-Identifier: Apache-2.0 */
#pragma once

#include <stddef.h>

#define URL_MAX 2000

/*
 * NULL if @url is the address of a web page that a person can read and understand; its host then is *ret_len
 * bytes at *ret_host. Else why it is refused.
 */
const char *url_refuse(const char *url, const char **ret_host, size_t *ret_len);
