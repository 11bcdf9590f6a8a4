"""Vector functions against float64: dense samples of all floats, within 2 units in the last place."""
import math

import numpy as np

import tile_program as tp

TEXT = """
func.func @apply(%x: memref<?xf32> {ssm.shape = ["L"]}, %y: memref<?xf32> {ssm.shape = ["L"]}, %L: index)
    attributes {ssm.symbol = "entry", ssm.dims = [#ssm.dim<L>]} {
  %X = tile.view %x : memref<?xf32> to !tile.view<?xf32, #ssm.dims<L>>
  %Y = tile.view %y : memref<?xf32> to !tile.view<?xf32, #ssm.dims<L>>
  tile.program owns(L = %l : 256 of %L) {
    %0 = tile.read %X[L = %l] : !tile.view<?xf32, #ssm.dims<L>> -> tensor<256xf32, #ssm.dims<L>>
    %1 = math.FUNCTION %0 : tensor<256xf32, #ssm.dims<L>>
    tile.write %1 to %Y[L = %l] : tensor<256xf32, #ssm.dims<L>> to !tile.view<?xf32, #ssm.dims<L>>
  }
  return
}
"""

FUNCTIONS = {
    "exp": np.exp, "expm1": np.expm1, "log": np.log, "log1p": np.log1p, "tanh": np.tanh, "sin": np.sin, "cos": np.cos,
    "erf": np.vectorize(math.erf), "erfc": np.vectorize(math.erfc),
}


def samples():
    """Floats of every size, closer together where functions bend, and the special ones."""
    bits = np.arange(0, 1 << 32, 20011, dtype=np.uint64).astype(np.uint32)
    near = np.linspace(-20, 20, 100003).astype(np.float32)
    wide = np.linspace(-120, 120, 50021).astype(np.float32)
    special = np.array([0.0, -0.0, np.inf, -np.inf, np.nan, 1, -1, 2, 1e-45, -1e-45, 1.1754944e-38, 88.72284, -87.33655,
                        -103.97, 89, -104, 1048577, 1e20, -1e20], np.float32)
    return np.concatenate([special, bits.view(np.float32), near, wide])


def units(got, exact):
    """How far off, in units in the last place of the exact result."""
    with np.errstate(all="ignore"):
        rounded = exact.astype(np.float32)
        place = np.spacing(np.minimum(np.maximum(np.abs(exact), 1.2e-38), 3.4e38).astype(np.float32)).astype(np.float64)
        off = np.abs(got.astype(np.float64) - exact) / place
    same = (got == rounded) | (np.isnan(got) & np.isnan(rounded))
    off = np.where(same, 0, off)
    return np.where(np.isnan(off), np.inf, off)


def main():
    x = samples()
    for options in (None, "vector-bits=256 registers=16"):
        for name, function in FUNCTIONS.items():
            run = tp.build(TEXT.replace("FUNCTION", name), options)
            y = np.empty_like(x)
            run([x, y], [x.size])
            with np.errstate(all="ignore"):
                exact = function(x.astype(np.float64))
            off = units(y, exact)
            worst = int(np.argmax(off))
            print(f"{name}: {off[worst]:.2f} at {x[worst]!r}: {y[worst]!r}, exact {exact[worst]!r}")
            assert off[worst] <= 2, name


main()
