"""Copies a file with the lowest bit of its middle byte flipped: flip.py FROM TO."""
import sys

data = bytearray(open(sys.argv[1], "rb").read())
data[len(data) // 2] ^= 1
open(sys.argv[2], "wb").write(data)
