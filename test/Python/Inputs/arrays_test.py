"""Arrays of every type, layout and kind through the Python module."""
import importlib.util
import itertools
import sys
import types
import unittest

import numpy as np

from common import OnLayer
from ssm import _arrays, _dlpack

PASS = {"a": [0.0], "b": [0.0], "c": [0.0]}


class Speaker:
    """An array of another library: DLPack and nothing else."""

    def __init__(self, array, code=None, device=(1, 0)):
        self.array, self.code, self.device = array, code, device

    def __dlpack_device__(self):
        return self.device

    def __dlpack__(self, stream=None):
        capsule = self.array.__dlpack__()
        if self.code is not None:
            _dlpack._tensor(capsule).code = self.code
        return capsule


def from_dlpack(value):
    address, name, shape, strides, keep = _dlpack.borrow(value)
    bits = _arrays._view(address, name, shape, strides, keep)
    return Speaker(bits.view(np.uint8) if name == "bool" else bits, {"bf16": 4, "bool": 6}.get(name))


Speaker.__module__ = "speakers.arrays"
sys.modules["speakers"] = types.SimpleNamespace(from_dlpack=from_dlpack)


def widened(bits):
    return (np.asarray(bits, np.uint32) << 16).view(np.float32)


class Arrays(OnLayer):
    def test_memory_is_used_where_it_lies(self):
        for array in (np.ones((4, 6), "f4"), np.ones((4, 6), "f4")[::-2, 1::3], np.ones((6, 4), "f4").T,
                      np.broadcast_to(np.float32(1), (3, 5)), np.ones((0, 3), "f4")):
            got = _arrays.argument(array, "f32")
            self.assertEqual((got.address, got.strides), (array.ctypes.data, array.strides))
        array = np.ones((4, 6), "f4")[::2, ::-1]
        got = _arrays.argument(Speaker(array), "f32")
        self.assertEqual((got.address, got.strides, got.shape), (array.ctypes.data, array.strides, array.shape))

    def test_layouts(self):
        base = np.arange(48, dtype="f4").reshape(6, 8)
        w = np.arange(100, dtype="f4")
        for u in (base, base.T, base[::2, ::-3], base[1:1], np.asfortranarray(base), base.astype(">f4"),
                  np.broadcast_to(base[0], (3, 8)), base.astype("f8")):
            weights = w[::-1][:u.shape[1]]
            np.testing.assert_array_equal(self.m.forward(u=u, w=weights), u * weights)
            if u.dtype.isnative and u.flags.writeable:
                np.testing.assert_array_equal(self.m.forward(u=Speaker(u), w=weights).array, u * weights)

    def test_memory_without_alignment(self):
        u = np.frombuffer(b"x" + np.arange(3, dtype="f4").tobytes(), "f4", offset=1).reshape(1, 3)
        self.assertFalse(u.flags.aligned)
        np.testing.assert_array_equal(self.m.forward(u=u, w=[1, 1, 1]), [[0, 1, 2]])

    def test_read_only_memory(self):
        u = np.ones((1, 2), "f4")
        u.flags.writeable = False
        np.testing.assert_array_equal(self.m.forward(u=u, w=[1, 2]), [[1, 2]])

    def test_results_are_new_memory(self):
        u = np.ones((1, 2), "f4")
        y = self.m.forward(u=u, w=[1, 1])
        y[:] = 5
        np.testing.assert_array_equal(u, [[1, 1]])
        self.assertTrue(y.flags.writeable and y.flags.c_contiguous)

    def test_results_are_of_the_first_kind(self):
        u, w = np.ones((1, 2), "f4"), np.array([3, 4], "f4")
        y, states = self.m.forward(u=Speaker(u), w=w, states=True)
        self.assertEqual((type(y), type(states["x"])), (Speaker, Speaker))
        np.testing.assert_array_equal(y.array, [[3, 4]])
        self.assertIsInstance(self.m.forward(w=w, u=Speaker(u)), np.ndarray)
        self.assertIsInstance(self.m.forward(w=[3, 4], u=Speaker(u)), Speaker)
        self.assertIsInstance(self.m.forward(w=[3, 4], u=[[1, 1]]), np.ndarray)
        self.assertIsInstance(self.m.forward({"w": Speaker(w)}, u=u), Speaker)

        class Of(Speaker):  # a subclass elsewhere is still of its library's kind
            pass

        self.assertIs(type(self.m.forward(u=Of(u), w=w)), Speaker)

    def test_the_array_api_namespace_is_preferred(self):
        class Array(Speaker):
            def __array_namespace__(self):
                return types.SimpleNamespace(from_dlpack=lambda value: ("theirs", np.from_dlpack(value)))

        word, y = self.m.forward(u=Array(np.ones((1, 1), "f4")), w=[2])
        self.assertEqual((word, y.tolist()), ("theirs", [[2]]))

    def test_a_library_without_from_dlpack_gets_numpy(self):
        class Mute:
            __module__ = "mute"

            def __dlpack__(self):
                return np.ones((1, 1), "f4").__dlpack__()

        self.assertIsInstance(self.m.forward(u=Mute(), w=[2]), np.ndarray)

    def test_bf16_of_numpy_callers(self):
        y = self.m.entries["pass"]({**PASS, "a": np.array([1.00390625])})[0]
        self.assertEqual((np.asarray(y, "f4").tolist(), y.dtype.name),
                         ([1.0], "bfloat16" if importlib.util.find_spec("ml_dtypes") else "float32"))

    def test_bf16_through_dlpack(self):
        bits = np.array([0x3F81, 0xC000, 0x7FC0], np.uint16)
        zeros = np.zeros(3)
        for layout in (slice(None), slice(None, None, -1)):
            a = Speaker(bits[layout], _dlpack.BFLOAT)
            y = self.m.entries["pass"](a=a, b=zeros, c=zeros)[0]
            self.assertEqual((type(y), y.code, y.array.tolist()), (Speaker, 4, bits[layout].tolist()))
        # and as the argument of an f32 entry
        y = self.m.forward(u=Speaker(bits[:2].reshape(1, 2), _dlpack.BFLOAT), w=[1, 1])
        self.assertEqual(y.array.tolist(), [[1.0078125, -2]])

    def test_bf16_rounds_once_to_the_nearest(self):
        rng = np.random.default_rng(0)
        exact = widened(np.arange(0x3F00, 0x4100)).astype(np.float64)
        middle = (exact[:-1] + exact[1:]) / 2
        for sign, nudge in itertools.product((1, -1), (0, 1, -1)):
            for scale in (2.0**-52, 2.0**-30, 2.0**-10):
                got = widened(_arrays.to_bf16(sign * (middle * (1 + nudge * scale))))
                even = np.where(np.arange(len(middle)) % 2 == 0, exact[:-1], exact[1:])
                want = even if nudge == 0 else exact[1:] if nudge > 0 else exact[:-1]
                np.testing.assert_array_equal(got, sign * want)
        values = rng.standard_normal(1000)
        got = widened(_arrays.to_bf16(values)).astype(np.float64)
        self.assertLessEqual(np.max(np.abs(got - values) / np.abs(values)), 2.0**-8)
        special = widened(_arrays.to_bf16(np.array([np.inf, -np.inf, 3.4e38, 1e300, 0.0, -0.0])))
        np.testing.assert_array_equal(special, [np.inf, -np.inf, np.inf, np.inf, 0, 0])
        self.assertTrue(np.signbit(special[-1]) and np.isnan(widened(_arrays.to_bf16(np.array([np.nan]))))[0])

    def test_every_bf16_survives_as_f32(self):
        bits = np.arange(65536, dtype=np.uint16)
        got = widened(_arrays.to_bf16(widened(bits)))
        np.testing.assert_array_equal(got, widened(bits))

    def test_bool(self):
        got = _arrays.argument(Speaker(np.array([0, 1], np.uint8), _dlpack.BOOL), "bool")
        self.assertEqual(got.shape, (2,))
        made = _arrays.finish(np.array([True, False]), "bool", Speaker(np.ones(1)))
        self.assertEqual((type(made), made.code, made.array.tolist()), (Speaker, 6, [1, 0]))
        self.assertEqual(_arrays.convert(np.array([0, 1]), "bool").tolist(), [False, True])

    def test_wider_types_are_rounded(self):
        y = self.m.forward(u=np.array([[0.1]]), w=np.array([1], "i8"))
        self.assertEqual(y[0, 0], np.float32(0.1))
        y = self.m.entries["pass"](a=[1], b=np.array([1.0004883]), c=np.array([2], "i4"))
        self.assertEqual((y[1][0], y[2][0]), (np.float16(1.0004883), 2))
        self.assertEqual(self.m.widen(a=np.array([2**31 - 1], "u8"), dims={"O": 1})[0, 0], 2**31 - 1)

    @unittest.skipUnless(importlib.util.find_spec("ml_dtypes"), "ml_dtypes is not installed")
    def test_ml_dtypes(self):
        import ml_dtypes
        a = np.array([1.5, -2], ml_dtypes.bfloat16)
        y = self.m.entries["pass"](a=a[::-1], b=np.zeros(2), c=np.zeros(2))[0]
        self.assertEqual((y.dtype, y.tolist()), (a.dtype, [-2, 1.5]))
        self.assertEqual(self.m.forward(u=a.reshape(1, 2), w=[1, 2]).tolist(), [[1.5, -4]])

    @unittest.skipUnless(importlib.util.find_spec("torch"), "torch is not installed")
    def test_torch(self):
        import torch
        u = torch.arange(6, dtype=torch.float32).reshape(3, 2).T
        y, states = self.m.forward(u=u, w=[1, 2, 3], states=True)
        self.assertTrue(torch.equal(y, u * torch.tensor([1, 2, 3])) and states["x"].dtype == torch.complex64)
        a = torch.tensor([1.5, -2], dtype=torch.bfloat16)
        y = self.m.entries["pass"](a=a, b=torch.zeros(2), c=torch.zeros(2))
        self.assertTrue(torch.equal(y[0], a) and y[1].dtype == torch.float16)
        self.fails("USE", "forward: argument 'w': it cannot be read through DLPack: Can't export tensors that require "
                   "gradient, use tensor.detach()", self.m.forward, u=u, w=torch.ones(3, requires_grad=True))


if __name__ == "__main__":
    sys.exit(unittest.main())
