"""The sample `camera`, compared with a loop over its frames."""

from __future__ import annotations

import importlib.util
import json
from types import ModuleType
from typing import Any

import numpy as np
import pytest

from noob_cli import ParallelRunner, Tube

from .conftest import SAMPLES, Shell

TUBE = "sample_tubes/camera/camera.yaml"


@pytest.fixture(scope="module")
def camera() -> ModuleType:
    spec = importlib.util.spec_from_file_location("code_of_the_camera", SAMPLES / "camera" / "camera.py")
    assert spec is not None
    assert spec.loader is not None
    module = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(module)
    return module


def by_hand(camera: ModuleType, count: int) -> tuple[list[Any], np.ndarray]:
    """What the tube returns, and the mean at its end."""
    mean, results = np.zeros((1000, 1000), np.float32), []
    for number, (frame, moved) in enumerate(camera.film(count, 1), start=1):
        step = (np.roll(frame, (-moved[0], -moved[1]), (0, 1)) - mean) / np.float32(number)
        mean = mean + step
        results.append({"moved": list(moved), "found": list(moved), "change": round(float(np.abs(step).mean()), 2)})
    return results, mean


@pytest.mark.slow
def test_each_motion_is_found_and_the_mean_is_that_of_the_frames(shell: Shell, camera: ModuleType) -> None:
    results, mean = by_hand(camera, 8)
    done = shell(f"noob run {TUBE} -i count=8")
    assert (done.returncode, done.stderr) == (0, "")
    assert [json.loads(line) for line in done.stdout.splitlines()] == results
    # What is left is the noise, and where the edges have come in from the other side.
    noise = abs(mean - camera.scene(1) - 19.5)[20:-20, 20:-20]
    assert noise.mean() < 6


@pytest.mark.slow
@pytest.mark.parametrize("on", ["threads", "processes"])
def test_the_mean_is_carried_in_order(on: str, camera: ModuleType) -> None:
    tube = Tube.from_specification(SAMPLES / "camera" / "camera.yaml", input={"count": 12})
    results, mean = by_hand(camera, 12)
    with ParallelRunner(tube, on=on, workers=2) as runner:
        found = list(runner.iter())
        assert [{**each, "moved": list(each["moved"]), "found": list(each["found"])} for each in found] == results
        assert np.array_equal(runner.assets["mean"].obj, mean)


def test_a_film_is_the_same_each_time(camera: ModuleType) -> None:
    (one, moved), (other, again) = next(camera.film(1, 5)), next(camera.film(1, 5))
    assert moved == again
    assert one.nbytes == 1_000_000
    assert np.array_equal(one, other)
