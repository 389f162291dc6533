"""One mistake gives one diagnostic, whatever else is missing because of it: tried with small mistakes everywhere."""

from __future__ import annotations

import copy
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from ruamel.yaml import YAML

from noob_cli.diagnostics import format_path
from noob_cli.loading.loading import diagnostics_of
from noob_cli.specification.document import Document

HERE = Path(__file__).parent
MUCH = """\
noob_id: much
description: much of all there is
input:
  first: {type: int, default: 1}
  record: {type: int, scope: process}
assets:
  total: {type: int, scope: runner, depends: sum.value}
  box: {type: pieces.box, scope: process, params: {size: input.first}}
nodes:
  number: {type: pieces.climb, params: {top: 5}}
  sum: {type: pieces.add, depends: [{left: number.value}, {right: assets.total}]}
  parts: {type: pieces.parts, depends: [sum.value, {base: input.record}]}
  machine: {type: pieces.Machine, params: {size: 3}, depends: [parts.rest]}
  boxed: {type: pieces.add, depends: [assets.box, parts.quotient], enabled: input.first}
  words: {type: pieces.words, params: {text: one and other}}
  word: {type: map, depends: words.value}
  loud: {type: pieces.shout, depends: word.value}
  all: {type: gather, depends: [loud.value, {n: word.n}]}
  some: {type: gather, depends: [{value: loud.value}, {trigger: word.value}]}
  child:
    type: tube
    depends: [{text: loud.value}]
    params:
      size: 3
      tube:
        input: {text: {type: str, scope: process}, size: {type: int}}
        nodes:
          twice: {type: pieces.add, depends: [input.text, {right: input.text}]}
          boxed: {type: pieces.box, params: {size: input.size}}
          return: {type: return, depends: [{text: twice.value}, {box: boxed.value}]}
  return: {type: return, depends: [{a: machine.value}, {b: boxed.value}, {c: all.value}, {d: child.text}]}
"""


def read(text: str) -> Any:
    """A tube, with a copy of what an alias stands for."""
    return unshared(YAML(typ="safe", pure=True).load(text))


def unshared(data: Any) -> Any:
    if isinstance(data, dict):
        return {key: unshared(value) for key, value in data.items()}
    return [unshared(value) for value in data] if isinstance(data, list) else data


TUBES = {path.stem: path for path in sorted((HERE / "good").glob("*.yaml"))}


@pytest.fixture(autouse=True)
def _in_this_folder(monkeypatch):
    monkeypatch.chdir(HERE)
    monkeypatch.delenv("NOOB_PATH", raising=False)


def misspelt(text: str) -> str:
    """The text with two letters changed about, or one more."""
    at = len(text) // 2
    changed = text[: at - 1] + text[at : at + 1] + text[at - 1 : at] + text[at + 1 :]
    return changed if len(text) > 2 and changed != text else f"{text}x"


def places_in(data: Any, path: tuple[Any, ...] = ()) -> Iterator[tuple[Any, ...]]:
    if path:
        yield path
    for key, value in data.items() if isinstance(data, dict) else enumerate(data) if isinstance(data, list) else ():
        yield from places_in(value, (*path, key))


def at(data: Any, path: tuple[Any, ...]) -> Any:
    for step in path:
        data = data[step]
    return data


def mistakes_in(data: Any) -> Iterator[tuple[str, int, Any]]:
    """Tubes with one mistake: what it is, in how many places something is wrong with it, and the tube."""
    for path in places_in(data):
        *way, key = path
        value = at(data, path)
        name = format_path(path)
        changed = copy.deepcopy(data)
        del at(changed, way)[key]
        yield f"{name} is not there", uses_of(data, path), changed
        for what, new in (("a list", [1]), ("a number", 3.5), ("nothing", None), ("text", "some text")):
            changed = copy.deepcopy(data)
            at(changed, way)[key] = new
            # An input that is no longer named is not used either.
            named = isinstance(value, str) and value.startswith("input.")
            yield f"{name} is {what}", named + (1 if new is not None else uses_of(data, path)), changed
        if isinstance(key, str):
            for word in (misspelt(key), f"{key}-{key}"):
                changed = copy.deepcopy(data)
                entries = at(changed, way)
                kept = list(entries.items())
                entries.clear()
                entries.update((word if each == key else each, below) for each, below in kept)
                yield f"{name} is called '{word}'", uses_of(data, path), changed
        if isinstance(value, str):
            parts = value.split(".")
            for number, part in enumerate(parts):
                changed = copy.deepcopy(data)
                at(changed, way)[key] = ".".join([*parts[:number], misspelt(part), *parts[number + 1 :]])
                yield f"{name} is '{at(changed, path)}'", 1, changed


def uses_of(data: Any, path: tuple[Any, ...]) -> int:
    """How often the entry at a path, or an entry of the section, is referred to: each reference is wrong for itself."""
    *way, key = path
    if key == "scope":
        # An input that is given otherwise is wrong where it is given as well.
        return 2
    if len(path) == 1 and isinstance(data[key], dict):
        names = [f"{each}." if key == "nodes" else f"{key}.{each}" for each in data[key]]
    else:
        names = [f"{way[-1]}.{key}" if way and way[-1] in ("input", "assets") else f"{key}."]
    rest = {section: entries for section, entries in data.items() if [section] != list(path)}
    texts = [at(rest, place) for place in places_in(rest)]
    return max(1, sum(isinstance(text, str) and text.startswith(tuple(names)) for text in texts))


@pytest.mark.parametrize("name", [*TUBES, pytest.param("much", marks=pytest.mark.long)])
@pytest.mark.slow
def test_one_mistake_gives_one_diagnostic(name):
    tube = read(TUBES[name].read_text(encoding="utf-8") if name in TUBES else MUCH)
    assert diagnostics_of(Document(copy.deepcopy(tube))) == []
    showers = []
    for mistake, places, changed in mistakes_in(tube):
        found = diagnostics_of(Document(changed))
        if len(found) > places:
            showers.append((mistake, [str(each) for each in found]))
    assert showers == []
