"""Device-to-device spread without memory: a junction's level is a hash of its address.

``level(g, j)`` of group *g* (eight inputs) and column *j* is eight 4-bit levels at once. The 32-bit
block x = g (low half), y = j (high half) is XORed with the spread seed and put through ``ROUNDS``
rounds of and-rotate-xor::

    x, y = y ^ (rotl(x, 1) & rotl(x, 8)) ^ rotl(x, 2) ^ KEY[r], x          (all 16-bit)

Input 8g+l has level ``(y << 16 | x) >> 4l & 15``. The round function is that of the Simon block
cipher (Beaulieu et al., 2013, Sec. 3.1), here an unkeyed mixer: it is non-linear, so that columns
are not XOR images of one another, and it costs one LUT4 a bit a round. With eight rounds the levels
of neighbouring columns still correlate, by 0.01 to 0.03; with ten nothing is found. Derive seeds
from a user's seed through a hash: two seeds that differ only in low bits permute the same devices.
"""

from __future__ import annotations

ROUNDS = 10
# Fractional bits of sqrt(2), 16 at a time: constants without structure, so that g = j = 0 is not a
# fixed point.
ROUND_KEYS = (0x6A09, 0xE667, 0xF3BC, 0xC908, 0xB2FB, 0x1366, 0xEA95, 0x7D3E, 0x3ADE, 0xC175)
