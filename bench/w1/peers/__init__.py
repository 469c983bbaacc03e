"""W1 in other simulators. Each file runs by itself in the peers' own environment, without Spinloom:

    python FILE workload.npz '{"theta": 100, "t_ref": 4, "ticks": 1024, "rounds": 3}'

and prints one line of JSON: ``seconds`` of the simulation alone, ``spikes``, and ``version``.
"""
