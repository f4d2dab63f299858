/* SPDX-License-Identifier: Apache-2.0 */
/* What the filter cannot do from then on: it has what it has, and connects to sockets of its cell, where there is one. */
#pragma once

/* 0 or a negated errno. */
int sound_confine(void);
