/* SPDX-License-Identifier: Apache-2.0 */
/*
 * One attack on a sandbox's walls, tried once. Nothing here knows whether it runs inside or outside: the
 * same attack must work outside (the control run) and be refused inside. Who judges is the launcher
 * (--security-test), or tests/security/run.py.
 *
 * An attack is a row of a table: its entry in the threat list with a letter, a name, what it tries, and
 * a function. "INERT" rows change nothing, even where they succeed; they may be tried anywhere.
 */
#pragma once

#include <errno.h>
#include <stdbool.h>
#include <stddef.h>
#include <sys/types.h>

enum verdict_kind {
	VERDICT_DONE,    /* the attack worked */
	VERDICT_REFUSED, /* something stopped it */
	VERDICT_CANNOT,  /* it could not be tried: wrong arguments, something needed is missing */
};

struct verdict {
	enum verdict_kind kind;
	int error;       /* errno; 0: @why says it, or @signal */
	int signal;      /* what ended it; 0: none */
	const char *why; /* a literal */
};

struct attack;

/* What an attack gets. Missing arguments are refused before it starts. */
struct attempt {
	const struct attack *attack;
	char *const *args; /* up to a NULL */
	pid_t caller;      /* parent of the probe: inside, with a terminal, the leader */
};

typedef struct verdict attack_fn(const struct attempt *at);

struct attack {
	const char *id, *name, *what;
	attack_fn *fn;
	long value;      /* what the rows of one function differ in */
	unsigned n_args; /* how many it needs */
	bool inert;
};

/* Each ends with a row without a name. */
extern const struct attack file_attacks[];
extern const struct attack mode_attacks[];
extern const struct attack fd_attacks[];
extern const struct attack proc_attacks[];
extern const struct attack mount_attacks[];
extern const struct attack namespace_attacks[];
extern const struct attack nested_attacks[];
extern const struct attack process_attacks[];
extern const struct attack syscall_attacks[];
extern const struct attack host_call_attacks[];
extern const struct attack abi_attacks[];
extern const struct attack key_attacks[];
extern const struct attack socket_attacks[];
extern const struct attack tty_attacks[];
extern const struct attack resource_attacks[];
extern const struct attack plant_attacks[];

static inline struct verdict done(void)
{
	return (struct verdict){ .kind = VERDICT_DONE };
}

static inline struct verdict refused(int error)
{
	return (struct verdict){ .kind = VERDICT_REFUSED, .error = error };
}

static inline struct verdict refused_why(const char *why)
{
	return (struct verdict){ .kind = VERDICT_REFUSED, .why = why };
}

static inline struct verdict cannot(const char *why)
{
	return (struct verdict){ .kind = VERDICT_CANNOT, .error = errno, .why = why };
}

/* Of a system call: it did what it was asked to, or errno says why not. */
static inline struct verdict by_result(long result)
{
	return result < 0 ? refused(errno) : done();
}

/*
 * Of a call whose arguments are wrong on purpose: "done" if the kernel's code came as far as to complain
 * about them, which is past every check of permission.
 */
static inline struct verdict reached(long result)
{
	bool stopped = errno == EPERM || errno == EACCES || errno == ENOSYS;

	return result < 0 && stopped ? refused(errno) : done();
}

/* A number among the arguments; -1: it is none. */
long number_of(const char *text);

/* main.c: NULL for a name that no attack has. */
const struct attack *attack_find(const char *name);
unsigned attempt_args(const struct attempt *at);

/* In a child. @in_namespace: as root of namespaces that are made for it and thrown away. */
struct verdict attack_try(const struct attempt *at, bool in_namespace);
void verdict_print(const struct verdict *v);

/* namespace.c: 0, or -1 where this user may have none. */
int namespace_enter(void);

/* In a user namespace that is new: whoever made it (@uid, @gid outside) is root there. 0 or -1. */
int namespace_map_root(unsigned uid, unsigned gid);

/* batch.c, ground.c: exit statuses. */
int batch(void);
int ground(const char *parent, const char *token);

/* key.c: things on the host that attacks look for. 0, or 1 with a message. */
int plant(char *const args[]);
int uproot(char *const args[]);
