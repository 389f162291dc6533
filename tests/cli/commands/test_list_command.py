"""`noob list`: the tubes that are found."""

from __future__ import annotations

import json


def test_all_places_are_looked_through(noob, write, tmp_path):
    more = tmp_path / "more"
    more.mkdir()
    (more / "one.yaml").write_text("noob_id: far\ndescription: Elsewhere.\nnodes: {}\n")
    write("here.yaml", "nodes: {}\n")
    write("extending.yaml", "extends: [count.yaml]\n")
    write("broken.yaml", "nodes: [\n")

    done = noob("list", "--json", env={"NOOB_PATH": str(more)})

    assert (done.code, done.err) == (0, "")
    found = {tube["id"]: tube for tube in json.loads(done.out)}
    assert found["far"] == {"id": "far", "path": str(more / "one.yaml"), "description": "Elsewhere."}
    assert found["here"] == {"id": "here", "path": "here.yaml", "description": None}
    assert found["extending"]["description"] == found["count"]["description"] != ""
    assert found["broken"]["description"] is None


def test_as_a_table(noob):
    text = noob("list", "connected.yaml").out
    assert all(word in text for word in ("id", "file", "description", "connected", "connected.yaml"))
    assert "sums" not in text


def test_what_is_not_there(noob):
    done = noob("list", "connected.yaml", "nowhere")
    assert done.code == 2
    assert "connected" in done.out
    assert "nowhere" in done.err


def test_none(noob, tmp_path):
    (tmp_path / "empty").mkdir()
    done = noob("list", cwd=tmp_path / "empty")
    assert (done.code, done.out, done.err) == (0, "no tubes\n", "")
