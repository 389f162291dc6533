"""Run the branch tube with one of the peers, and print what it took as JSON. Run by `tests.benchmarks` as a script.

It is a file by itself, and takes nothing from this project, so that it runs in an environment that has the peers only:

    python peer_run.py PEER EPOCHS

It has no `from __future__ import annotations`, because with that the public package finds no signals.
"""

import gc
import importlib
import itertools
import json
import sys
import time
import warnings
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

Branch = dict[str, int]
MakeEpochs = Callable[[int], list[Branch]]

MODULE = Path(__file__).stem


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


PEERS = {each.__name__: each for each in (noob, streamz, pipefunc, hamilton)}


def main(peer: str, epochs: int) -> dict[str, Any]:
    """What the epochs took without the start, and what came out."""
    run = PEERS[peer]()
    gc.collect()
    start = time.process_time()
    results = run(epochs)
    return {"seconds": time.process_time() - start, "results": results}


if __name__ == "__main__":
    warnings.simplefilter("ignore")
    stdout, sys.stdout = sys.stdout, sys.stderr
    print(json.dumps(main(sys.argv[1], int(sys.argv[2]))), file=stdout)
