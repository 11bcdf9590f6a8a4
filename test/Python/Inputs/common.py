"""The hand-written artifact of test/Unit/Runtime/Inputs/layer.c, opened."""
import os
import unittest

import ssm

FOLDER = os.path.join(os.environ.get("SSM_BUILD", "build"), "test-artifacts")
LAYER = os.path.join(FOLDER, "ssm_test_layer.so")


class OnLayer(unittest.TestCase):
    def setUp(self):
        self.m = ssm.load(LAYER)

    def fails(self, code, sentence, call, *args, **named):
        with self.assertRaises(ssm.Error) as caught:
            call(*args, **named)
        self.assertEqual((str(caught.exception), caught.exception.code), (sentence, code))
