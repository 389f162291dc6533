"""Values of inputs whose names say that nobody is to read them are not shown."""

from __future__ import annotations

from typing import Any

import pytest

from noob_cli import InputError
from noob_cli.secret_inputs import MASKED, is_secret
from tests.runners.tubes import Tubes

TUBES = Tubes(__name__)


@pytest.mark.parametrize(
    "name",
    [
        "secret",
        "token",
        "password",
        "key",
        "api_key",
        "apikey",
        "API_KEY",
        "accessToken",
        "db_passwd",
        "credentials",
        "privateKey",
        "keys",
        "key_id",
        "keyId",
        "client_secret_2",
        "githubtoken",
        "pwd",
        "Passphrase",
    ],
)
def test_a_name_that_says_so(name):
    assert is_secret(name)


@pytest.mark.parametrize("name", ["keyboard", "keyword", "tokenizer", "tokenise", "number", "pass_band", "k", "author"])
def test_a_name_that_does_not(name):
    assert not is_secret(name)


class Resource:
    def __init__(self, **params: Any) -> None:
        raise ValueError("made")


def fail(*values: Any, **named: Any) -> None:
    raise ValueError("seen")


def failure_of(yaml: str, record: dict[str, Any], **inputs: Any) -> Any:
    runner = TUBES.runner(yaml, **inputs)
    with pytest.raises(ValueError), runner:  # noqa: PT011
        runner.process(**record)
    return runner.failure


def test_what_a_node_got_of_one():
    failure = failure_of(
        """
        input:
          token: {type: str}
          plain: {type: str}
          password: {type: str, scope: process}
        nodes:
          x:
            type: my.fail
            depends: [input.password, {named: input.token}, {shown: input.plain}]
            params: {deep: {header: [input.token, 1]}, other: input.plain}
        """,
        {"password": "p"},
        token="t",
        plain="q",
    )

    assert failure.values == {"0": MASKED, "named": MASKED, "shown": "q"}
    assert failure.params == {"deep": {"header": [MASKED, 1]}, "other": "q"}


def test_what_an_asset_got_of_one():
    failure = failure_of(
        """
        input: {token: {type: str}}
        assets: {a: {type: my.Resource, scope: runner, params: {login: input.token}}}
        nodes: {x: {type: my.fail, depends: [assets.a]}}
        """,
        {},
        token="t",
    )

    assert failure.params == {"login": MASKED}


def test_what_a_nested_tube_hands_on_by_other_names():
    failure = failure_of(
        """
        input: {token: {type: str}, password: {type: str, scope: process}}
        nodes:
          t:
            type: tube
            depends: [word: input.password]
            params:
              way: {to: input.token}
              tube:
                input: {way: {type: dict}, word: {type: str, scope: process}, free: {type: int, default: 1}}
                nodes: {x: {type: my.fail, depends: [input.word], params: {way: input.way, free: input.free}}}
        """,
        {"password": "p"},
        token="t",
    )

    assert failure.values == {"0": MASKED}
    assert failure.params == {"way": MASKED, "free": 1}


def test_a_wrong_one():
    with pytest.raises(InputError) as raised:
        TUBES.tube("input: {api_key: {type: int}}\nnodes: {x: {type: my.fail}}", api_key="hunter2")

    assert str(raised.value) == "the input 'api_key' should be int, given ***"
    assert raised.value.__cause__ is None


def test_a_wrong_one_in_a_record():
    runner = TUBES.runner(
        "input: {password: {type: int, scope: process}}\nnodes: {x: {type: my.fail, depends: [input.password]}}"
    )

    with runner, pytest.raises(InputError) as raised:
        runner.process(password="hunter2")

    assert str(raised.value) == "the input 'password' should be int, given ***"
    assert raised.value.__cause__ is None
