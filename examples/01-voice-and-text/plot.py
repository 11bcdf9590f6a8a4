"""Draws the filters' impulse responses and writes each band of the voice, one after another, as WAV.

    plot.py RESPONSES.npy CENTRES.npy BANDS.npy PNG WAV
"""
import sys
import wave

import matplotlib

matplotlib.use("Agg")
import matplotlib.pyplot as plt
import numpy as np

RATE = 48000


def draw(responses, centres, path):
    figure, axes = plt.subplots(len(centres), 1, sharex=True, figsize=(8, 1 + len(centres)))
    time = np.arange(responses.shape[1]) / RATE * 1000
    for axis, response, centre in zip(axes, responses, centres):
        axis.plot(time, response / np.abs(response).max(), linewidth=0.8)
        axis.set_ylabel(f"{centre:.0f} Hz", rotation=0, ha="right", va="center")
        axis.set_yticks([])
    axes[0].set_title("impulse responses of the S4D filters, each scaled to 1")
    axes[-1].set_xlabel("milliseconds")
    figure.tight_layout()
    figure.savefig(path, dpi=110)


def write_wav(bands, path):
    """Every band as loud as the others, one after another, 16 bit mono."""
    loud = np.concatenate([band / max(np.abs(band).max(), 1e-9) for band in bands])
    with wave.open(path, "wb") as file:
        file.setnchannels(1)
        file.setsampwidth(2)
        file.setframerate(RATE)
        file.writeframes((loud * 0.8 * 32767).astype("<i2").tobytes())


def main():
    responses, centres, bands = (np.load(path) for path in sys.argv[1:4])
    draw(responses, centres, sys.argv[4])
    write_wav(bands, sys.argv[5])


if __name__ == "__main__":
    main()
