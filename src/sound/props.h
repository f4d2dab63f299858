/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Properties of a program, a stream or a format. Servers act on them: module-filter-apply of PulseAudio loads
 * the module that "filter.want" names with the arguments of "filter.apply...", PipeWire connects a stream with
 * what "target.object" names, "media.role" silences other programs. So only known ones are passed, and of a
 * program nothing but its name, which the server's user sees with a word before it that says where it runs.
 */
#pragma once

#include "sound/tags.h"

enum props {
	PROPS_NONE,    /* of the host's devices: serial numbers, places on the bus */
	PROPS_PROGRAM, /* its name */
	PROPS_STREAM,  /* what is played */
	PROPS_FORMAT,  /* "format." and more */
};

#define PROPS_PROGRAM_NAME "claude-sandbox"

/* Takes a list from @t and writes what is left of it. 0 or -EBADMSG. */
int props_copy(struct tags *t, enum props which, struct buf *out);
