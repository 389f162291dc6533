"""The sample `words`, compared with what a plain loop over its text counts."""

from __future__ import annotations

import json
import runpy
from collections import Counter
from pathlib import Path
from typing import Any

from .conftest import SAMPLES, Shell

TUBE = "sample_tubes/words/words.yaml"
TEXT = (SAMPLES / "words" / "alice.txt").read_text()


def run(shell: Shell, options: str = "") -> list[dict[str, Any]]:
    done = shell(f"noob run {TUBE} {options}")
    assert (done.returncode, done.stderr) == (0, "")
    return [json.loads(line) for line in done.stdout.splitlines()]


def expected(text: str, least: int = 2) -> list[dict[str, Any]]:
    stop_words = runpy.run_path(str(SAMPLES / "words" / "words.py"))["STOP_WORDS"]
    totals: Counter[str] = Counter()
    results = []
    for number, paragraph in enumerate(text.split("\n\n"), start=1):
        stripped = [word.strip("'(),.:;!?").lower() for word in paragraph.replace("--", " ").split()]
        words = [word for word in stripped if word]
        counts = Counter(word for word in words if word not in stop_words)
        totals.update(counts)
        whole = counts.total()
        about = [[word, round(count / whole, 3)] for word, count in counts.items() if count >= least]
        so_far = dict(totals.most_common(3))
        results.append({"paragraph": number, "words": len(words), "about": about, "so_far": so_far})
    return results


def test_it_counts_as_a_plain_loop_does(shell: Shell) -> None:
    results = run(shell)
    assert results == expected(TEXT)
    assert len(results) == 12
    assert results[-1]["so_far"] == {"alice": 14, "think": 9, "rabbit": 6}
    assert sum(each["words"] for each in results) > 1100


def test_the_shares_of_a_paragraph_make_a_whole(shell: Shell) -> None:
    results = run(shell, "-i least=1")
    assert results == expected(TEXT, least=1)
    for each in results:
        assert abs(sum(share for _, share in each["about"]) - 1) < 0.00051 * len(each["about"])


def test_no_word_comes_often_enough(shell: Shell) -> None:
    assert [each["about"] for each in run(shell, "-i least=100")] == [[]] * 12


def test_a_paragraph_of_stop_words_and_one_of_none(shell: Shell, tmp_path: Path) -> None:
    (tmp_path / "mine.txt").write_text("To be, or not to be: that is.\n\nThe question\n\n\n\n...\n")
    # A map without items emits nothing: neither their number, nor does its gather emit what was made of them.
    assert run(shell, "-i file=mine.txt -i least=1") == [
        {"paragraph": 1, "words": 8, "so_far": {}},
        {"paragraph": 2, "words": 2, "about": [["question", 1.0]], "so_far": {"question": 1}},
        {"paragraph": 3},
    ]
