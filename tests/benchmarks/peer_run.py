"""Run a tube with one of the peers, and print what it took as JSON. Run by `tests.benchmarks` as a script.

It is the branch tube, or, for peers that have processes, one with next to nothing to do, in two of them.

It is a file by itself, and takes nothing from this project, so that it runs in an environment that has the peers only:

    python peer_run.py JOB PEER EPOCHS

It has no `from __future__ import annotations`, because with that the public package finds no signals.
"""

import gc
import importlib
import itertools
import json
import math
import sys
import time
import warnings
from collections.abc import Callable, Iterator
from concurrent.futures import ProcessPoolExecutor
from contextlib import ExitStack
from pathlib import Path
from typing import Any

Branch = dict[str, int]
MakeEpochs = Callable[[int], list[Any]]

MODULE = Path(__file__).stem
OPEN = ExitStack()
"""Ends the processes of a peer."""


def numbers() -> Iterator[int]:
    yield from itertools.count()


def double(number: int) -> int:
    return number * 2


def increase(number: int) -> int:
    return number + 1


def noob() -> MakeEpochs:
    package = importlib.import_module("noob")
    nodes = {
        "number": {"type": f"{MODULE}.numbers"},
        "double": {"type": f"{MODULE}.double", "depends": [{"number": "number.value"}]},
        "increase": {"type": f"{MODULE}.increase", "depends": [{"number": "number.value"}]},
        "return": {"type": "return", "depends": [{"double": "double.value"}, {"increase": "increase.value"}]},
    }
    tube = package.Tube.from_specification(package.TubeSpecification(noob_id="branch", nodes=nodes))
    runner = package.SynchronousRunner(tube)
    runner.init()
    run: MakeEpochs = runner.run
    return run


def streamz() -> MakeEpochs:
    results: list[Branch] = []
    source = importlib.import_module("streamz").Stream()
    both = source.map(double).zip(source.map(increase))
    both.map(lambda values: {"double": values[0], "increase": values[1]}).sink(results.append)

    def run(epochs: int) -> list[Branch]:
        for number in range(epochs):
            source.emit(number)
        return results

    return run


def pipefunc() -> MakeEpochs:
    package = importlib.import_module("pipefunc")

    def both(doubled: int, increased: int) -> Branch:
        return {"double": doubled, "increase": increased}

    functions = [package.PipeFunc(double, "doubled"), package.PipeFunc(increase, "increased")]
    pipeline = package.Pipeline([*functions, package.PipeFunc(both, "both")])

    def run(epochs: int) -> list[Branch]:
        return [pipeline.run("both", kwargs={"number": number}) for number in range(epochs)]

    return run


def hamilton() -> MakeEpochs:
    driver = importlib.import_module("hamilton.driver")
    base = importlib.import_module("hamilton.base")
    functions = importlib.import_module("hamilton.ad_hoc_utils").create_temporary_module(double, increase)
    graph = driver.Builder().with_modules(functions).with_adapters(base.DictResult()).build()

    def run(epochs: int) -> list[Branch]:
        return [graph.execute(["double", "increase"], inputs={"number": number}) for number in range(epochs)]

    return run


def root(number: int) -> float:
    return math.sqrt(number)


def joblib() -> MakeEpochs:
    package = importlib.import_module("joblib")
    workers = OPEN.enter_context(package.Parallel(n_jobs=2, return_as="generator"))

    def run(epochs: int) -> list[float]:
        return list(workers(package.delayed(root)(number) for number in range(epochs)))

    return run


def dask() -> MakeEpochs:
    bag = importlib.import_module("dask.bag")
    pool = OPEN.enter_context(ProcessPoolExecutor(2))

    def run(epochs: int) -> list[float]:
        numbers = bag.from_sequence(range(epochs), partition_size=500)
        roots: list[float] = numbers.map(root).compute(scheduler="processes", pool=pool)
        return roots

    return run


def pipefunc_map() -> MakeEpochs:
    package = importlib.import_module("pipefunc")
    pipeline = package.Pipeline([package.PipeFunc(root, "root", mapspec="number[i] -> root[i]")])
    pool = OPEN.enter_context(ProcessPoolExecutor(2))

    def run(epochs: int) -> list[float]:
        found = pipeline.map({"number": list(range(epochs))}, executor=pool, storage="dict", show_progress=False)
        return [float(each) for each in found["root"].output]

    return run


def zmq() -> MakeEpochs:
    package = importlib.import_module("noob")
    nodes = {
        "number": {"type": f"{MODULE}.numbers"},
        "root": {"type": f"{MODULE}.root", "depends": [{"number": "number.value"}]},
        "return": {"type": "return", "depends": [{"root": "root.value"}]},
    }
    tube = package.Tube.from_specification(package.TubeSpecification(noob_id="light", nodes=nodes))
    runner = OPEN.enter_context(importlib.import_module("noob.runner.zmq").ZMQRunner(tube))

    def run(epochs: int) -> list[float]:
        return [result["root"] for result in runner.run(epochs)]

    return run


PEERS = {each.__name__: each for each in (noob, streamz, pipefunc, hamilton)}
IN_PROCESSES = {"joblib": joblib, "dask": dask, "pipefunc": pipefunc_map, "zmq": zmq}


def main(job: str, peer: str, epochs: int) -> dict[str, Any]:
    """What the epochs took without the start, and what came out."""
    if job == "branch":
        run, clock = PEERS[peer](), time.process_time
    else:
        run, clock = IN_PROCESSES[peer](), time.perf_counter
        if peer != "zmq":
            # The processes are there, then.
            run(4)
    gc.collect()
    start = clock()
    results = run(epochs)
    return {"seconds": clock() - start, "results": results}


if __name__ == "__main__":
    warnings.simplefilter("ignore")
    stdout, sys.stdout = sys.stdout, sys.stderr
    with OPEN:
        found = main(sys.argv[1], sys.argv[2], int(sys.argv[3]))
    print(json.dumps(found), file=stdout)
