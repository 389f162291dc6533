"""`noob lsp` where no editor has started it."""

from tests.cli.conftest import COMMAND


def test_without_the_extra(noob, without):
    done = noob("lsp", env=without("pygls"), command=COMMAND)
    assert (done.code, done.out) == (2, "")
    assert "'noob lsp' needs the package pygls, which can't be imported" in done.err
    assert done.err.endswith("pip install 'noob-cli[lsp]'\n")


def test_on_a_terminal_it_says_what_it_is_for(terminal):
    done = terminal("lsp", on_terminal="all")
    assert done.code == 2
    assert "'noob lsp' is started by an editor, to which it speaks: 'noob guide editors' says how" in done.shown
