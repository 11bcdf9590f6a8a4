"""Whether a result is right: no further from the exact one than twice what an eager implementation is.

With R the float64 result on the rounded inputs, E the eager one at the same type and O ours:
max|O - R| <= 2 max|E - R| + 2 ulp, rms(O - R) <= 2 rms(E - R) + eps, and rms(O) >= 0.5 rms(R). Errors below `floor` are none, where a family says what it may round.
"""
import math

import torch


def rms(values):
    return values.square().mean().sqrt().item() if values.numel() else 0.0


def ulp(dtype, magnitude):
    """The distance between neighbouring numbers of the type near `magnitude`."""
    if magnitude == 0:
        return torch.finfo(dtype).tiny
    return torch.finfo(dtype).eps * 2.0 ** math.floor(math.log2(magnitude))


class Verdict:
    """The errors of one result, and what is wrong with it (an empty string if nothing is)."""

    def __init__(self, ours, eager, exact, floor=0.0):
        dtype = ours.dtype
        exact = exact.double()
        here, there = (ours.double() - exact).abs(), (eager.double() - exact).abs()
        self.worst, self.eager_worst = (e.max().item() if e.numel() else 0.0 for e in (here, there))
        self.rms, self.eager_rms = rms(here), rms(there)
        largest = exact.abs().max().item() if exact.numel() else 0.0
        self.problem = ""
        if not torch.isfinite(ours).all() and torch.isfinite(exact).all():
            self.problem = "it is not finite"
        elif not self.worst <= max(2 * self.eager_worst + 2 * ulp(dtype, largest), floor):
            self.problem = f"its largest error is {self.worst:.2e}, eager's {self.eager_worst:.2e}"
        elif not self.rms <= max(2 * self.eager_rms + torch.finfo(torch.float32).eps * rms(exact), floor):
            self.problem = f"its rms error is {self.rms:.2e}, eager's {self.eager_rms:.2e}"
        elif not rms(ours.double()) >= 0.5 * rms(exact):
            self.problem = "it is nearly zero where the exact result is not"
