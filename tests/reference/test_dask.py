"""Random tubes give the same on a Dask cluster as in order."""

from __future__ import annotations

import pytest
from hypothesis import given

pytest.importorskip("distributed")

from tests.examples import examples
from tests.reference.pipelines import iterations, pipelines
from tests.reference.seen import Way, compare
from tests.reference.tubes import Case, cases
from tests.runners.warm_dask import WarmDask


@pytest.mark.usefixtures("uncounted")
def test_random_tubes_give_the_same(number_of_tubes: int) -> None:
    warm = WarmDask(2, 6)

    @examples(number_of_tubes, number_of_tubes // 25)
    @given(cases() | pipelines() | iterations())
    def check(case: Case) -> None:
        compare(case, {"Dask": Way(lambda: warm)})

    try:
        check()
    finally:
        warm.close()
