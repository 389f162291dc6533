"""`noob list`: the tubes that are found."""

from __future__ import annotations

import json
from pathlib import Path


def test_all_places_are_looked_through(noob, write, tmp_path):
    more = tmp_path / "more"
    more.mkdir()
    (more / "one.yaml").write_text("noob_id: far\ndescription: Elsewhere.\nnodes: {}\n")
    write("here.yaml", "nodes: {}\n")
    write("extending.yaml", "extends: [count.yaml]\n")
    write("broken.yaml", "nodes: [\n")

    done = noob("list", "--json", env={"NOOB_PATH": str(more)})

    assert (done.code, done.err) == (0, "")
    found = {Path(tube["path"]).stem: tube for tube in json.loads(done.out)}
    far = {"id": "far", "path": str(more / "one.yaml"), "description": "Elsewhere.", "problem": None}
    assert found["one"] == far
    assert found["here"] == {"id": None, "path": "here.yaml", "description": None, "problem": None}
    assert found["extending"]["description"] == found["count"]["description"] != ""
    assert found["broken"]["description"] is None
    assert found["broken"]["problem"].startswith("broken: ")


def test_as_a_table(noob):
    text = noob("list", "connected.yaml").out
    assert all(word in text for word in ("id", "file", "description", "connected", "connected.yaml"))
    assert "sums" not in text


def test_what_is_not_there(noob):
    done = noob("list", "connected.yaml", "nowhere")
    assert done.code == 2
    assert "connected" in done.out
    assert "nowhere" in done.err
    assert noob("list", "nowhere").out == ""


def test_what_is_wrong_is_marked(noob, write):
    """What can't be run by its id, or at all, is not listed like what can."""
    write("marked/a.yaml", "noob_id: same\nnodes: {}\n")
    write("marked/b.yaml", "noob_id: same\nnodes: {}\n")
    write("marked/c.yaml", "noob_id: wrong\nnodes: {a: {typ: int}}\n")
    write("marked/d.yaml", "nodes: {a: {type: operator.no_such}}\n")

    *problems, of_code = [tube["problem"] for tube in json.loads(noob("list", "marked", "--json").out)]

    assert problems == [
        None,
        "the id is that of marked/a.yaml too: give it another",
        "broken: the key 'typ' has no meaning here",
    ]
    assert of_code.startswith("broken: the module 'operator' has no 'no_such'")
    assert "problem" in noob("list", "marked").out
    assert "problem" not in noob("list", "marked/a.yaml").out


def test_none(noob, tmp_path):
    (tmp_path / "empty").mkdir()
    done = noob("list", cwd=tmp_path / "empty")
    assert (done.code, done.out, done.err) == (0, "no tubes\n", "")
