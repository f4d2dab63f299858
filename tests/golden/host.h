/* SPDX-License-Identifier: Apache-2.0 */
/* Hosts written down by hand: the facts that a golden case starts from. Nothing here looks at this one. */
#pragma once

#include "base/arena.h"
#include "spec/facts.h"

/* Writes all of @f. */
typedef void host_fn(struct facts *f, struct arena *a);

host_fn host_debian, host_nix_only, host_both_worlds, host_nvm, host_odd_name, host_no_login,
	host_worktree, host_foreign_worktree, host_home_worktree, host_home_project,
	host_planted_sessions, host_old_kernel, host_no_landlock, host_root, host_no_groups,
	host_sound, host_no_sound_program, host_session_bus, host_chromium;
