/* SPDX-License-Identifier: Apache-2.0 */
/* What the files of proc.h share; nobody else includes it. */
#pragma once

/* In a child that was forked with all signals blocked: as after exec, and none blocked. */
void proc_child_signals(void);

/* In a child before it executes; -1 and errno. The second needs what the first made. */
struct proc_overlay;
int overlay_namespace(void);
int overlay_mount(const struct proc_overlay *o);
