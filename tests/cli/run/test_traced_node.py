"""`--trace-node`: what one node gets and gives."""

from __future__ import annotations

import pytest

TUBE = """
input: {token: {type: str, default: hidden}}
nodes:
  n: {type: steps.count}
  range: {type: builtins.range, depends: n.index}
  each: {type: map, depends: range.value}
  square: {type: operator.mul, depends: [each.value, each.value]}
  all: {type: gather, depends: [value: square.value, n: each.n]}
  within: {type: tube, params: {tube: {input: {v: {type: list, scope: process}},
    nodes: {sum: {type: builtins.sum, depends: input.v}, return: {type: return, depends: sum.value}}}},
    depends: [v: all.value]}
  secret: {type: steps.describe, depends: [n: n.index, token: input.token]}
  return: {type: return, depends: within.value}
"""


@pytest.fixture(autouse=True)
def _tube(write):
    write("tube.yaml", TUBE)


@pytest.mark.parametrize(
    ("node", "told"),
    [
        ("n", ["epoch 2, the node 'n'", "  gave index = 2"]),
        (
            "square",
            [
                *("epoch 2, the node 'square'", "  got a = 0", "  got b = 0", "  gave value = 0"),
                *("epoch 2, the node 'square'", "  got a = 1", "  got b = 1", "  gave value = 1"),
            ],
        ),
        ("within.sum", ["epoch 2, the node 'within.sum'", "  got iterable = [0, 1]", "  gave value = 1"]),
        ("secret", ["epoch 2, the node 'secret'", "  got n = 2", "  got token = ***"]),
        ("return", ["epoch 2, the node 'return'", "  got value = 1"]),
    ],
)
def test_what_it_gets_and_gives_in_one_epoch_with_which_the_run_ends(noob, node, told):
    done = noob("run", "tube.yaml", "--trace-node", node, "--epoch", "2")

    said = [line.replace("'***'", "***") for line in done.err.splitlines()]
    assert (done.code, done.results) == (0, [0, 1])
    assert [line for line in said if "gave value = {" not in line] == told


def test_in_all_of_them_and_that_it_has_given_nothing(noob, write):
    write("tube.yaml", "nodes:\n  n: {type: steps.count}\n  odd: {type: steps.even, depends: n.index}\n")

    done = noob("run", "tube.yaml", "--trace-node", "odd", "--epochs", "2")

    assert done.err.splitlines() == [
        *("epoch 0, the node 'odd'", "  got value = 0", "  gave value = 0"),
        *("epoch 1, the node 'odd'", "  got value = 1", "  gave nothing"),
    ]


@pytest.mark.parametrize(
    ("options", "why"),
    [
        (("--trace-node", "squre"), "there is no node 'squre': did you mean 'square'?"),
        (("--epoch", "1"), "'--epoch' says in which epoch a node is looked at: say with '--trace-node NAME' which"),
        (
            ("--trace-node", "n", "--runner", "threads"),
            "'--trace-node' is for epochs in order, and not for 'threads': add '--runner sync'",
        ),
    ],
)
def test_what_is_wrong_is_told_before_anything_is_made(noob, write, options, why):
    out = write("out", "before")
    done = noob("run", "tube.yaml", *options, "-o", "out")

    assert (done.code, done.out, done.err, out.read_text()) == (2, "", f"error: {why}\n", "before")


def test_an_epoch_that_there_is_not_is_told(noob):
    done = noob("run", "tube.yaml", "--epochs", "2", "--trace-node", "n", "--epoch", "5")

    assert done.err.endswith("of the node 'n' there is nothing to tell: no epoch 5 was made, of 2 epochs\n")


def test_the_run_ends_with_that_epoch_also_where_the_node_is_not_reached(noob, write):
    write(
        "picky.yaml",
        """
        nodes:
          n: {type: steps.count}
          picky: {type: steps.fail_at, depends: n.index}
          double: {type: steps.double, depends: picky.value}
        """,
    )

    done = noob("run", "picky.yaml", "-v", "--trace-node", "double", "--epoch", "2", "--on-error", "skip")

    assert "can't work with 2" in done.err
    assert "info: the run ended after 3 epochs and 0 results" in done.err


def test_an_epoch_that_an_earlier_run_has_made_is_told(noob):
    run = ("run", "tube.yaml", "-o", "out", "--trace-node", "n")
    assert noob(*run, "--epochs", "3", "--checkpoint", "state").code == 0

    covers = "the checkpoint in state covers 3 epochs and 2 results"
    for limits, named in ((("--epoch", "1"), "--epoch 1"), (("--epoch", "7", "--epochs", "2"), "--epochs 2")):
        done = noob(*run, *limits, "--resume", "state")
        assert done.err.startswith(f"nothing is left to do: {covers}, and '{named}' asks for no more than that\n")
