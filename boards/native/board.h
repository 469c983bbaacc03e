/* One clock cycle of a simulated machine: the interface that every simulator implements.
 *
 * board_step applies the inputs, makes one rising edge of the clock, and returns what the outputs
 * were at that edge; they don't depend on the inputs. So a byte moved in when rx_valid and
 * rx_ready, and moved out when tx_valid and tx_ready, both in the same call. */
#ifndef SPINLOOM_BOARD_H
#define SPINLOOM_BOARD_H

#include <stdint.h>

#ifdef __cplusplus
extern "C" {
#endif

typedef struct board board;

typedef struct {
    uint8_t rx_valid;
    uint8_t rx_data;
    uint8_t tx_ready;
} board_inputs;

typedef struct {
    uint8_t rx_ready;
    uint8_t tx_valid;
    uint8_t tx_data;
    uint8_t idle; /* nothing received, queued, in work or to send */
} board_outputs;

/* The machine just after power-on. */
board *board_create(void);
void board_destroy(board *);
board_outputs board_step(board *, board_inputs);

/* Name of the simulator, for messages. */
extern const char *const board_simulator;

#ifdef __cplusplus
}
#endif
#endif
