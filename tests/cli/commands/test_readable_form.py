"""What `noob compile` prints can be read and run."""

from tests.cli.conftest import COUNT


class TestReadableForm:
    def test_it_is_python_and_explains_itself(self, noob, write):
        write("tube.yaml", COUNT)

        text = noob("compile", "tube.yaml").out

        compile(text, "tube.yaml", "exec")
        assert "nonlocal" not in text
        for name in ("failed", "source_ended", "values_of", "stopping"):
            assert f"# {name}: " in text
        assert "# together: " not in text

    def test_a_text_of_the_users_stays(self, noob, write):
        write(
            "tube.yaml",
            """
            nodes:
              n: {type: itertools.count}
              x: {type: builtins.str.format, depends: [n.value], params: {text: "nonlocal epoch"}}
              return: {type: return, depends: x.value}
            """.replace("builtins.str.format", "code.keep"),
        )
        write("code.py", "def keep(x, text):\n    return text\n")

        assert noob("run", "tube.yaml", "-n", "1").results == ["nonlocal epoch"]
