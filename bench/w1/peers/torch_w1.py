"""W1 in PyTorch on one CPU thread: whole-array operations of a tick, as one would write them."""

import json
import sys
import time

import numpy as np
import torch


@torch.inference_mode()
def main() -> None:
    data = np.load(sys.argv[1])
    p = json.loads(sys.argv[2])
    torch.set_num_threads(1)
    torch.manual_seed(1)
    ends = data["ends"][: p["ticks"]]
    addresses = torch.from_numpy(data["addresses"][: ends[-1]].astype(np.int64))
    ticks = torch.tensor_split(addresses, torch.from_numpy(ends[:-1]))
    w = torch.from_numpy(data["weights"].astype(np.float32))
    theta, t_ref, bucket_ticks = p["theta"], p["t_ref"], p["bucket_ticks"]
    codes = torch.tensor([p["code_ap"], p["code_p"]]) / 256
    v = torch.zeros(w.shape[1])
    free = torch.ones(w.shape[1])
    last = torch.full((w.shape[0],), -2)
    refractory: list[int] = []  # who fired in the last t_ref ticks, -1 for none
    t = 0
    plays: list[tuple[float, int]] = []
    for _ in range(p["repeats"]):
        spikes = 0
        start = time.perf_counter()
        for active in ticks * p["rounds"]:
            bucket = t // bucket_ticks
            last[active] = bucket
            v += w[active].sum(0) * free
            winner = int(v.argmax())
            fired = float(v[winner]) >= theta
            if fired:
                spikes += 1
                v.zero_()
                inside = last >= bucket - 1
                pulse = torch.rand(len(last)) < codes[inside.long()]
                w[:, winner] = torch.where(pulse, inside.float(), w[:, winner])
            if t_ref:
                refractory.append(winner if fired else -1)
                if fired:
                    free[winner] = 0
                if len(refractory) == t_ref:
                    gone = refractory.pop(0)
                    if gone >= 0:
                        free[gone] = 1
            t += 1
        plays.append((time.perf_counter() - start, spikes))
    seconds, spikes = min(plays)
    print(json.dumps({"seconds": seconds, "spikes": spikes, "version": torch.__version__}))


main()
