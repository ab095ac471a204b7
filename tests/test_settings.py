"""Sections of settings: keys within keys, each refused by its whole name."""

from pathlib import Path
from typing import Annotated

import pytest
from msgspec import Meta

from mlops_task.errors import ConfigError
from mlops_task.settings import Section, load

CHARACTER = Meta(min_length=1, max_length=1, description="one character")


class Paper(Section, frozen=True):
    size: Annotated[str, Meta(min_length=1, description="a name of a size")] = "A4"


class Letter(Section, frozen=True):
    seal: Annotated[str, CHARACTER]
    words: Annotated[tuple[str, ...], Meta(description="a list of words")] = ()
    paper: Paper = Paper()

    @staticmethod
    def printed() -> tuple[str, ...]:
        return ("seal",)


class Post(Section, frozen=True):
    to: Annotated[str, Meta(min_length=1, description="a name")]
    letter: Letter = Letter(seal="x")


@pytest.fixture
def path(tmp_path: Path) -> Path:
    return tmp_path / "post.yaml"


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("to: me", Post(to="me")),
        ("to: me\nletter:\n  seal: y", Post(to="me", letter=Letter(seal="y"))),
        (
            "to: me\nletter: {seal: y, words: [a, b], paper: {size: A5}}",
            Post(to="me", letter=Letter(seal="y", words=("a", "b"), paper=Paper(size="A5"))),
        ),
    ],
)
def test_a_section_is_a_mapping(path: Path, text: str, expected: Post) -> None:
    path.write_text(text)
    assert load(path, Post) == expected


LETTER = "the known keys are letter.seal, letter.words, letter.paper"


@pytest.mark.parametrize(
    ("letter", "expected"),
    [
        ("{seal: ab}", "letter.seal must be one character, got 'ab'"),
        ('{seal: "\\a"}', "letter.seal must be one character, got '\\x07'"),
        ("{seal: [a]}", "line 2: letter.seal must be one character, got a list"),
        ("{seal: a, seal: b}", "line 2: key 'letter.seal' stands twice"),
        ("{}", "required key 'letter.seal' is missing; it must be one character"),
        ("{seel: a}", f"unknown key 'letter.seel' (did you mean 'letter.seal'?); {LETTER}"),
        ("{seal: a, words: b}", "letter.words must be a list of words, got 'b'"),
        ("{seal: a, words: [b, 1]}", "letter.words must be a list of words, got ['b', 1]"),
        ("{seal: a, words: [[b]]}", "line 2: letter.words must be a list of words, got a list"),
        ("{seal: a, paper: {size: 4}}", "letter.paper.size must be a name of a size, got 4"),
        ("A4", "letter must be a mapping, got 'A4'"),
        ("", "letter must be a mapping, got None"),
        ("[a]", "line 2: letter must be a mapping, got a list"),
    ],
)
def test_every_refusal_names_the_key_with_its_sections(path: Path, letter: str, expected: str) -> None:
    path.write_text(f"to: me\nletter: {letter}")
    with pytest.raises(ConfigError) as caught:
        load(path, Post)
    assert str(caught.value) == f"{path}: {expected}"


def test_overrides_win_over_the_file_and_later_ones_over_earlier(path: Path) -> None:
    path.write_text("to: me\nletter: {seal: x, words: [a]}\n")
    changes = ["to=you", "letter.seal=y", "letter.paper.size=A5", "to=them"]
    expected = Post(to="them", letter=Letter(seal="y", words=("a",), paper=Paper(size="A5")))
    assert load(path, Post, changes) == expected


def test_a_section_may_be_overridden_as_a_whole(path: Path) -> None:
    path.write_text("to: me\nletter: 5\n")
    expected = Post(to="me", letter=Letter(seal="y", words=("a", "b")))
    assert load(path, Post, ["letter={seal: y}", "letter.words=[a, b]"]) == expected


@pytest.mark.parametrize("sign", [*"!\"#$%&'*,-.:;<=>?@[]^_`{|}~ \t", "x"])
def test_a_single_sign_means_itself_though_yaml_has_other_uses(path: Path, sign: str) -> None:
    path.write_text("to: me\n")
    if sign.isprintable():
        assert load(path, Post, [f"letter.seal={sign}"]).letter.seal == sign
    assert load(path, Post, [f"to={sign}"]).to == sign


OVERRIDES = {
    "to=5": "--set to=5: to must be a name, got 5",
    "to=": "--set to=: to must be a name, got None",
    "letter.seal=ab": "--set letter.seal=ab: letter.seal must be one character, got 'ab'",
    "letter={seal: ab}": "--set letter={seal: ab}: letter.seal must be one character, got 'ab'",
    "letter.words=[[a]]": "--set letter.words=[[a]]: letter.words must be a list of words, got a list",
    "letter.seel=a": "--set letter.seel=a: unknown key 'letter.seel' (did you mean 'letter.seal'?); "
    + LETTER,
    "letters.seal=a": "--set letters.seal=a: unknown key 'letters' (did you mean 'letter'?); "
    "the known keys are to, letter",
    "to.me=5": "--set to.me=5: to must be a name, got a mapping",
    "to=[a": "--set to=[a: line 1, column 3: bad YAML: expected ',' or ']', but got '<stream end>'",
}


@pytest.mark.parametrize("override", OVERRIDES)
def test_a_refusal_names_the_override_that_it_is_about(path: Path, override: str) -> None:
    path.write_text("to: me\nletter: {seal: x}\n")
    with pytest.raises(ConfigError) as caught:
        load(path, Post, ["letter.words=[a]", override])
    assert str(caught.value) == OVERRIDES[override]


def test_a_refusal_of_the_file_names_the_file_beside_overrides(path: Path) -> None:
    path.write_text("to: me\nletter: {seal: xy}\n")
    with pytest.raises(ConfigError) as caught:
        load(path, Post, ["to=you", "letter.words=[a]"])
    assert str(caught.value) == f"{path}: letter.seal must be one character, got 'xy'"


def test_no_file_is_needed_if_overrides_have_all_that_is_required(path: Path) -> None:
    assert load(path, Post, ["to=me"], is_needed=False) == Post(to="me")
    with pytest.raises(ConfigError) as caught:
        load(path, Post, ["letter.seal=x"], is_needed=False)
    assert str(caught.value) == (
        f"{path}: no such config file, and required key 'to' is missing; it must be a name"
    )
    with pytest.raises(ConfigError, match=r": no such config file$"):
        load(path, Post, ["to=me"])
