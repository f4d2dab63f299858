/* SPDX-License-Identifier: Apache-2.0 */
/* What the launcher must know of an agent: data, one row per agent. */
#pragma once

/* Where the mounts put the agent's program inside, as AGENT_BIN_DIR "/<program>". */
#define AGENT_BIN_DIR "/run/claude-sandbox/bin"

struct agent {
	const char *name;
	const char *program;     /* looked for on PATH and in the usual places */
	const char *notice_flag; /* option that adds text to its system prompt, or NULL */
	const char *yolo_flag;   /* option that skips its own permission prompts */
	const char *package;     /* npm package, for remedies */
	const char *const
		*hosts; /* rules of the preset @agent: what it cannot do without; ends with NULL */
	const char *const *
		host_urls; /* variables whose address, if the caller has one, joins them; ends with NULL */
	/* Names of variables, as globs; each list ends with NULL. */
	const char *const *env;        /* forwarded from the caller */
	const char *const *not_env;    /* not forwarded although env names them */
	const char *const *secret_env; /* the ones of them that are never printed */
	/* NAME, VALUE, why: what it must be told about where it runs; ends with NULL. */
	const char *const (*set_env)[3];
};

/* NULL: unknown name. */
const struct agent *agent_find(const char *name);
extern const struct agent agents[]; /* ends with a NULL name */
