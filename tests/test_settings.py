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
