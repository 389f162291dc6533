"""A module that needs another, which is not installed."""

import no_module_of_this_name


def share() -> float:
    return no_module_of_this_name.share()
