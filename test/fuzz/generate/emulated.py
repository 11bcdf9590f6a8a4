"""A layer compiled for a GPU and called in the emulator; a refusal is as good as a kernel where a person can use it."""
import re

import numpy as np

from .compiled import Compiled, Failure, _run

# file:line:column: what is refused, in words.
_REFUSAL = re.compile(r"f\.ssm:\d+:\d+: error: (?:this has no kernel for the GPU(?: yet)?: )?(?P<why>\w.*)")
# What the compiler says to itself: other dialects' operations, passes, upstream's verifiers.
_INTERNAL = re.compile(r"failed to legalize|LLVM ERROR|PLEASE submit|Assertion|null pointer|does not verify|operand #|"
                       r"'(?:arith|builtin|cf|func|llvm|math|memref|nvvm|scf|tensor|tile|ub|vector)\.\w|ptxas|C75\d\d")


class Refused(Exception):
    """The layer has no kernel, and the compiler says where and why."""


class Emulated(Compiled):
    def __init__(self, bin_folder, text, dims=None, passes=(), line="gpu"):
        super().__init__(bin_folder, text, dims, passes, line)

    def compile(self, source, options, line):
        try:
            _run("ssmc", [self.bin / "ssmc", source, "--target", "sm_90a", "--emit", "async", "-o", self.path / "async.mlir",
                          *options])
        except Failure as failure:
            self.close()
            if failure.kind != "ssmc refuses":
                raise
            errors = [text for text in str(failure).splitlines() if ": error: " in text]
            if not errors or _INTERNAL.search(str(failure)) or not all(_REFUSAL.search(text) for text in errors):
                raise Failure("refused for itself", str(failure)) from failure
            raise Refused(_REFUSAL.search(errors[0])["why"]) from failure

    def run(self, entry, arrays, sizes, out):
        given = []
        for name, array in arrays.items():
            np.save(self.path / f"{name}.npy", array)
            given.append(f"{name}={self.path / name}.npy")
        _run("ssm-emulate", [self.bin / "ssm-emulate", self.path / "async.mlir", *given, "--entry", entry, "--seeds", "1",
                             "--out", out, *sizes])
