// board.h on CXXRTL's C++ model of the machine, an independent second simulator.
#include <cstdio>
#include <cstdlib>

#include "board.h"
#include "machine.cxxrtl.h"

const char *const board_simulator = "cxxrtl";

struct board {
    cxxrtl_design::p_machine machine;
};

// An output is a wire where a register drives it, and a value where logic does.
template <size_t Bits>
static uint8_t get(const cxxrtl::wire<Bits> &w) {
    return w.template get<uint8_t>();
}
template <size_t Bits>
static uint8_t get(const cxxrtl::value<Bits> &v) {
    return v.template get<uint8_t>();
}

board *board_create(void) {
    board *b = new board;
    b->machine.p_i__clk.set(false);
    b->machine.step();
    return b;
}

void board_destroy(board *b) { delete b; }

board_outputs board_step(board *b, board_inputs in) {
    auto &m = b->machine;
    m.p_i__rx__valid.set(in.rx_valid);
    m.p_i__rx__data.set(in.rx_data);
    m.p_i__tx__ready.set(in.tx_ready);
    // One evaluation is a whole cycle: logic is evaluated in order and registers take its values
    // at the commit. The falling edge has no effect, so it is only told, not evaluated.
    m.prev_p_i__clk.set(false);
    m.p_i__clk.set(true);
    if (!m.eval()) {
        std::fprintf(stderr, "error: the design did not settle in one pass\n");
        std::abort();
    }
    const board_outputs out = {get(m.p_o__rx__ready), get(m.p_o__tx__valid), get(m.p_o__tx__data),
                               get(m.p_o__idle)};
    m.commit();
    return out;
}
