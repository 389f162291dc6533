"""What a page is told: the last of each fact, and what has changed since it has looked."""

from __future__ import annotations

import json

from noob_cli.view.feed import Feed


def test_what_has_changed_is_told_once():
    feed = Feed()
    feed.tell({"a": 1, "b": 2})
    version, facts = feed.since(0)
    assert json.loads(facts) == {"a": 1, "b": 2}
    feed.tell({"a": 1, "b": 3})
    feed.tell({"b": 4})
    version, facts = feed.since(version)
    assert json.loads(facts) == {"b": 4}
    assert feed.since(version) == (version, "{}")


def test_what_is_as_it_was_is_no_news():
    feed = Feed()
    feed.tell({"a": [1]})
    before = feed.version
    feed.tell({"a": [1]})
    assert feed.version == before


def test_what_is_taken_back_is_told_as_nothing():
    feed = Feed()
    feed.tell({"value a": 1, "value b": 2, "tube": 3})
    version, _ = feed.since(0)
    feed.take_back("value ")
    assert json.loads(feed.since(version)[1]) == {"value a": None, "value b": None}


def test_the_first_reader_and_the_last_are_told_of():
    told = []
    feed = Feed(told.append)
    with feed.reading(), feed.reading():
        assert told == [True]
    assert told == [True, False]
    with feed.reading():
        pass
    assert told == [True, False, True, False]
