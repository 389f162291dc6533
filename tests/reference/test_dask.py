"""Random tubes give the same on a Dask cluster as in order."""

from __future__ import annotations

from typing import Any

import pytest
from hypothesis import assume, given

pytest.importorskip("distributed")

from noob_cli import SynchronousRunner
from noob_cli.errors import EndedAheadError
from tests.examples import examples
from tests.reference.test_parallel import UNSAID, outcomes
from tests.reference.tubes import Case, cases
from tests.runners.warm_dask import WarmDask


@pytest.mark.usefixtures("uncounted")
def test_random_tubes_give_the_same(number_of_tubes: int) -> None:
    warm = WarmDask(2, 6)

    class OnDask(SynchronousRunner):
        def _crew(self) -> Any:
            return warm

    @examples(number_of_tubes, number_of_tubes // 25)
    @given(cases())
    def check(case: Case) -> None:
        assume(not any(f"nodes.{name}" in repr(case.spec) for name in UNSAID))
        found = outcomes(OnDask, case)
        # A nested tube that ends ahead of its turn is told, and nothing else is compared then.
        assume(not any(error[0] == EndedAheadError.__name__ for error in found if isinstance(error, tuple)))
        assert found == outcomes(SynchronousRunner, case)

    try:
        check()
    finally:
        warm.close()
