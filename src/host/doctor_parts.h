/* SPDX-License-Identifier: Apache-2.0 */
/* What the doctor's files share; nobody else includes it. */
#pragma once

#include <stddef.h>

#include "base/arena.h"
#include "base/buf.h"
#include "spec/config.h"
#include "spec/facts.h"

enum finding_result { FINDING_PASS, FINDING_FAIL, FINDING_WARN, N_FINDINGS };

struct finding {
	enum finding_result result;
	const char *detail; /* may hold what a program said: printed escaped */
	const char *remedy; /* what to do; NULL for a pass */
	const char *name;   /* filled in from the table */
};

struct doctor {
	const struct facts *f;
	const struct config *c;
	struct arena *a;
	const char *root; /* "/": where /etc and /proc are; the tests bring their own */
	const char *
		userns_error; /* what bubblewrap said; NULL: user namespaces work, or were not tried */
};

typedef struct finding doctor_fn(const struct doctor *d);

struct doctor_check {
	const char *name;
	doctor_fn *check;
};

extern const struct doctor_check doctor_checks[]; /* ends with a NULL name */

struct finding finding_pass(const char *detail);
struct finding finding_fail(const char *detail, const char *remedy);
struct finding finding_warn(const char *detail, const char *remedy);

/* The findings as text or JSON with their summary. */
void doctor_print(const struct finding *findings, size_t n, bool json, struct buf *out);

/*
 * Runs @argv in a bare environment for at most five seconds. The exit status with its first line
 * of output in *ret_line; 127 with the reason if it could not be run.
 */
int doctor_try(struct arena *a, const char *const *argv, const char *path, const char **ret_line);

/* The first line of /proc/sys/@name below @root; NULL if the kernel has no such setting. */
const char *sysctl_read(const char *root, const char *name, struct arena *a);

/* True with the path of the program @name, which is @known or looked for; false with why there is none. */
bool doctor_finds(const struct doctor *d, const char *name, const char *known,
		  const char **ret_detail);

/* What bubblewrap says when it shall make a user namespace; NULL if it can, or if there is no @bwrap. */
const char *userns_try(const char *bwrap, struct arena *a);

/* The known reason, for user @uid, that user namespaces fail with @why, and the remedy. */
struct finding userns_explain(const char *root, uid_t uid, const char *why, struct arena *a);

/* doctor_userns.c */
doctor_fn check_bwrap, check_bwrap_version, check_bwrap_setuid, check_userns, check_bwrap_flags;
doctor_fn check_max_userns, check_userns_clone, check_apparmor_userns;

/* doctor_limits.c */
doctor_fn check_limits;

/* doctor_network.c */
doctor_fn check_packet_rules, check_pasta, check_tun;

/* doctor_desktop.c */
doctor_fn check_screen, check_bus, check_browser;

/* doctor_container.c */
doctor_fn check_container;

/* doctor_tools.c */
doctor_fn check_tools;
