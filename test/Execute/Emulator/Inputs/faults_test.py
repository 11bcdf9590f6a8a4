"""A fault of each kind, planted in a kernel: the emulator names it."""
import re

import numpy as np
from emulated import bf16, emulate

rng = np.random.default_rng(6)
draw = lambda *shape: bf16(rng.normal(size=shape))
PRODUCT = {"a": draw(130, 328), "b": draw(264, 328)}
QUERY = {"q": draw(1, 1, 300, 64), "k": draw(1, 1, 300, 64), "v": draw(1, 1, 300, 64)}
SMALL = {"a": draw(65, 136), "b": draw(72, 136)}
ROWS = {"x": rng.normal(size=(4, 516)).astype(np.float32)}
SCAN = {"x": draw(1, 300, 2, 64), "dt": np.full((1, 300, 2), 0.1, np.float32), "Bt": draw(1, 300, 128), "Ct": draw(1, 300, 128),
        "A_log": np.zeros(2, np.float32), "skip": np.ones(2, np.float32), "s": np.zeros((1, 2, 64, 128), np.float32)}


def replaced(old, new, which=0):
    """The kernel with the `which`-th of the places where `old` stands changed."""
    def change(text):
        places = [m.start() for m in re.finditer(re.escape(old), text)]
        if which >= len(places):
            return text
        at = places[which]
        return text[:at] + new + text[at + len(old):]
    return change


FAULTS = [
    # kernel (and the part of it that is changed), inputs, what is wrong, the change, what the emulator says
    ("gemm.mlir", PRODUCT, "a release left out", replaced("tile.release %AB across 0 : !ab", ""), "nobody can go on"),
    ("gemm.mlir", PRODUCT, "no wait for the store's data", replaced("%s = tile.await %OUT[%w][%cc] : !out", "%s = tile.slot %OUT[%w][%cc] : !out"),
     "that nothing has written|without having waited for"),
    ("gemm.mlir", PRODUCT, "an accumulator too early", replaced("tile.land 0 (%sum)", "tile.land 1 (%sum)"), "may still be running"),
    ("gemm.mlir", PRODUCT, "operands released under the product", replaced("tile.retire 1", ""), "in flight is reading"),
    ("gemm.mlir", PRODUCT, "a count too small", replaced("empty(4 group)", "empty(3 group)"), "is still reading|may still be reading|arrives at|nobody can go on"),
    ("gemm.mlir", PRODUCT, "a count too large", replaced("empty(4 group)", "empty(5 group)"), "nobody can go on"),
    ("gemm.mlir", PRODUCT, "a store not fenced", replaced("        tile.fence\n", ""), "no tile.fence between"),
    ("gemm.mlir", PRODUCT, "a buffer overwritten while it is sent", replaced("tile.send_wait 1 read", ""), "is still reading"),
    ("gemm.mlir", PRODUCT, "stores not waited for", replaced("    tile.send_wait 0\n", ""), "a bulk store that it has not waited for"),
    ("gemm.mlir", PRODUCT, "rows past the tile", replaced("%w64 = tile.compute 64 * %w", "%w64 = tile.compute 65 * %w"), "past the end of a"),
    ("gemm.mlir", PRODUCT, "a cursor two phases ahead", replaced("%next = tile.next %cc : !c2", "%next = tile.next %cc by 5 : !c2"),
     "nobody can go on|that it should not"),
    ("gemm.mlir", PRODUCT, "a slot released in this CTA alone", replaced("tile.release %AB across 0 : !ab", "tile.release %AB : !ab"),
     "nobody can go on"),
    ("gemm.mlir", PRODUCT, "the other CTA not asked for its slot",
     lambda text: replaced("empty(4 group)", "empty(2 group)")(text.replace("%AB across 0 : !ab", "%AB : !ab")),
     "still bringing|may still be reading|is still reading|without having waited for|that it should not"),
    ("gemm_warp.mlir", SMALL, "copies not waited for", replaced("%xs = tile.await %A[%c] : !A", "%xs = tile.slot %A[%c] : !A"),
     "still bringing|that nothing has written|without having waited for"),
    ("gemm_warp.mlir", SMALL, "a copy's arrivals counted as one", replaced("full(32 each)", "full(1 warp)"), "arrives at|nobody can go on"),
    ("cluster_sum.mlir", ROWS, "the next CTA not told", replaced("tile.release %R[%s] if(%more) at(%next) : !bare", ""), "nobody can go on"),
    ("cluster_sum.mlir", ROWS, "the next CTA told too early", replaced("    tile.await %R[%t] : !bare\n", ""), "never computed|never written|holds nothing"),
    ("attention_d64_causal.mlir parts/attention_d64.mlir", QUERY, "a turn not passed", replaced("tile.pass %T[%w] : !turns", "", 0), "nobody can go on"),
    ("attention_d64_causal.mlir parts/attention_d64.mlir", QUERY, "a turn passed twice", replaced("tile.pass %T[%w] : !turns", "tile.pass %T[%w] : !turns\n  tile.pass %T[%w] : !turns", 0),
     "passes a turn that the next instance has not taken"),
    ("attention_d64_causal.mlir", QUERY, "an accumulator that never began", replaced("%zo = arith.constant dense<0.0> : !O", "%zo = ub.poison : !O"),
     "what was never computed"),
    ("attention_d64_causal.mlir parts/attention_d64.mlir", QUERY, "keys released before the scores",
     lambda text: replaced("  %s, %of = scf.if", "  tile.release %K : !Kr\n  %s, %of = scf.if")(
         replaced("  tile.release %K : !Kr\n  return", "  return")(text)), "a product in flight is reading"),
    ("ssd.mlir parts/ssd_roles.mlir", SCAN, "masks not fenced", replaced("    tile.fence\n    tile.publish %M", "    tile.publish %M"),
     "no tile.fence between"),
    ("ssd.mlir parts/ssd_roles.mlir", SCAN, "vectors not waited for", replaced("tile.await %D observe : !Dr", ""),
     "that nothing has written|without having waited for"),
    ("ssd.mlir parts/ssd_roles.mlir", SCAN, "a counted release left out", replaced("    tile.release %M : !Mr\n", ""), "nobody can go on"),
    ("gemm.mlir", PRODUCT, "one arrival for four warps' stores", replaced("full(4 warp)", "full(1 group)"), "without having waited for the warp"),
]

missed = []
for files, inputs, name, change, says in FAULTS:
    kernel, *part = files.split()
    result = emulate(kernel, inputs, "--seeds", "2", change=change, part=part[0] if part else None)
    if not isinstance(result, str):
        missed.append(f"{kernel}: {name} was not noticed")
    elif not re.search(says, result):
        missed.append(f"{kernel}: {name}: {result}")
assert not missed, "\n".join(missed)
