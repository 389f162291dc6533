"""An environment with the public package `noob`."""

from __future__ import annotations

import os
import subprocess
import sys
from pathlib import Path

PACKAGE = "noob"
VERSION = "1003.0.2"


def python_of(environment: Path) -> Path:
    """The interpreter of an environment."""
    windows = environment / "Scripts" / "python.exe"
    return windows if windows.exists() else environment / "bin" / "python"


def make_environment(folder: Path, python: str = sys.executable) -> Path:
    """Make an environment with the public package, and with what this project needs beside it.

    Args:
        folder: Where.
        python: Its interpreter.

    Returns:
        The folder.
    """
    subprocess.run([python, "-m", "venv", os.fspath(folder)], check=True)
    install = [python_of(folder), "-m", "pip", "install", "--quiet", "--disable-pip-version-check"]
    subprocess.run([*install, f"{PACKAGE}=={VERSION}", "typer>=0.15"], check=True)
    return folder


def has_package(python: Path) -> bool:
    """Whether the public package can be imported by an interpreter."""
    command = [python, "-c", f"import {PACKAGE}"]
    return subprocess.run(command, capture_output=True, check=False).returncode == 0
