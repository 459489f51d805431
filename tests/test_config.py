"""What a configuration file may say, and what is said of a wrong one."""

from __future__ import annotations

import jsonschema
import pytest
import yaml
from hypothesis import given
from hypothesis import strategies as st

from bot.config import MOST_BYTES, Config, load, schema
from bot.errors import ConfigError

GATES = ("tests", "lint", "static_types")


def test_no_text_means_the_defaults() -> None:
    assert load("", "pawl.yml", GATES) == Config()
    assert load("# only a remark\n", "pawl.yml", GATES) == Config()


def test_what_is_said_counts_and_the_rest_keeps_its_default() -> None:
    found = load("mutation:\n  threshold: 0.9\ngates:\n  lint: {required: false}\n", "pawl.yml", GATES)
    assert found.mutation.threshold == 0.9
    assert found.mutation.most == Config().mutation.most
    assert not found.gates["lint"].required


@pytest.mark.parametrize(
    ("text", "said"),
    [
        ("version: 1\nmutatoin:\n  threshold: 1\n", "pawl.yml:2: mutatoin: there is no such key; did you mean 'mutation'?"),
        ("mutation:\n  treshold: 1\n", "pawl.yml:2: mutation.treshold: there is no such key; did you mean 'threshold'?"),
        ("gates:\n  lnt: {}\n", "pawl.yml:2: gates.lnt: there is no such gate; did you mean 'lint'?"),
        (
            "gates:\n  lint:\n    requierd: false\n",
            "pawl.yml:3: gates.lint.requierd: there is no such key; did you mean 'required'?",
        ),
        ("mutation:\n\n  threshold: 2\n", "pawl.yml:3: mutation.threshold: input should be less than or equal to 1, not 2"),
        ("paths:\n  allowed:\n    - src/**\n    - 7\n", "pawl.yml:4: paths.allowed.1: input should be a valid string, not 7"),
        ("version: 2\n", "pawl.yml:1: version: input should be 1, not 2"),
        (
            "approvals:\n  roles:\n    legal: {userz: [eve]}\n",
            "pawl.yml:3: approvals.roles.legal.userz: there is no such key; did you mean 'users'?",
        ),
        (
            "approvals:\n  need:\n    HIGH: {legal: 1}\n",
            "pawl.yml:1: approvals: need.HIGH names the role 'legal', which roles lacks: add it, or use one of maintainer",
        ),
        ("approvals:\n  need:\n    HIGH: {owner: 0}\n", "pawl.yml:3: approvals.need.HIGH.owner: input should be greater than"),
        ("- a\n", "pawl.yml:1: the file must hold keys and values"),
        ("a: [1\nb: 2\n", "pawl.yml:2: this is not YAML"),
        ("a: \x00\n", "pawl.yml:1: this is not YAML"),
        ("a: &x [1]\nb: *x\n", "pawl.yml:1: aliases"),
        ("#" * (MOST_BYTES + 1), "pawl.yml:1: the file is larger than 64 KiB"),
    ],
)
def test_a_wrong_file_gets_one_sentence_with_its_line(text: str, said: str) -> None:
    with pytest.raises(ConfigError) as caught:
        load(text, "pawl.yml", GATES)
    assert str(caught.value).startswith(said)
    assert "\n" not in str(caught.value)


def test_roles_that_are_named_join_the_ones_there_are() -> None:
    found = load(
        "approvals:\n  roles:\n    legal: {users: [eve]}\n    security: {teams: [acme/sec]}\n", "pawl.yml", GATES
    ).approvals
    assert found.roles["legal"].users == ("eve",)
    assert found.roles["security"].permission is None
    assert found.roles["maintainer"].permission == "maintain"
    assert found.roles["owner"].codeowners
    assert Config.model_validate(Config().model_dump(mode="json")) == Config()


@given(st.text(max_size=200))
def test_any_text_is_either_a_configuration_or_refused(text: str) -> None:
    try:
        found = load(text, "pawl.yml", GATES)
    except ConfigError as error:
        assert str(error).startswith("pawl.yml:")  # noqa: PT017 - either way out is right
    else:
        assert isinstance(found, Config)


def test_the_schema_takes_what_the_loader_takes() -> None:
    text = "version: 1\ntrust: 2\nscope: {files: 3}\npaths: {protected: [a/**]}\n"
    jsonschema.validate(yaml.safe_load(text), schema())
    load(text, "pawl.yml", GATES)
    with pytest.raises(jsonschema.ValidationError):
        jsonschema.validate({"versoin": 1}, schema())
