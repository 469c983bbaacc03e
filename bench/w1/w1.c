// W1 as fast as we can make it on one core: the contract of the learning engine for this workload,
// bit-sliced, so that one instruction works on all 256 neurons, or on 512 random words.
//
// A weight row is 256 bits. Positions are eight bit planes that hold v + 128 - theta, so that bit 7
// says "over threshold"; the rows of eight inputs are added by carry-save adders. Columns are kept a
// second time, as 1024 bits, so that a sweep flips in the rows only what changes.
//
// Random words of the 16 generators are drawn ahead, 512 sweeps at a time: each generator is cut
// into 32 blocks of time, and bit b of all 512 states is one vector. A step is then the XORs of the
// generator's taps (NEXT), a decision the majority fold with a constant code (FOLD_P, FOLD_AP), all
// from the header made for this build. Behind a batch every state leaps over the other blocks
// (`leap`).
//
// Input i = 128 s + 8 k + l is at place 128 s + 16 l + k: what a transposition of 8 x 8 sixteen-bit
// pieces leaves. The stimulus is packed beforehand: the places of each tick's active inputs, padded
// to eights with place 1024 (a row of zeros), and the same as 1024 bits, for the STDP window.
#include <stdint.h>
#include <string.h>

#include "generator.h"

#define BLOCKS 32
#define SWEEPS_A_BLOCK 16
#define STEPS 8  // random words of a generator in one sweep
#define PLANES 8

typedef uint64_t row __attribute__((vector_size(32)));    // a bit of every neuron
typedef uint64_t slice __attribute__((vector_size(64)));  // a bit of every (block, generator)
typedef uint16_t pieces __attribute__((vector_size(64)));
typedef uint64_t pair __attribute__((vector_size(16)));

typedef struct {
    slice p[2], ap[2];  // which trials switch a junction of an active input, of a silent one
} sweep;

static struct {
    sweep at[SWEEPS_A_BLOCK];
    slice gap;  // blocks a page apart would share the same few lines of the cache
} drawn[BLOCKS];

#define LO(n) n, n + 32, n + 1, n + 33, n + 2, n + 34, n + 3, n + 35
#define INTERLEAVE(a, b, from) \
    __builtin_shufflevector(a, b, LO(from), LO(from + 8), LO(from + 16), LO(from + 24))

// Eight folds, one a lane, to the decisions of this step in 32 blocks.
static inline __attribute__((always_inline)) void scatter(pieces *a, pair *out) {
    pieces b[8];
    for (int round = 0; round < 3; round++) {
        for (int n = 0; n < 4; n++) {
            b[2 * n] = INTERLEAVE(a[n], a[n + 4], 0);
            b[2 * n + 1] = INTERLEAVE(a[n], a[n + 4], 4);
        }
        memcpy(a, b, sizeof b);
    }
    for (int n = 0; n < 8; n++) {
        pair part[4];
        memcpy(part, &a[n], sizeof part);
        for (int m = 0; m < 4; m++)
            out[(8 * m + n) * (sizeof *drawn / sizeof(pair))] = part[m];
    }
}

static void draw(slice *x, const uint8_t *leap) {
    for (int n = 0; n < SWEEPS_A_BLOCK * STEPS; n++) {
        sweep *to = drawn[0].at + n / STEPS;
        slice y[64];
        pieces fold[8];
        for (int l = 0; l < 8; l++) fold[l] = (pieces)FOLD_P((x + 8 * l));
        scatter(fold, (pair *)to->p + n % STEPS);
        for (int l = 0; l < 8; l++) fold[l] = (pieces)FOLD_AP((x + 8 * l));
        scatter(fold, (pair *)to->ap + n % STEPS);
        NEXT(x, y);
        memcpy(x, y, sizeof y);
    }
    slice y[64];
    for (int b = 0; b < 64; b++) {
        slice sum = {0};
        for (int taps = *leap++; taps; taps--) sum ^= x[*leap++];
        y[b] = sum;
    }
    memcpy(x, y, sizeof y);
}

static inline int any(row r) { return (r[0] | r[1] | r[2] | r[3]) != 0; }

// Of the neurons that fired, the one that is farthest over the threshold; the lowest on a tie.
static inline int argmax(row fired, const row *v) {
    uint64_t f[4], p[4];
    memcpy(f, &fired, sizeof f);
    for (int b = PLANES - 2; b >= 0; b--) {
        memcpy(p, &v[b], sizeof p);
        uint64_t h[4] = {f[0] & p[0], f[1] & p[1], f[2] & p[2], f[3] & p[3]};
        int some = (h[0] | h[1] | h[2] | h[3]) != 0;
        for (int k = 0; k < 4; k++) f[k] = some ? h[k] : f[k];
    }
    int word = f[0] ? 0 : f[1] ? 1 : f[2] ? 2 : 3;
    return 64 * word + __builtin_ctzll(f[word]);
}

#define ADD(sum, a, b, carry)                            \
    row carry = ((a) & (b)) | (((a) | (b)) & (sum));     \
    sum ^= (a) ^ (b)

// Plays `ticks` ticks `rounds` times over; returns the number of spikes, written as tick << 8 |
// winner. `rows` [1025] and `cols` [256][16] are the weights, by place; `eights` says how many eights
// of `events` each tick has, `raster` [ticks][2] which inputs are active; `x` [64] are the
// generators, `leap` the taps of a leap, each row's number first; t_ref is at most 64.
int64_t w1_run(row *rows, uint64_t *cols, const uint16_t *events, const uint8_t *eights,
               const slice *raster, int64_t ticks, int64_t rounds, int64_t theta, int64_t t_ref,
               slice *x, const uint8_t *leap, uint64_t *spikes) {
    slice window[2][2] = {{{0}}};  // places of the inputs active in this bucket, and in the last
    row refractory[64] = {{0}}, blocked = {0}, bias[PLANES], v[PLANES];
    uint64_t *const first = spikes;
    int now = 0, phase = 0, sweeps = 0;

    draw(x, leap);
    for (int b = 0; b < PLANES; b++) v[b] = bias[b] = (row){0} - ((128 - theta) >> b & 1);
    for (int64_t t = 0; t < ticks * rounds;) {
        const uint16_t *e = events;
        for (int64_t n = 0; n < ticks; n++, t++) {
            if (t_ref) {  // who fired t_ref ticks ago starts again
                row free = refractory[now];
                blocked &= ~free;
                for (int b = 0; b < PLANES; b++) v[b] = (v[b] & ~free) | (bias[b] & free);
                refractory[now] = (row){0};
            }
            for (int h = 0; h < 2; h++) window[0][h] |= raster[2 * n + h];
            for (int c = eights[n]; c; c--, e += 8) {
                ADD(v[0], rows[e[0]], rows[e[1]], a);
                ADD(v[0], rows[e[2]], rows[e[3]], b);
                ADD(v[0], rows[e[4]], rows[e[5]], c);
                ADD(v[0], rows[e[6]], rows[e[7]], d);
                ADD(v[1], a, b, f);
                ADD(v[1], c, d, g);
                ADD(v[2], f, g, carry);
                for (int b = 3; b < PLANES; b++) {
                    row both = v[b] & carry;
                    v[b] ^= carry;
                    carry = both;
                }
            }
            row fired = v[PLANES - 1] & ~blocked;
            if (any(fired)) {
                const int w = argmax(fired, v);
                *spikes++ = (uint64_t)t << 8 | w;
                for (int b = 0; b < PLANES; b++) v[b] = bias[b];
                if (t_ref) {
                    ((uint64_t *)&refractory[now])[w >> 6] = UINT64_C(1) << (w & 63);
                    blocked |= refractory[now];
                }
                const sweep *trials = &drawn[sweeps / SWEEPS_A_BLOCK].at[sweeps % SWEEPS_A_BLOCK];
                slice *col = (slice *)(cols + 16 * w), changed[2];
                for (int h = 0; h < 2; h++) {
                    slice in = window[0][h] | window[1][h];
                    changed[h] = (col[h] ^ in) & ((trials->p[h] & in) | (trials->ap[h] & ~in));
                    col[h] ^= changed[h];
                }
                if (++sweeps == BLOCKS * SWEEPS_A_BLOCK) {
                    draw(x, leap);
                    sweeps = 0;
                }
                uint64_t *bits = (uint64_t *)rows + (w >> 6);
                for (int m = 0; m < 16; m++, bits += 4 * 64) {
                    uint64_t left = changed[m >> 3][m & 7];
                    // A word has one change on average; loops of random length cost more.
                    for (int k = 0; k < 3; k++, left &= left - 1)
                        bits[4 * __builtin_ctzll(left | UINT64_C(1) << 63)] ^=
                            (uint64_t)(left != 0) << (w & 63);
                    for (; left; left &= left - 1)
                        bits[4 * __builtin_ctzll(left)] ^= UINT64_C(1) << (w & 63);
                }
            }
            if (++now >= t_ref) now = 0;
            if (++phase == BUCKET_TICKS) {
                phase = 0;
                memcpy(window[1], window[0], sizeof window[0]);
                memset(window[0], 0, sizeof window[0]);
            }
        }
    }
    return spikes - first;
}
