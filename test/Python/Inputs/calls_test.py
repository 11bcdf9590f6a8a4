"""Entries, calls, states, seeds and sizes through the Python module."""
import gc
import os
import subprocess
import sys
import threading
import time
import unittest

import numpy as np

import ssm
from common import LAYER, OnLayer


class Calls(OnLayer):
    def test_entries_list_what_ssm_run_lists(self):
        tool = os.path.join(os.environ["SSM_BUILD"], "bin", "ssm-run")
        listing = subprocess.run([tool, LAYER, "--list"], capture_output=True, text=True, check=True).stdout
        self.assertEqual(repr(self.m), listing.rstrip("\n"))
        self.assertTrue(listing.rstrip("\n").endswith(repr(self.m.entries)))

    def test_descriptions(self):
        forward = self.m.entries["forward"]
        self.assertEqual([tuple(v) for v in forward.arguments],
                         [("u", "input", "f32", ("B", "L"), False), ("w", "param", "f32", ("L",), True),
                          ("x", "state", "c64", ("B", "N"), True)])
        self.assertEqual([v.name for v in forward.results], ["out", "x"])
        self.assertEqual([tuple(d) for d in self.m.halves.dims],
                         [("L", "open", None, "open"), ("K", "computed", None, "L / 2")])
        self.assertEqual(forward.dims[2], ssm.Dim("N", "constant", 4, "4"))
        self.assertIn("w: f32[L] (drawn if not given)", forward.__doc__)
        self.assertIn("forward", dir(self.m))
        self.assertNotIn("init_w", self.m.entries)
        self.assertEqual((self.m.name, self.m.source, ssm.version()), ("t", "t.ssm", "1.0"))

    def test_result_and_states(self):
        u, w = np.ones((2, 3), "f4"), np.array([1, 2, 3], "f4")
        y = self.m.forward(u=u, w=w)
        self.assertEqual((type(y), y.dtype), (np.ndarray, np.float32))
        np.testing.assert_array_equal(y, [[1, 2, 3]] * 2)
        y, states = self.m.forward(u=u, w=w, states=True)
        self.assertEqual((list(states), states["x"].dtype, states["x"].shape), (["x"], np.complex64, (2, 4)))
        y, states = self.m.forward({**states, "w": w}, u=u, states=True)
        np.testing.assert_array_equal(y, [[2, 3, 4]] * 2)
        np.testing.assert_array_equal(states["x"], np.full((2, 4), 2 + 4j))

    def test_several_results_are_a_tuple(self):
        y = self.m.entries["pass"](a=[1.0], b=[2.0], c=[3 + 4j])
        self.assertIsInstance(y, tuple)
        self.assertEqual([float(y[0][0]), y[1][0], y[2][0]], [1, 2, 3 + 4j])
        y, states = self.m.entries["pass"](a=[1.0], b=[2.0], c=[3], states=True)
        self.assertEqual((len(y), states), (3, {}))

    def test_seed_draws_the_parameters_that_are_not_given(self):
        u = np.ones((1, 2), "f4")
        np.testing.assert_array_equal(self.m.forward(u=u, seed=7), [[700, 701]])
        np.testing.assert_array_equal(self.m.forward(u=u, w=[5, 6], seed=7), [[5, 6]])
        drawn = self.m.forward.draw(u=u, seed=7)
        np.testing.assert_array_equal(drawn["w"], [700, 701])
        np.testing.assert_array_equal(drawn["x"], np.zeros((1, 4)))
        drawn = self.m.forward.draw(dims={"B": 2, "L": 3}, seed=1)
        self.assertEqual((drawn["w"].tolist(), drawn["x"].shape), ([100, 101, 102], (2, 4)))

    def test_dims_and_computed_sizes(self):
        np.testing.assert_array_equal(self.m.widen(a=[1, 2], dims={"O": 2}), [[1, 2], [2, 3]])
        np.testing.assert_array_equal(self.m.halves(v=[1.0, 2, 3, 4], s=[10.0, 100]), [10, 300])

    def test_names_that_are_options_go_in_the_dict(self):
        np.testing.assert_array_equal(self.m.widen({"a": np.array([1])}, dims={"O": 1}), [[1]])
        np.testing.assert_array_equal(self.m.forward(**{"u": [[2.0]], "w": [3.0]}), [[6]])

    def test_zero_sizes(self):
        self.assertEqual(self.m.forward(u=np.zeros((2, 0)), w=[]).shape, (2, 0))
        y, states = self.m.forward(u=np.zeros((0, 3)), w=[1, 2, 3], states=True)
        self.assertEqual((y.shape, states["x"].shape), ((0, 3), (0, 4)))

    def test_cost(self):
        self.assertEqual(self.m.forward.cost(u=np.zeros((2, 3))), (188, 12.0))
        self.assertEqual(self.m.widen.cost(a=[1], dims={"O": 2}), (12, None))

    def test_threads(self):
        for threads in (1, 3):
            y = self.m.spread(cost=10**6, dims={"L": 50, "M": 4}, threads=threads)
            np.testing.assert_array_equal(y, np.ones((50, 4)))

    def test_other_threads_go_on_during_a_call(self):
        # Beside calls of some 100 ms, a thread that held the lock throughout could not tick this often.
        ticks, stop = [], threading.Event()

        def tick():
            while not stop.is_set():
                ticks.append(time.monotonic())
                time.sleep(0.001)

        u, w = np.zeros((200, 100000), "f4"), np.zeros(100000, "f4")
        self.m.forward(u=u, w=w)
        thread = threading.Thread(target=tick)
        thread.start()
        begin = time.monotonic()
        self.m.forward(u=u, w=w)
        end = time.monotonic()
        stop.set()
        thread.join()
        inside = [t for t in ticks if begin + 0.1 * (end - begin) < t < end - 0.1 * (end - begin)]
        self.assertTrue(inside, f"no tick in a call of {end - begin:.3f} s")

    def test_many_calls_at_once(self):
        wrong = []

        def work(k):
            for _ in range(50):
                if not (self.m.forward(u=np.full((2, 8), k, "f4"), w=np.ones(8, "f4")) == k).all():
                    wrong.append(k)

        threads = [threading.Thread(target=work, args=(k,)) for k in range(8)]
        for t in threads:
            t.start()
        for t in threads:
            t.join()
        self.assertEqual(wrong, [])

    def test_an_entry_outlives_the_name_of_its_layer(self):
        forward = ssm.load(LAYER).forward
        gc.collect()
        np.testing.assert_array_equal(forward(u=[[1.0]], w=[2.0]), [[2]])


if __name__ == "__main__":
    sys.exit(unittest.main())
