"""The nodes of `camera.yaml`, its source of frames, and what it compares them with. They need numpy."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Annotated

import numpy as np

from noob_cli import Epoch, Name

SIDE = 1000
FARTHEST = 8
PATCH = slice(SIDE // 2 - 256, SIDE // 2 + 256)
"""What is looked at to find out how far the camera has moved: that is enough, and a quarter of the frame."""


def scene(seed: int) -> np.ndarray:
    """What the camera looks at: blurred spots, as those of cells under a microscope."""
    random = np.random.default_rng(seed)
    spots = np.zeros((SIDE, SIDE))
    spots[random.integers(SIDE, size=3000), random.integers(SIDE, size=3000)] = random.uniform(0.3, 1, 3000)
    rows = np.fft.fftfreq(SIDE)[:, None]
    columns = np.fft.rfftfreq(SIDE)[None, :]
    blurred = np.fft.irfft2(np.fft.rfft2(spots) * np.exp(-400 * (rows**2 + columns**2)), s=spots.shape)
    return (160 * blurred / blurred.max()).astype(np.uint8)


def film(
    count: int, seed: int
) -> Iterator[tuple[Annotated[np.ndarray, Name("frame")], Annotated[tuple[int, int], Name("moved")]]]:
    """Frames of 1 MB, each a new array, from a camera that shakes, and how far it has moved down and to the right."""
    still, random = scene(seed), np.random.default_rng(seed + 1)
    noise = random.integers(0, 40, size=(SIDE, SIDE), dtype=np.uint8)
    for _ in range(count):
        down, right = (int(each) for each in random.integers(-FARTHEST, FARTHEST + 1, size=2))
        yield np.roll(still, (down, right), (0, 1)) + np.roll(noise, int(random.integers(SIDE)), 1), (down, right)


def spectrum_of(still: np.ndarray) -> np.ndarray:
    """What is compared with each frame: the spectrum of a patch of the still scene."""
    return np.conj(np.fft.rfft2(still[PATCH, PATCH] - still[PATCH, PATCH].mean()))


def reference(seed: int) -> np.ndarray:
    """The asset: it is the same for whoever makes it, so that there may be one for each worker."""
    return spectrum_of(scene(seed))


def shift_of(frame: np.ndarray, reference: np.ndarray) -> tuple[int, int]:
    """How far a frame has moved: where it is most like the still scene."""
    patch = frame[PATCH, PATCH]
    likeness = np.fft.irfft2(np.fft.rfft2(patch - patch.mean()) * reference)
    down, right = np.unravel_index(int(likeness.argmax()), likeness.shape)
    half, size = len(likeness) // 2, len(likeness)
    return int((down + half) % size) - half, int((right + half) % size) - half


def moved_back(frame: np.ndarray, shift: tuple[int, int]) -> np.ndarray:
    """A frame as if the camera had not moved."""
    return np.roll(frame, (-shift[0], -shift[1]), (0, 1))


def averaged(
    mean: np.ndarray, frame: np.ndarray, epoch: Epoch
) -> tuple[Annotated[np.ndarray, Name("mean")], Annotated[float, Name("change")]]:
    """The mean of all frames so far, a new array, and how much this one has changed it."""
    step = (frame - mean) / np.float32(int(epoch) + 1)
    return mean + step, round(float(np.abs(step).mean()), 2)
