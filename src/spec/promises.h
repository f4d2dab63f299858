/* SPDX-License-Identifier: Apache-2.0 */
/*
 * What is promised of every sandbox, one row each with the attack that would break it (src/probe). Data for
 * --security-test: nothing here tries anything.
 */
#pragma once

#include <stdbool.h>

#include "spec/spec.h"

#define PROMISE_ARGS 24

/* When a spec makes the promise at all. */
enum promise_when {
	WHEN_ALWAYS,
	WHEN_HIDDEN,      /* the first argument is a path that no mount shows */
	WHEN_UNWRITABLE,  /* the first argument is a path that is not shown writable */
	WHEN_NO_NETWORK,  /* the network is not the host's */
	WHEN_NO_ABSTRACT, /* the same, or Landlock keeps abstract sockets apart */
	WHEN_GUARDED,     /* the first argument is a directory whose risky files are guarded */
	WHEN_NO_BROWSER,  /* no browser makes namespaces */
	WHEN_NOT_PASSED,  /* the arguments are variables; those that are passed are left out */
	N_PROMISE_WHEN,
};

/*
 * An argument that begins with '@' is filled in: "@home/x" is below the home, "@machine_id", "@project" and what the
 * probe's ground tells by name; "@init" is a process of ours outside, and the sandbox's init inside.
 */
struct promise {
	const char *id, *group, *text; /* for people: what does not happen */
	const char *probe;
	const char *args[PROMISE_ARGS];
	const char *expected; /* what the attack is refused with, words divided by '|' */
	enum promise_when when;
	bool in_namespace; /* outside it takes root of a throw-away namespace */
};

/* Ends with a row without an id. */
extern const struct promise promises[];

/* NULL if @s makes the promise, @path being its first argument; else why not. */
const char *promise_waived(const struct promise *p, const struct spec *s, const char *path);

/* Whether something of the host, or made by us, is at @path inside; NULL is nowhere. */
bool spec_shows(const struct spec *s, const char *path);
