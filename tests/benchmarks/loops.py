"""What a `map` costs: items one by one into a `gather`, and rows of items."""

from __future__ import annotations

from itertools import count, islice

from tests.benchmarks.by_hand import EPOCHS, NODES, loop_case
from tests.benchmarks.nodes import double, hundred, rows

EPOCHS_OF_ITEMS = EPOCHS // 25
"""As each has a hundred items: about as long a run as those of the other cases, so that its start doesn't count."""

MAP = {
    "nodes": {
        "number": {"type": "itertools.count"},
        "items": {"type": f"{NODES}.hundred", "depends": "number.value"},
        "item": {"type": "map", "depends": "items.value"},
        "double": {"type": f"{NODES}.double", "depends": "item.value"},
        "doubles": {"type": "gather", "depends": [{"value": "double.value"}, {"n": "item.n"}]},
        "return": {"type": "return", "depends": "doubles.value"},
    }
}


def map_(n: int) -> list[list[int]]:
    results = []
    for number in islice(count(), n):
        doubles = []
        for item in hundred(number):
            doubles.append(double(item))
        results.append(doubles)
    return results


MAP_IN_A_MAP = {
    "nodes": {
        "number": {"type": "itertools.count"},
        "rows": {"type": f"{NODES}.rows", "depends": "number.value"},
        "row": {"type": "map", "depends": "rows.value"},
        "item": {"type": "map", "depends": "row.value"},
        "double": {"type": f"{NODES}.double", "depends": "item.value"},
        "doubles": {"type": "gather", "depends": [{"value": "double.value"}, {"n": "item.n"}]},
        "all": {"type": "gather", "depends": [{"value": "doubles.value"}, {"n": "row.n"}]},
        "return": {"type": "return", "depends": "all.value"},
    }
}


def map_in_a_map(n: int) -> list[list[list[int]]]:
    results = []
    for number in islice(count(), n):
        gathered = []
        for row in rows(number):
            doubles = []
            for item in row:
                doubles.append(double(item))
            gathered.append(doubles)
        results.append(gathered)
    return results


CASES = (
    loop_case("map", MAP, map_, at_most=1.75, epochs=EPOCHS_OF_ITEMS),
    loop_case("map-in-a-map", MAP_IN_A_MAP, map_in_a_map, at_most=1.75, epochs=EPOCHS_OF_ITEMS),
)
