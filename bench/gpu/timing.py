"""How long kernels take: contenders in turn, in one process, by CUDA events.

A sleep kernel is queued first in each round, so that the host runs ahead and no launch falls between the
events; the order of the contenders is shuffled in each round; the second-level cache is flushed before each
call. The figure is the median over the rounds.
"""
import random

import torch

SLEEP = 3_000_000  # cycles, about 1.7 ms: the host queues a round in less


class Flush:
    """Overwrites more than the second-level cache holds."""

    def __init__(self):
        size = torch.cuda.get_device_properties(0).L2_cache_size
        self.memory = torch.empty(max(4 * size, 1 << 28) // 4, dtype=torch.int32, device="cuda")

    def __call__(self):
        self.memory.zero_()


def median(values):
    ordered = sorted(values)
    middle = len(ordered) // 2
    return ordered[middle] if len(ordered) % 2 else (ordered[middle - 1] + ordered[middle]) / 2


def measure(contenders, rounds, flush):
    """Median milliseconds of each of `contenders` (name -> function)."""
    times = {name: [] for name in contenders}
    for function in contenders.values():
        for _ in range(5):
            function()
    torch.cuda.synchronize()
    for _ in range(rounds):
        order = list(contenders)
        random.shuffle(order)
        events = {}
        torch.cuda._sleep(SLEEP)
        for name in order:
            flush()
            start, end = torch.cuda.Event(enable_timing=True), torch.cuda.Event(enable_timing=True)
            start.record()
            contenders[name]()
            end.record()
            events[name] = (start, end)
        torch.cuda.synchronize()
        for name, (start, end) in events.items():
            times[name].append(start.elapsed_time(end))
    return {name: median(values) for name, values in times.items()}


def captured(function):
    """The function's work as a CUDA graph, to be replayed."""
    side = torch.cuda.Stream()
    side.wait_stream(torch.cuda.current_stream())
    with torch.cuda.stream(side):
        for _ in range(3):
            function()
    torch.cuda.current_stream().wait_stream(side)
    graph = torch.cuda.CUDAGraph()
    with torch.cuda.graph(graph):
        function()
    return graph.replay
