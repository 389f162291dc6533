"""`noob schema`: a JSON Schema with which an editor completes and checks tubes."""

from __future__ import annotations

import json
from pathlib import Path

import jsonschema
import pytest

from noob_cli.check.catalogue import RULES
from noob_cli.names import is_dotted_path, is_name, is_reference, is_tube_id
from noob_cli.specification.asset import AssetScope, AssetSpecification
from noob_cli.specification.document import read_document
from noob_cli.specification.input import InputScope, InputSpecification
from noob_cli.specification.node import NodeSpecification
from noob_cli.specification.schema import ENTRY_NAME, PYTHON_PATH, REFERENCE, TUBE_ID, tube_schema
from noob_cli.specification.search import is_tube_file
from noob_cli.specification.tube import TubeSpecification
from tests.check.test_rules import CLEAN

ROOT = Path(__file__).parents[3]
DIAGNOSTICS = ROOT / "tests" / "diagnostics"
FILES = [
    path
    for folder in ("sample_tubes", "tests")
    for pattern in ("*.yaml", "*.yml")
    for path in sorted((ROOT / folder).rglob(pattern))
    if DIAGNOSTICS / "broken" not in path.parents and path.parent.name != "conformance" and is_tube_file(path)
]
VALIDATOR = jsonschema.Draft202012Validator(tube_schema())


def as_json(value):
    """A value as an editor's language server sees it: keys are text."""
    if isinstance(value, dict):
        return {
            key if isinstance(key, str) else json.dumps(key, default=str): as_json(each) for key, each in value.items()
        }
    if isinstance(value, list):
        return [as_json(each) for each in value]
    return value


def accepts(text):
    return VALIDATOR.is_valid(as_json(read_document(text).data))


def test_the_command_prints_the_schema(noob):
    done = noob("schema")

    assert (done.code, done.err) == (0, "")
    assert json.loads(done.out) == tube_schema()


def test_the_schema_is_one():
    schema = tube_schema()

    assert schema["$schema"] == jsonschema.Draft202012Validator.META_SCHEMA["$id"]
    jsonschema.Draft202012Validator.check_schema(schema)


def test_it_has_the_keys_of_the_models_and_says_what_each_is_for():
    schema = tube_schema()
    models = {
        "input": InputSpecification,
        "asset": AssetSpecification,
        "node": NodeSpecification,
    }
    found = {"": schema["properties"], **{name: schema["$defs"][name]["properties"] for name in models}}

    for name, model in {"": TubeSpecification, **models}.items():
        keys = {field.alias or key for key, field in model.model_fields.items()} - {"id"}
        assert set(found[name]) == keys
        assert all(each["description"].endswith(".") for each in found[name].values())


def test_it_has_the_scopes_of_the_models():
    definitions = tube_schema()["$defs"]

    for name, scopes in {"input": InputScope, "asset": AssetScope}.items():
        scope = definitions[name]["properties"]["scope"]
        assert scope["enum"] == [each.value for each in scopes]
        assert len(scope["enumDescriptions"]) == len(scope["enum"])


@pytest.mark.parametrize(
    "text",
    [
        "a",
        "_",
        "a1",
        "1a",
        "",
        "a-b",
        "a b",
        "größe",
        "太陽",
        "a.b",
        "a.b.c",
        ".a",
        "a.",
        "a..b",
        "return",
        "a/b#1",
        "a\n.",
    ],
)
def test_the_patterns_mean_what_the_names_do(text):
    rules = {ENTRY_NAME: is_name, REFERENCE: is_reference, PYTHON_PATH: is_dotted_path, TUBE_ID: is_tube_id}

    for pattern, rule in rules.items():
        schema = {"type": "string", "pattern": pattern}
        assert jsonschema.Draft202012Validator(schema).is_valid(text) == rule(text), pattern


class TestGoodTubes:
    @pytest.mark.parametrize("path", FILES, ids=[str(path.relative_to(ROOT)) for path in FILES])
    def test_every_tube_of_the_samples_and_of_the_tests(self, path):
        VALIDATOR.validate(as_json(read_document(path.read_bytes()).data))

    def test_there_are_some(self):
        assert len(FILES) > 10

    @pytest.mark.parametrize("text", CLEAN.values(), ids=CLEAN)
    def test_what_the_rules_find_nothing_in(self, text):
        assert accepts(text)

    @pytest.mark.parametrize("rule", RULES.values(), ids=RULES)
    def test_the_good_examples_of_the_rules(self, rule):
        assert accepts(rule.good.tube)

    @pytest.mark.parametrize(
        "text",
        [
            "extends: [base]\nnodes:",
            "noob_id: a\ninput:\nassets:\n",
            "extends: [base]\nnodes:\n  a: {params: {n: 1}}\n  b:\n  c: {depends: a.value}\n",
            "extends: [base.yaml]\nassets: {a: {depends: b.value}}\ninput: {c: {default: 3}}\n",
            "nodes: {a: {type: str, depends: [b.value, 1: b.x, größe: input.c, d: assets.e]}}",
            "nodes: {a: {type: str, params: {0: 1, b: 2}}}\nassets: {c: {type: dict, scope: node, params: {0: []}}}",
            "nodes: {a: {type: str, depends: null, params: null, stateful: null, description: null}}",
            "nodes: {a: {type: str, enabled: false, stateful: true}, b: {type: str, enabled: input.on}}",
            "nodes: {a: {type: str, retry: {times: 3, wait: 250ms, on: [OSError]}, timeout: 5s, rate: 10/s}}",
            "nodes: {a: {type: str, retry: null, timeout: null, rate: null}}",
            "extends: [base.yaml]\nnodes: {a: {retry: {wait: 1.5m}}}",
            "nodes: {a: {type: tube, params: {tube: other.yaml, size: 3}}}",
            "nodes: {a: {type: tube, params: {tube: {nodes: {b: {type: str}}}}}}",
            "nodes: {a: {type: gather, params: {n: input.size, flatten: true}, depends: [b.value]}}",
            "nodes: {a: {type: map, params: {concurrency: input.size}, depends: [b.value]}}",
            "assets: {a: {type: dict, scope: node, params: [1, {b: input.c}]}}\nnodes: {}",
            "input: {a: {type: 'list[int] | None', scope: process, required: false, default: [1]}}\nnodes: {}",
        ],
    )
    def test_odd_but_right(self, text):
        assert accepts(text)


class TestBrokenTubes:
    # JSON has no keys but text, so that the type of a key can't be said.
    KEYS_AND_VALUES = tuple(
        path
        for path in sorted((DIAGNOSTICS / "broken").glob("K*.yaml"))
        if not path.stem.startswith(("K003_a_word_for_true_as_the_name_of_a_param", "K004_null", "K005_true_as_a_slot"))
    )

    @pytest.mark.parametrize("path", KEYS_AND_VALUES, ids=lambda path: path.stem)
    def test_wrong_keys_and_values(self, path):
        assert not accepts(path.read_text(encoding="utf-8"))

    def test_the_bad_examples_of_the_rules_that_are_in_the_schema(self):
        """A key that stands twice is gone when it is read; of what is no signal, the schema knows inputs and assets."""
        readable = {code: rule for code, rule in RULES.items() if code not in ("Y001", "Y007")}
        refused = {code for code, rule in readable.items() if not accepts(rule.bad.tube)}
        in_schema = {code for code, rule in RULES.items() if rule.in_schema}
        assert refused == (in_schema - {"Y002"}) | {"Y003", "A002"}

    @pytest.mark.parametrize(
        "text",
        [
            "nodes:",
            "extends: base.yaml\n",
            "extends: [3]\n",
            "extends: []\nnodes: {a: {params: {}}}",
            "nodes: {a: {type: str, retry: {wait: 1s}}}",
            "nodes: {a: {type: str, retry: {times: 0}}}",
            "nodes: {a: {type: str, retry: {times: 1, waits: 1s}}}",
            "nodes: {a: {type: str, retry: {times: 1, on: []}}}",
            "nodes: {a: {type: str, timeout: 5}}",
            "nodes: {a: {type: str, rate: 10}}",
            "nodes: {a: {type: gather, params: {n: 0}}}",
            "nodes: {a: {type: gather, params: {m: 1}}}",
            "nodes: {a: {type: map, params: {concurrency: 0}}}",
            "nodes: {a: {type: map, params: {concurrency: true}}}",
            "nodes: {a: {type: tube, params: {size: 1}}}",
            "nodes: {a: {type: tube, params: {tube: {nodes: {b: {}}}}}}",
            "nodes: {a: {type: tube, params: {tube: 3}}}",
            "nodes: {a: {type: return, depends: b.value, params: {c: 1}}}",
            "extends: [base]\nnodes: {a: {parms: {}}}",
            "extends: [base]\nnodes: {a-b: {type: str}}",
            "extends: [base]\nassets: {a: {scope: process, depends: b.value}}",
            "assets: {a: {type: dict, scope: runner, depends: input.b}}\nnodes: {}",
            "input: {a: {type: int, required: perhaps}}\nnodes: {}",
            "nodes: {a: {type: str, params: 3}}",
        ],
    )
    def test_more_that_is_wrong(self, text):
        assert not accepts(text)
