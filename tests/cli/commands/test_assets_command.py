"""`noob assets list`: every asset of a tube, as a table and for scripts."""

import json

import pytest

DATABASE = {
    "tube": "connected.yaml",
    "id": "database",
    "scope": "runner",
    "type": "steps.Connection",
    "params": {"name": "database"},
    "depends": None,
    "read_by": ["save"],
    "description": "Where it goes",
}
CURSOR = {
    "tube": "connected.yaml",
    "id": "cursor",
    "scope": "process",
    "type": "steps.Connection",
    "params": {"name": "cursor"},
    "depends": None,
    "read_by": ["read"],
    "description": None,
}
SUM = {
    "tube": "sums.yaml",
    "id": "sum",
    "scope": "runner",
    "type": "steps.zero",
    "params": None,
    "depends": "add.value",
    "read_by": ["add"],
    "description": "The sum so far",
}


def without_absent(facts):
    """Facts without what there is none of, in whatever way that is written."""
    return {name: value for name, value in facts.items() if value not in (None, {}, [], "")}


def same(found, expected):
    return [without_absent(each) for each in found] == [without_absent(each) for each in expected]


class TestFacts:
    @pytest.mark.slow
    def test_of_one_tube(self, noob):
        done = noob("assets", "list", "connected.yaml", "--json")

        assert (done.code, done.err) == (0, "")
        facts = json.loads(done.out)
        assert same(facts, [DATABASE, CURSOR])
        for each in facts:
            assert set(each) == {*DATABASE, "enter", "stateful"}

    def test_of_several_by_file_and_id(self, noob):
        done = noob("assets", "list", "--json", "sums.yaml", "connected")

        assert done.code == 0
        facts = json.loads(done.out)
        assert [each["id"] for each in facts] == ["sum", "database", "cursor"]
        assert "connected" in facts[1]["tube"]

    def test_of_all_below_the_working_folder(self, noob, write, folder):
        write("sub/deeper/more.yml", "assets:\n  x: {type: steps.zero, scope: node}\nnodes:\n"
              "  a: {type: steps.same, depends: assets.x}\n  b: {type: steps.same, depends: assets.x}\n")  # fmt: skip
        for name in (".hidden/t.yaml", "venv/t.yaml"):
            write(name, "assets:\n  hidden: {type: steps.zero, scope: node}\nnodes: {}\n")
        write("venv/pyvenv.cfg", "")
        write("notes.yaml", "assets: {just: data}\n")

        done = noob("assets", "list", "--json")

        assert (done.code, done.err) == (0, "")
        facts = json.loads(done.out)
        more = {"tube": "sub/deeper/more.yml", "id": "x", "scope": "node", "type": "steps.zero", "read_by": ["a", "b"]}
        assert same(sorted(facts, key=lambda each: each["tube"]), [DATABASE, CURSOR, more, SUM])

    def test_of_a_folder(self, noob, folder, tmp_path):
        done = noob("assets", "list", "--json", "work", cwd=tmp_path)

        assert done.code == 0
        assert [each["tube"] for each in json.loads(done.out)] == [
            "work/connected.yaml",
            "work/connected.yaml",
            "work/sums.yaml",
        ]

    def test_params_are_as_in_the_file(self, noob, write):
        write("params.yaml", "input:\n  n: {type: str}\nassets:\n"
              "  x: {type: steps.Connection, scope: node, params: {name: input.n}}\n"
              "  y: {type: steps.Connection, scope: node, params: [ü]}\n"
              "nodes:\n  a: {type: steps.same, depends: assets.x}\n  b: {type: steps.same, depends: assets.y}\n"
              )  # fmt: skip

        done = noob("assets", "list", "params.yaml", "--json", env={"LC_ALL": "C", "PYTHONUTF8": "0"})

        assert [each["params"] for each in json.loads(done.stdout.decode("utf-8"))] == [{"name": "input.n"}, ["ü"]]

    def test_broken_ones_are_named_and_the_others_listed(self, noob, write):
        write("broken.yaml", "nodes: [\n")
        write("wrong.yaml", "assets:\n  x: {type: steps.nope, scope: node}\nnodes: {}\n")

        done = noob("assets", "list", "--json")

        assert done.code == 2
        assert same(json.loads(done.out), [DATABASE, CURSOR, SUM])
        assert "broken.yaml" in done.err
        assert "wrong.yaml:2:" in done.err

    def test_none_are_an_empty_list(self, noob, tmp_path):
        (tmp_path / "empty").mkdir()

        for args, cwd in ((("count.yaml",), None), ((), tmp_path / "empty")):
            done = noob("assets", "list", "--json", *args, cwd=cwd)
            assert (done.code, json.loads(done.out)) == (0, [])

    @pytest.mark.parametrize("name", ["missing.yaml", "", "x" * 5000], ids=range(3))
    def test_what_names_no_tube(self, noob, name):
        done = noob("assets", "list", "--json", "sums", name)

        assert done.code == 2
        assert name[:50] in done.err
        assert [each["id"] for each in json.loads(done.out)] == ["sum"]

    def test_nothing_is_made(self, noob, journal):
        assert noob("assets", "list").code == 0
        assert journal() == []


class TestTable:
    def test_it_shows_everything_about_an_asset_in_a_row(self, noob):
        done = noob("assets", "list")

        assert (done.code, done.err) == (0, "")
        rows = done.out.splitlines()
        database = next(row for row in rows if "Where it goes" in row)
        for part in ("connected", "database", "runner", "steps.Connection", '{"name":"database"}', "save"):
            assert part in database.replace('": "', '":"')
        total = next(row for row in rows if "The sum so far" in row)
        for part in ("sums", "sum", "runner", "steps.zero", "add.value", "add"):
            assert part in total
        assert any("cursor" in row and "process" in row and "read" in row for row in rows)

    def test_it_has_a_header(self, noob):
        header = noob("assets", "list", "sums").out.splitlines()
        text = "\n".join(header[:3])

        for part in ("scope", "type", "params", "stored from", "read by", "description"):
            assert part in text

    def test_in_a_pipe_nothing_is_cut_off(self, noob, write):
        description = "a very long description, " * 20 + "to its end"
        write("long.yaml", f"assets:\n  x: {{type: steps.zero, scope: node, description: '{description}'}}\nnodes:\n"
              "  a: {type: steps.same, depends: assets.x}\n")  # fmt: skip

        done = noob("assets", "list", "long.yaml", env={"COLUMNS": "40"})

        assert done.code == 0
        assert any(description in row and "steps.zero" in row for row in done.out.splitlines())

    @pytest.mark.parametrize(("columns", "is_table"), [(160, True), (60, False)])
    def test_on_a_terminal_it_fits_with_whole_words(self, terminal, columns, is_table):
        done = terminal("assets", "list", on_terminal="all", columns=columns)

        assert done.code == 0
        lines = done.shown.splitlines()
        assert any("─" in line for line in lines) is is_table
        assert max(map(len, lines)) <= columns
        assert "…" not in done.shown
        assert "connected.yaml" in done.shown
        assert "steps.Connection" in done.shown

    def test_markup_in_a_description_is_text(self, noob, write):
        asset = "{type: steps.zero, scope: node, description: '[bold] and [/] :smile:'}"
        write("marked.yaml", f"assets:\n  x: {asset}\nnodes:\n  a: {{type: steps.same, depends: assets.x}}\n")

        shown = noob("assets", "list", "marked.yaml", env={"COLUMNS": "200"}).out

        assert "[bold] and [/] :smile:" in shown

    def test_no_assets_are_said_to_be_none(self, noob):
        done = noob("assets", "list", "count.yaml")

        assert (done.code, done.err) == (0, "")
        assert "no assets" in done.out

    def test_it_is_utf_8_whatever_the_locale(self, noob, write):
        write("größe.yaml", "assets:\n  x: {type: steps.zero, scope: node, description: Größe}\n"
              "nodes:\n  a: {type: steps.same, depends: assets.x}\n")  # fmt: skip

        done = noob("assets", "list", "größe.yaml", env={"LC_ALL": "C", "PYTHONUTF8": "0", "PYTHONCOERCECLOCALE": "0"})

        assert done.code == 0
        assert "Größe" in done.stdout.decode("utf-8")
