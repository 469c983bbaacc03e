"""Workload W1 on one core: the golden model, the virtual board, a C loop and peers, side by side.

1024 inputs, each active with probability 2 % a tick; 256 neurons, winner-take-all with a hard
reset; a spike gives each of the winner's 1024 one-bit synapses one write trial. ``docs/w1.md`` has
the rules and the result; ``python -m spinloom.bench.w1`` measures again.
"""
