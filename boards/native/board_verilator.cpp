// board.h on Verilator's C++ model of the machine.
#include <memory>

#include "Vmachine.h"
#include "Vmachine___024root.h"
#include "board.h"
#include "verilated.h"

const char *const board_simulator = "verilator";

// What Vmachine::eval() does after its first call, without taking two locks for messages between
// threads, of which there is one: a sixth of the time.
void Vmachine___024root___eval(Vmachine___024root *);

struct board {
    VerilatedContext context;
    Vmachine machine{&context, "machine"};
};

board *board_create(void) {
    auto made = std::make_unique<board>();
    made->machine.i_clk = 0;
    made->machine.eval();
    return made.release();
}

void board_destroy(board *b) { delete b; }

board_outputs board_step(board *b, board_inputs in) {
    Vmachine &m = b->machine;
    const board_outputs out = {m.o_rx_ready, m.o_tx_valid, m.o_tx_data, m.o_idle};
    m.i_rx_valid = in.rx_valid;
    m.i_rx_data = in.rx_data;
    m.i_tx_ready = in.tx_ready;
    m.i_clk = 1;  // inputs settle before the edge: Verilator runs its input region first
    Vmachine___024root___eval(m.rootp);
    m.i_clk = 0;
    Vmachine___024root___eval(m.rootp);
    return out;
}
