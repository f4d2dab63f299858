/* SPDX-License-Identifier: Apache-2.0 */
#pragma once

#include <systemd/sd-bus.h>

/*
 * Starts @bus, which is new, on the connection @fd to xdg-dbus-proxy. Returns 0 or a negated errno; @fd stays the
 * caller's.
 *
 * sd-bus sends all lines of its greeting at once. xdg-dbus-proxy 0.1.4 (Debian 12) takes the answer to that for
 * messages, and hangs up. So the greeting is done here, line by line, while sd-bus greets us, and then finds
 * the real connection under its descriptor.
 */
int handshake_start(sd_bus *bus, int fd);
