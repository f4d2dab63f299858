/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Sound of a sandbox: its programs play on the sound server of the host, through a filter (src/sound) that lets
 * nothing else pass. Only with audio_capture the server itself is shown, by the table of shares.
 */
#pragma once

#include <stdbool.h>

#include "base/arena.h"
#include "base/strv.h"
#include "spec/config.h"

struct facts;
struct spec;

struct spec_sound {
	const char *server; /* socket of the host's server; NULL: no filter is needed */
	const char *cookie; /* what its clients have to know; NULL: there is none */
};

/* May programs play, and no more? */
bool sound_is_filtered(const struct config *c);

/*
 * $PULSE_SOCKET in the source of a share: no variable itself, but told by $PULSE_SERVER, $PULSE_RUNTIME_PATH or
 * $XDG_RUNTIME_DIR. NULL: none.
 */
const char *sound_socket(const struct facts *f, struct arena *a);

/* Where the host's server is and its cookie, for the probe. */
void sound_paths(const struct config *c, const struct facts *f, struct arena *a, struct strv *ret);

void spec_add_sound(const struct config *c, const struct facts *f, struct arena *a, struct spec *s);
