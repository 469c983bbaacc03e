// board.h on Verilator's C++ model of the machine.
#include <memory>

#include "Vmachine.h"
#include "board.h"
#include "verilated.h"

const char *const board_simulator = "verilator";

struct board {
    VerilatedContext context;
    Vmachine machine{&context, "machine"};
};

board *board_create(void) {
    auto made = std::make_unique<board>();
    made->machine.clk = 0;
    made->machine.rst = 0;
    made->machine.eval();
    return made.release();
}

void board_destroy(board *b) { delete b; }

board_outputs board_step(board *b, board_inputs in) {
    Vmachine &m = b->machine;
    m.i_rx_valid = in.rx_valid;
    m.i_rx_data = in.rx_data;
    m.i_tx_ready = in.tx_ready;
    m.clk = 1;  // inputs settle before the edge: Verilator runs its input region first
    m.eval();
    m.clk = 0;
    m.eval();
    return {m.o_rx_ready, m.o_tx_valid, m.o_tx_data, m.o_idle};
}
