"""A failing layer made smaller while it fails in the same way."""
import time

import oracle

from .check import check
from .compiled import Failure
from .tree import smaller


def failure_of(bin_folder, program, seed, passes=(), lines=("main",)):
    """The Failure of a program, None where it is well or not to be compared."""
    try:
        layer = oracle.load(str(program))
        layer.signature()
        check(bin_folder, str(program), layer, seed, program.stepped and "state " in str(program), passes=passes, lines=lines)
    except Failure as failure:
        return failure
    except Exception:  # not a program, or one that the evaluator does not take
        return None
    return None


def shrink(bin_folder, program, seed, failure, seconds, passes=(), lines=("main",)):
    """(program, failure), no smaller one of which fails so."""
    end, changed = time.monotonic() + seconds, True
    seen = set()
    while changed and time.monotonic() < end:
        changed = False
        for candidate in smaller(program):
            if time.monotonic() > end:
                break
            text = str(candidate)
            if text in seen or len(text) >= len(str(program)):
                continue
            seen.add(text)
            again = failure_of(bin_folder, candidate, seed, passes, lines)
            if again is not None and again.kind == failure.kind and _alike(again, failure):
                program, failure, changed = candidate, again, True
                break
    return program, failure


def _alike(a, b):
    """Refusals are alike if their first lines are, but for numbers and names."""
    if "refuse" not in a.kind:
        return True
    words = lambda f: [w for w in str(f).split("\n")[0].split(":")[-1].split() if w.isalpha()]
    return words(a) == words(b)
