/* SPDX-License-Identifier: Apache-2.0 */
/* Lists of rules with a name, such as @github: the files of data/hosts, which tools/hosts.awk turns into a table. */
#pragma once

struct net_preset {
	const char *name;         /* without '@' */
	const char *const *rules; /* ends with NULL; no rule is a preset */
	const char *why;
};

extern const struct net_preset net_presets[]; /* ends with a NULL name */
