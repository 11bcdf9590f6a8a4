"""Calls layers compiled by ssmc from Python.

    import ssm
    m = ssm.load("scan.so")
    m.entries                                   # what each entry takes and returns
    y = m.forward(u=u, A_log=a)                 # numpy in, numpy out; torch in, torch out
    y, states = m.forward(u=u, A_log=a, states=True)
    y, states = m.step({**states, "A_log": a}, u=u1, states=True)
    y = m.forward(u=u, seed=0, dims={"H": 64})  # parameters that are not given are drawn

What goes wrong raises `ssm.Error` with one sentence that says what, where and what would be right.
"""
from ._abi import Error, NoEntry, version
from ._layer import Dim, Entry, Layer, Value, load

__version__ = "1.0"
__all__ = ["Dim", "Entry", "Error", "Layer", "NoEntry", "Value", "load", "version"]
