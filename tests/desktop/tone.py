#!/usr/bin/env python3
"""A tone, and whether it is heard: signed 16-bit samples, one channel, RATE a second.

    tone.py make HZ SECONDS >FILE
    tone.py hear HZ FILE            true if most of what the last sounding half second holds is of that frequency
"""
import array
import math
import sys

RATE = 44100
LOUD = 4000


def make(hz, seconds):
    wave = (round(16000 * math.sin(2 * math.pi * hz * i / RATE)) for i in range(round(RATE * seconds)))
    array.array("h", wave).tofile(sys.stdout.buffer)


def share(samples, hz):
    """How much of the energy is within a few hertz of it (Goertzel)."""
    energy = sum(s * s for s in samples)
    a, b, k = 0.0, 0.0, 2 * math.cos(2 * math.pi * hz / RATE)
    for s in samples:
        a, b = s + k * a - b, a
    return 2 * (a * a + b * b - k * a * b) / (len(samples) * energy) if energy else 0.0


def hear(hz, path):
    data = open(path, "rb").read()
    samples = array.array("h", data[:len(data) // 2 * 2])
    sounding = [i for i, s in enumerate(samples) if abs(s) > LOUD]
    if not sounding:
        print(f"{path}: {len(samples)} samples, and all are silence")
        return False
    # The quarter of a second that is purest: a machine that is busy with other things leaves holes in the others.
    last = max(sounding[0], sounding[-1] - RATE // 4)
    found = max(share(samples[at:at + RATE // 4], hz) for at in range(sounding[0], last + 1, RATE // 8))
    print(f"{path}: {len(sounding)} loud samples, {found:.0%} of {hz} Hz")
    return found > 0.9


if sys.argv[1] == "make":
    make(float(sys.argv[2]), float(sys.argv[3]))
else:
    sys.exit(not hear(float(sys.argv[2]), sys.argv[3]))
