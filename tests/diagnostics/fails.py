"""A module that can't be imported."""

TOTAL = 0
SHARE = 100 / TOTAL


def share() -> float:
    return SHARE


class Share:
    pass
