"""What this machine reaches, medians, and the memory that a call holds."""
import random
import time
from types import SimpleNamespace

import torch


clock = time.perf_counter


PAUSE = 0.03  # threads of a call that has ended spin for some milliseconds more
LONG = 0.3  # seconds


def median_seconds(calls, rounds):
    """The median of each, in shuffled order within a round. Before each the threads of the one before have gone to sleep
    (where all cores take part, they would share one with it), and its own have been woken by a call that does not count;
    of calls that take long, neither matters."""
    times = [[] for _ in calls]
    short = []
    for call in calls:
        start = clock()
        call()
        short.append(clock() - start < LONG)
    for _ in range(rounds):
        order = list(range(len(calls)))
        random.shuffle(order)
        for i in order:
            time.sleep(PAUSE)
            if short[i]:
                calls[i]()
            start = clock()
            calls[i]()
            times[i].append(clock() - start)
    return [sorted(t)[len(t) // 2] for t in times]


def ceilings():
    """Bytes a second of a copy (read and written), multiply-adds counted as two of f32 and bf16 products, by PyTorch."""
    source = torch.randn(32 << 20)
    target = torch.empty_like(source)
    copy = median_seconds([lambda: target.copy_(source)], 5)[0]
    a, b = torch.randn(1536, 1536), torch.randn(1536, 1536)
    product = median_seconds([lambda: a @ b], 5)[0]
    a16, b16 = a.bfloat16(), b.bfloat16()
    product16 = median_seconds([lambda: a16 @ b16], 5)[0]
    flops = 2 * 1536 ** 3
    return SimpleNamespace(copy=2 * 4 * source.numel() / copy, product=flops / product, product16=flops / product16)


def held_bytes(call):
    """The most that the process held during a call, above what it held before."""
    with open("/proc/self/clear_refs", "w") as file:
        file.write("5")  # the peak starts anew
    held = lambda: {line.split(":")[0]: int(line.split()[1]) for line in open("/proc/self/status") if line.startswith("Vm")}
    before = held()["VmRSS"]
    call()
    return max(0, 1024 * (held()["VmHWM"] - before))
