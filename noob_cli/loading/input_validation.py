"""Validating the values of a tube's inputs, and saying what is wrong with one that its type does not admit."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import Any, NoReturn

from pydantic import TypeAdapter, ValidationError

from noob_cli.errors import InputError
from noob_cli.secret_inputs import MASKED
from noob_cli.specification.input import InputSpecification


class InputValidation:
    """Validates the values of a tube's inputs.

    Args:
        inputs: What the tube says of them, by name.
        adapters: What validates them, by name.
        secrets: Those whose values are not shown; may change.
    """

    def __init__(
        self, inputs: Mapping[str, InputSpecification], adapters: Mapping[str, TypeAdapter[Any]], secrets: set[str]
    ) -> None:
        self._inputs = inputs
        self._adapters = adapters
        self._secrets = secrets

    def validated(self, name: str, value: Any) -> Any:
        """The value of an input, as its type says.

        Raises:
            InputError: The type does not admit it.
        """
        return self.validator(name, name)(value)

    def takes_anything(self, name: str) -> bool:
        """Whether an input admits all values as they are."""
        return bool(self._adapters[name].core_schema["type"] == "any")

    def validator(self, name: str, qualified: str) -> Callable[[Any], Any]:
        """What validates values of an input; it raises what `validated` does.

        Args:
            name: The input.
            qualified: What it is called in a message: with the names of the nodes around it.
        """
        validate = self._adapters[name].validator.validate_python

        def validated(value: Any) -> Any:
            try:
                return validate(value)
            except ValidationError as error:
                self.refuse(name, error, qualified)

        return validated

    def refuse(self, name: str, error: ValidationError, qualified: str | None = None) -> NoReturn:
        """Refuse a value that the type of an input does not admit.

        Args:
            name: The input.
            error: What pydantic says.
            qualified: What the input is called in a message; its name if nothing is said.

        Raises:
            InputError: In any case.
        """
        expected = self._inputs[name].type_
        subject = f"the input '{qualified or name}'"
        if name in self._secrets:
            # The words of a validator may have the value in them, and so has a key on the way to it, and the cause.
            raise InputError(f"{subject} should be {expected}, given {MASKED}", name) from None
        from noob_cli.specification.wrong_value import what_is_wrong

        wrong = InputError(what_is_wrong(subject, expected, error), name)
        wrong.expected, wrong.given = expected, error.errors(include_url=False, include_context=False)[0]["input"]
        raise wrong from error
