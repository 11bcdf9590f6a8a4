"""Arrays on a GPU: where they go, on which stream, and what comes back. The driver is a stand-in that runs no kernels, and
so is the library of the arrays."""
import ctypes
import os
import sys
import types
import unittest

BUILD = os.environ["SSM_BUILD"]
DRIVER = os.path.join(BUILD, "test-artifacts", "ssm_fake_cuda.so")
os.environ["SSM_CUDA_DRIVER"] = DRIVER
import ssm  # noqa: E402
from ssm import _abi  # noqa: E402

driver = ctypes.CDLL(DRIVER)
driver.fake_log.restype = ctypes.c_char_p


class Array:
    """Of a library like CuPy."""

    def __init__(self, shape, typestr="<f4", strides=None):
        self.shape, self.typestr, self.strides = shape, typestr, strides
        data = ctypes.c_void_p()
        allocate = _abi.library().ssm_gpu_allocate
        allocate.argtypes = [ctypes.c_int64, ctypes.c_void_p, ctypes.c_void_p]
        assert allocate(4096, ctypes.byref(data), None) == 0
        self.address = data.value

    @property
    def __cuda_array_interface__(self):
        return {"data": (self.address, False), "shape": self.shape, "typestr": self.typestr, "strides": self.strides,
                "version": 3}

    device = property(lambda self: __import__("contextlib").nullcontext())


class Tensor(Array):
    """Of a library like torch."""
    is_cuda, requires_grad, dtype, itemsize = True, False, "torch.float32", 4
    device = types.SimpleNamespace(index=0)

    def data_ptr(self):
        return self.address

    def stride(self):
        return (1,)

    def is_contiguous(self):
        return True

    def element_size(self):
        return 4


def fake_torch():
    torch = types.ModuleType("torch")
    torch.Tensor, torch.float32 = Tensor, "torch.float32"
    torch.empty = lambda shape, dtype, device: Tensor(tuple(shape))
    torch.cuda = types.SimpleNamespace(current_stream=lambda device: types.SimpleNamespace(cuda_stream=0x66))
    return torch


class Stream:
    ptr = 0x77


def log():
    text = driver.fake_log().decode()
    driver.fake_clear()
    return text


class Gpu(unittest.TestCase):
    @classmethod
    def setUpClass(cls):
        cupy = sys.modules["cupy"] = types.ModuleType("cupy")
        cupy.ndarray, cupy.empty = Array, lambda shape, dtype: Array(shape)
        cupy.cuda = types.SimpleNamespace(get_current_stream=lambda: types.SimpleNamespace(ptr=0x55))
        cls.m = ssm.load(os.path.join(BUILD, "test-artifacts", "ssm_test_gpu_layer.so"))

    def test_call(self):
        u = Array((8,))
        log()
        out = self.m.vectors(u=u, dims={"K": 8})
        self.assertIsInstance(out, Array)
        self.assertEqual(out.shape, (8,))
        self.assertIn(f"stream {0x55} with {u.address:x} 0 {out.address:x} 8\n", log())

    def test_streams(self):
        u = Array((8,))
        for stream in (Stream(), 0x77):
            log()
            self.m.vectors(u=u, dims={"K": 8}, stream=stream)
            self.assertIn(f"stream {0x77} with", log())
        with self.assertRaisesRegex(ssm.Error, "stream is 'x', expected a stream of torch or CuPy, or its address"):
            self.m.vectors(u=u, dims={"K": 8}, stream="x")

    def test_second_call(self):
        """Of the same types and shapes: it goes the short way, with its own addresses and stream."""
        sys.modules["torch"] = fake_torch()
        try:
            first, second = Tensor((8,)), Tensor((8,))
            self.m.vectors(u=first, dims={"K": 8})
            log()
            long_way, ssm._layer._Call = ssm._layer._Call, None
            try:
                out = self.m.vectors(u=second, dims={"K": 8})
                self.assertIn(f"stream {0x66} with {second.address:x} 0 {out.address:x} 8\n", log())
                again = self.m.vectors({"u": first}, dims={"K": 8}, stream=Stream())
                self.assertIn(f"stream {0x77} with {first.address:x} 0 {again.address:x} 8\n", log())
                self.assertNotEqual(out.address, again.address)
                driver.fake_fail(b"cuLaunchKernelEx", 1)
                with self.assertRaisesRegex(ssm.Error, "vectors: kernel 'add' .* cuLaunchKernelEx failed"):
                    self.m.vectors(u=first, dims={"K": 8})
                driver.fake_succeed()
                self.assertEqual(self.m.vectors(u=first, dims={"K": 8}).shape, (8,))
            finally:
                ssm._layer._Call = long_way
            # Another shape, or what is not of torch, goes the long way.
            with self.assertRaisesRegex(ssm.Error, "L = 6 is no multiple"):
                self.m.vectors(u=Tensor((6,)), dims={"K": 8})
            self.assertIsInstance(self.m.vectors(u=Array((8,)), dims={"K": 8}), Array)
        finally:
            del sys.modules["torch"]

    def test_errors(self):
        with self.assertRaisesRegex(ssm.Error, "vectors: argument 'u': it lies on a GPU and holds f64, expected f32"):
            self.m.vectors(u=Array((8,), "<f8"), dims={"K": 8})
        with self.assertRaisesRegex(ssm.Error, r"argument 'u' of the shape \(8\) has the strides \(8\) in bytes; on a GPU"):
            self.m.vectors(u=Array((8,), strides=(8,)), dims={"K": 8})
        with self.assertRaisesRegex(ssm.Error, "lies in the CPU's memory, but CUDA is asked for"):
            self.m.step(s=[1.0] * 8, u=Array((8,)), states=True)

    def test_draw(self):
        u = Array((8,))
        drawn = self.m.step.draw(u=u, seed=3)
        self.assertIsInstance(drawn["s"], Array)
        self.assertEqual(list((ctypes.c_float * 8).from_address(drawn["s"].address)), [3.0] * 8)

    def test_absent(self):
        """What may be left out without being drawn is not drawn."""
        self.assertEqual(self.m.vectors.draw(u=Array((8,)), dims={"K": 8}), {})
        self.assertIn("input  v  f32[L]  may be left out", str(self.m.entries["vectors"]))

    def test_listing(self):
        self.assertEqual(self.m.entries["step"].targets, ("cpu", "sm_90a"))
        self.assertIn("code for: cpu, sm_90a", str(self.m))
        self.assertEqual(self.m.description["modules"][0]["ptxas"], "13.0.88")


if __name__ == "__main__":
    unittest.main()
