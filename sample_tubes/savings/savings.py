"""The nodes of `savings.yaml` and `savings_taxed.yaml`."""

from __future__ import annotations


def interest(amount: float, rate: float) -> float:
    """What an amount earns in a year, to the cent."""
    return round(amount * rate, 2)


def add_interest(amount: float, interest: float) -> float:
    """An amount with its interest, to the cent."""
    return round(amount + interest, 2)


def tax(interest: float, rate: float, free: float) -> float:
    """What is to be paid for interest, to the cent."""
    return round(max(interest - free, 0) * rate, 2)
