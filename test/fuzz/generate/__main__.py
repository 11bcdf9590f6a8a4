"""python -m generate --self-test 100 | --show SEED"""
import argparse

from . import layers

parser = argparse.ArgumentParser()
parser.add_argument("--show", type=int)
args = parser.parse_args()
if args.show is not None:
    print(layers.program(args.show))
