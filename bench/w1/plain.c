// W1 as the contract reads: a byte a junction, rows added and the winner sought in loops that the
// compiler vectorises, write trials one by one, random words through byte tables. What one writes in
// an afternoon; w1.c is what one writes when a benchmark is to be hard to beat.
#include <stdint.h>
#include <string.h>

#define INPUTS 1024
#define NEURONS 256
#define GENERATORS 16

// Plays `ticks` ticks `rounds` times over; returns the number of spikes, written as tick << 8 |
// winner. `addresses` of tick t end before ends[t]; `state` [16] are the generators.
int64_t plain_run(uint8_t (*weights)[NEURONS], const uint16_t *addresses, const int64_t *ends,
                  int64_t ticks, int64_t rounds, int64_t theta, int64_t t_ref, int64_t code_p,
                  int64_t code_ap, int64_t bucket_ticks, uint64_t *state,
                  const uint64_t (*tables)[256], uint64_t *spikes) {
    uint64_t *const first = spikes;
    int16_t pos[NEURONS] = {0}, ref[NEURONS] = {0};
    int64_t last[INPUTS], t = 0;

    for (int i = 0; i < INPUTS; i++) last[i] = -2;
    for (int64_t round = 0; round < rounds; round++) {
        int64_t e = 0;
        for (int64_t n = 0; n < ticks; n++, t++) {
            const int64_t bucket = t / bucket_ticks;
            uint8_t counts[NEURONS] = {0};
            int16_t best = -1;
            for (; e < ends[n]; e++) {
                const uint8_t *row = weights[addresses[e]];
                last[addresses[e]] = bucket;
                for (int j = 0; j < NEURONS; j++) counts[j] += row[j];
            }
            for (int j = 0; j < NEURONS; j++) {
                pos[j] += ref[j] ? 0 : counts[j];
                int16_t margin = pos[j] - theta;
                best = margin > best ? margin : best;
            }
            for (int j = 0; j < NEURONS; j++) ref[j] -= ref[j] > 0;
            if (best < 0) continue;

            int w = 0;
            while (pos[w] - theta != best) w++;
            *spikes++ = (uint64_t)t << 8 | w;
            memset(pos, 0, sizeof pos);
            ref[w] = t_ref ? t_ref - 1 : 0;  // this tick has ended
            for (int g = 0; g < INPUTS / 8; g++) {
                uint64_t *x = &state[g % GENERATORS], next = 0;
                for (int b = 0; b < 8; b++) {
                    const int r = *x >> 8 * b & 255, i = 8 * g + b;
                    const int active = last[i] >= bucket - 1;
                    uint8_t *junction = &weights[i][w];
                    *junction = r + (active ? code_p : code_ap) >= 256 ? active : *junction;
                    next ^= tables[b][r];
                }
                *x = next;
            }
        }
    }
    return spikes - first;
}
