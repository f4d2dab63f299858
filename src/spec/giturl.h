/* SPDX-License-Identifier: Apache-2.0 */
/* Addresses of remote repositories, as git reads them (gitfaq(7), git-fetch(1) "GIT URLS"). */
#pragma once

#include <stdbool.h>

/*
 * Why @url may not be set from inside a sandbox, or NULL if it is an ordinary address of another
 * machine (https, http, ssh, git, or host:path) that makes git run nothing but git and ssh.
 */
const char *giturl_objection(const char *url);

/* What giturl_objection() answers to a path of this machine that has nothing worse. */
extern const char giturl_local[];

/* The same for what names a remote: its name in the configuration or an address. */
const char *giturl_remote_objection(const char *name);

/* Is there a name with a password in @url, or with http any name (a token is one)? */
bool giturl_has_secret(const char *url);
