"""An agreement's plain text as a document: headings with anchors, paragraphs, lists."""

import re
from dataclasses import dataclass, field
from typing import Literal

from agreements.models import AgreementText

_BULLET = re.compile(r"^[-*•] +")


@dataclass(frozen=True)
class Block:
    """One paragraph, or one list of points. Lines of a paragraph are joined, as on paper."""

    kind: Literal["paragraph", "list"]
    lines: tuple[str, ...]

    @property
    def text(self) -> str:
        return " ".join(self.lines)


@dataclass
class Section:
    """What stands under one heading; the first may have none."""

    anchor: str
    heading: str = ""
    blocks: list[Block] = field(default_factory=list)


def sections_of(words: AgreementText) -> list[Section]:
    """The sections of a text in which # begins a heading, - a point, and blank lines part the rest."""
    sections = [Section(anchor="section-0")]
    for part in re.split(r"\n\s*\n", words.body.replace("\r\n", "\n").strip()):
        lines = [line.strip() for line in part.split("\n") if line.strip()]
        if lines and lines[0].startswith("#"):
            sections.append(Section(anchor=f"section-{len(sections)}", heading=lines.pop(0).lstrip("# ")))
        if lines:
            sections[-1].blocks.append(_block_of(lines))
    return [section for section in sections if section.heading or section.blocks]


def _block_of(lines: list[str]) -> Block:
    if all(_BULLET.match(line) for line in lines):
        return Block("list", tuple(_BULLET.sub("", line) for line in lines))
    return Block("paragraph", tuple(lines))
