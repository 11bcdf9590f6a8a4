"""A plain evaluator of .ssm layers in numpy, written apart from the compiler.

    layer = oracle.load("std/s4d.ssm")
    (y,), states = layer.forward({"u": u}, {"log_dt": ..., "C": ...}, {"x": x0})
"""
from .layer import Layer, load
from .lexer import OracleError
from .values import round_to

__all__ = ["Layer", "OracleError", "load", "round_to"]
