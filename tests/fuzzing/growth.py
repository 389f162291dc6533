"""Mutations that let a tube grow: deep and huge YAML, aliases that explode, and much of everything."""

from __future__ import annotations

from hypothesis import strategies as st

from tests.fuzzing.texts import Draw


def grow(draw: Draw, text: str) -> str:
    """A text, and behind or inside of it something that is large, deep or expands."""
    kind = draw(st.sampled_from(sorted(_KINDS)))
    size = draw(st.sampled_from([1, 3, 30, 200, 1000]))
    what = _KINDS[kind](size)  # type: ignore[index]
    places = [text, ""]
    for line in ("nodes:", "assets:", "input:"):
        before, found, after = text.partition(f"\n{line}\n")
        if found:
            places.append(f"{before}\n{line}\n{what}\n{after}")
            places.append(f"{before}\n{line} {what}\n")
    place = draw(st.sampled_from(places))
    return f"{place}\n{what}" if place in (text, "") else str(place)


def _laughs(size: int) -> str:
    lines = [f"l{n}: &l{n} [{', '.join([f'*l{n - 1}'] * 9)}]" for n in range(1, size)]
    return "\n".join(["l0: &l0 [a, a]", *lines])


def _laughing_nodes(size: int) -> str:
    lines = [
        f"  n{n}: &n{n} {{<<: [*n{n - 1}, *n{n - 1}], params: {{a: *n{n - 1}, b: *n{n - 1}}}}}" for n in range(1, size)
    ]
    return "\n".join(["  n0: &n0 {type: sum, params: {a: 1}}", *lines])


_KINDS = {
    "laughs": _laughs,
    "laughing nodes": _laughing_nodes,
    "merges": lambda size: "  m: &m {type: sum}\n  o: {" + "<<: *m, " * size + "depends: m.value}",
    "chain of merges": lambda size: "\n".join(
        ["  c0: &c0 {type: sum}", *(f"  c{n}: &c{n} {{<<: *c{n - 1}, k{n}: {n}}}" for n in range(1, size))]
    ),
    "recursive alias": lambda size: f"r: &r {'[' * min(size, 50)}*r{']' * min(size, 50)}",
    "recursive merge": lambda _: "  r: &r {<<: *r, type: sum}",
    "aliased depends": lambda size: (
        f"  a: {{type: sum, depends: &d [{', '.join(['b.value'] * size)}]}}\n"
        + "\n".join(f"  a{n}: {{type: sum, depends: *d}}" for n in range(min(size, 30)))
    ),
    "lists in flow": lambda size: "  deep: " + "[" * size + "]" * size,
    "open lists": lambda size: "  deep: " + "[" * size,
    "mappings in flow": lambda size: "  deep: " + "{a: " * size + "1" + "}" * size,
    "lists": lambda size: "  deep:\n    " + "- " * size + "a",
    "keys": lambda size: "? " * size + "a",
    "mappings": lambda size: "\n".join(f"{' ' * n}a{n}:" for n in range(size)),
    "inline tubes": lambda size: (
        "  t: " + "{type: tube, params: {tube: {nodes: {t: " * min(size, 60) + "{type: sum}" + "}}}}" * min(size, 60)
    ),
    "chain of nodes": lambda size: "\n".join(
        ["  n0: {type: itertools.count}", *(f"  n{n}: {{type: abs, depends: n{n - 1}.value}}" for n in range(1, size))]
    ),
    "circle of nodes": lambda size: "\n".join(
        f"  n{n}: {{type: abs, depends: n{(n + 1) % size}.value}}" for n in range(size)
    ),
    "many maps": lambda size: "\n".join(
        [
            "  n0: {type: itertools.repeat, params: {object: [1]}}",
            *(f"  n{n}: {{type: map, depends: n{n - 1}.value}}" for n in range(1, min(size, 150))),
        ]
    ),
    "wrong names": lambda size: "\n".join(
        f"  n{n}: {{type: ab{n}, depends: [m{n}.value], parms: {n}}}" for n in range(size)
    ),
    "wrong keys": lambda size: "\n".join(f"unknown{n}: {n}" for n in range(size)),
    "duplicate keys": lambda size: "\n".join(["nodes: {a: {type: sum}}"] * size),
    "many inputs": lambda size: "\n".join(f"  i{n}: {{type: 'int | str', default: {n}}}" for n in range(size)),
    "many readers": lambda size: "\n".join(
        [
            "  hub: {type: itertools.count}",
            *(f"  h{n}: {{type: operator.add, depends: [hub.value, {{b: h{n // 2}.value}}]}}" for n in range(1, size)),
        ]
    ),
    "long key": lambda size: f"{'k' * size * 100}: 1",
    "long value": lambda size: f"noob_id: {'v' * size * 100}",
    "long type": lambda size: f"  a: {{type: {'a.' * size}b}}",
    "long union": lambda size: f"  i: {{type: '{'int | ' * size}str', default: 1}}",
    "deep type": lambda size: f"  i: {{type: '{'list[' * size}int{']' * size}', default: 1}}",
    "long string": lambda size: "description: |\n" + "  text\n" * size * 10,
    "large number": lambda size: f"  a: {{type: sum, params: {{start: {'9' * size * 10}}}}}",
    "large list": lambda size: f"  a: {{type: sum, params: {{iterable: [{'1, ' * size}]}}}}",
    "documents": lambda size: "---\na: 1\n" * size,
    "anchors": lambda size: "\n".join(f"x{n}: &x {n}" for n in range(size)),
    "blank": lambda size: "\n" * size * 100,
    "comments": lambda size: "# comment\n" * size * 10,
    "extends": lambda size: f"extends: [{', '.join(['no-such', 'no-such.yaml'] * min(size, 30))}]",
    "extends itself": lambda _: "extends: [tube.yaml, squares.yaml, savings.yaml, savings]",
    "contains itself": lambda _: (
        "  t: {type: tube, params: {tube: tube.yaml}}\n  u: {type: tube, params: {tube: words}}"
    ),
}
