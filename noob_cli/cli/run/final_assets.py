"""What the runner-scoped assets are at the end of a run, as JSON."""

from __future__ import annotations

from pydantic_core import to_json

from noob_cli.checkpoints.held import held_assets
from noob_cli.cli.run.whole_file import WholeFile
from noob_cli.cli.shell.messages import report_warning
from noob_cli.raised import describe
from noob_cli.results.exact_values import FormlessError, to_exact_json
from noob_cli.runners.synchronous import SynchronousRunner


class FinalAssets:
    """Takes down what the assets of a run are: each before it is ended, those that have no end behind all others.

    Args:
        file: Gets it in the end.
    """

    def __init__(self, file: WholeFile) -> None:
        self.file = file
        self.runner: SynchronousRunner
        """Runs the tube."""
        self._texts: dict[str, bytes] = {}
        self._reasons: dict[str, str] = {}

    def take(self, name: str) -> None:
        """Take down what an asset is.

        Args:
            name: Its name.
        """
        try:
            self._texts[name] = to_exact_json(self.runner.assets[name].obj)
        except FormlessError as error:
            self._reasons[name] = str(error)
        except BaseException as error:
            # What has to be ended is ended in any case.
            self._reasons[name] = describe(error)

    def write(self) -> None:
        """Write what they are, and say which of them can't be written.

        Raises:
            OSError: The file can't be written.
        """
        names = [asset.name for asset in held_assets(self.runner.tube)]
        for name in names:
            if name not in self.runner.assets:
                self._reasons[name] = "it was not made, or not here: each worker has one of its own"
            elif name not in self._texts and name not in self._reasons:
                self.take(name)
        lines = [to_json(name) + b":" + self._texts[name] for name in names if name in self._texts]
        self.file.write(b"{" + b",\n".join(lines) + b"}\n")
        for name in names:
            if name in self._reasons:
                report_warning(f"the asset '{name}' is not in {self.file.path}: {self._reasons[name]}")
