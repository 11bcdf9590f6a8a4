"""The ways in which a reference is evaluated.

A reference is one function of numpy arrays, written from the equations. In EXACT it computes in float64
throughout; in EAGER in the layer's own precision, f32 and c64, as an eager framework would: its error says
what may be expected of a compiled layer. Few numbers can come out of one eager evaluation more exact than any
other would have them, so that Shaken ones stand beside it: float64, but the arguments and the coefficients
that are made of them and what is carried (`off`) each off by up to the spacing of f32, as its few roundings
might have left it.
"""
import numpy as np

from oracle import round_to

SPACING = 2.0 ** -23


class Precision:
    def __init__(self, real, complex_, narrow=None):
        self.real, self.complex, self.narrow = real, complex_, narrow

    def take(self, name, array):
        """An argument in this precision; whole numbers and bools stay."""
        kind = array.dtype.kind
        return array.astype({"f": self.real, "c": self.complex}.get(kind, array.dtype))

    def pair(self, re, im):
        return (re + 1j * np.asarray(im)).astype(self.complex)

    def off(self, coefficient):
        """What is made of parameters once and used at every step, or passed on from step to step."""
        return coefficient

    def meet(self, array):
        """A value as it meets an operand of 16 bits in a contraction: it may be rounded to that type there."""
        return round_to(array, self.narrow).astype(array.dtype) if self.narrow else array


class Shaken(Precision):
    def __init__(self, seed):
        super().__init__(np.float64, np.complex128)
        self.rng = np.random.default_rng(seed)

    def off(self, coefficient):
        return coefficient * (1 + SPACING * self.rng.uniform(-1, 1, coefficient.shape))

    def take(self, name, array):
        array = super().take(name, array)
        if array.dtype.kind not in "fc":
            return array
        # Of a logarithm it is the exponential that is off.
        return array + SPACING * self.rng.uniform(-1, 1, array.shape) if "log" in name else self.off(array)


EXACT = Precision(np.float64, np.complex128)
# By the 16-bit type that a layer's operands are stored in, if any.
EAGER = {narrow: Precision(np.float32, np.complex64, narrow) for narrow in (None, "bf16", "f16")}
