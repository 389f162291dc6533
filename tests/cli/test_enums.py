"""What of a result only Python knows is never left to code that doesn't check it."""

from __future__ import annotations

ENUMS = """
    import enum


    class Broken(enum.Enum):
        one = 1

        @property
        def value(self):
            raise RuntimeError("no value")


    class Colour(enum.Enum):
        red = "r"


    def broken(number):
        return {"number": number, "it": Broken.one, "them": [Broken.one]}


    def colour(number):
        return Colour.red
"""


class TestEnums:
    """orjson crashes if the value of an Enum raises; it must not see one."""

    def test_a_value_that_raises(self, noob, write):
        write("enums.py", ENUMS)
        write(
            "broken.yaml",
            "nodes:\n  a: {type: itertools.count}\n  b: {type: enums.broken, depends: a.value}\n"
            "  r: {type: return, depends: b.value}\n",
        )

        done = noob("run", "broken.yaml", "-n", "2")

        assert done.code == 0
        assert [each["number"] for each in done.results] == [0, 1]
        assert all("Broken.one" in each["it"] for each in done.results)

    def test_among_plain_values(self, noob, write):
        write("enums.py", ENUMS)
        write(
            "mixed.yaml",
            "input:\n  value: {type: int, scope: process}\n"
            "nodes:\n  a: {type: operator.neg, depends: input.value}\n  b: {type: enums.colour, depends: a.value}\n"
            "  r: {type: return, depends: [{a: a.value}, {b: b.value}]}\n",
        )

        done = noob("run", "mixed.yaml", stdin=b'{"value": 1}\n{"value": true}\n')

        assert done.results == [{"a": -1, "b": "r"}, {"a": -1, "b": "r"}]
