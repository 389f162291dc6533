"""Run one tube under one of the packages, and print what came out as JSON. Run by `tests.comparison` as a script.

It is a file by itself, and takes nothing from this project, so that it runs the same in any environment:

    python one_run.py PACKAGE TUBE SETTINGS
"""

import importlib
import json
import os
import re
import sys
import warnings
from pathlib import Path


def main(package, tube, settings):
    file = Path(tube)
    before = file.read_bytes()
    found = {"results": [], "error": None, "message": ""}
    try:
        _run(importlib.import_module(package), file, settings, found["results"].append)
    except BaseException as error:
        found["error"] = type(error).__name__
        found["message"] = (str(error).splitlines() or [""])[0]
    log = getattr(sys.modules.get("compared_nodes"), "LOG", [])
    return found | {"log": list(log), "rewritten": file.read_bytes() != before}


def _run(noob, file, settings, emit):
    if noob.__name__ == "noob":
        # What finds the tubes that this one refers to by their ids.
        for folder in os.environ["NOOB_PATH"].split(os.pathsep):
            importlib.import_module("noob.config").add_config_source(Path(folder))
    tube = noob.Tube.from_specification(str(file) if noob.__name__ == "noob_cli" else file, input=settings["input"])
    runner = noob.SynchronousRunner(tube)
    records = settings["records"]
    if records is None:
        for result in runner.run(settings["epochs"]) or []:
            emit(_text(result))
        runner.deinit()
        return
    runner.init()
    for record in records:
        result = runner.process(**record)
        if result is not None:
            emit(_text(result))
    runner.deinit()


def _text(result):
    return re.sub(r" at 0x[0-9a-f]+", "", repr(result))


if __name__ == "__main__":
    warnings.simplefilter("ignore")
    stdout, sys.stdout = sys.stdout, sys.stderr
    print(json.dumps(main(sys.argv[1], sys.argv[2], json.loads(sys.argv[3]))), file=stdout)
