"""Where boxes and arrows of the pipeline's picture stand: as a ring on a wide page, as a column on a narrow one."""

import itertools
from dataclasses import dataclass

WIDE = (1080, 410)
TALL = (360, 1150)
BOX = (230, 132)
TALL_BOX = (300, 118)
TALL_INDENT = 40  # of the arrows on a narrow page, which leave room for a long name beside them
PEOPLE = "people"
INTO_INGEST = ("events.raw", "conversions.raw", "email.feedback", "privacy.requests")
RING = (
    ("ingest", 0, 0), ("profile", 1, 0), ("recommender", 2, 0),
    ("composer", 2, 1), ("connector", 1, 1), (PEOPLE, 0, 1),
)  # fmt: skip
CARRIED = {
    ("ingest", "profile"): ("events.clean",),
    ("profile", "recommender"): ("recommendation.requests",),
    ("recommender", "composer"): ("recommendations",),
    ("composer", "connector"): ("email.outbound",),
    ("connector", PEOPLE): ("mail",),
    (PEOPLE, "ingest"): INTO_INGEST,
}


@dataclass(frozen=True, slots=True)
class Box:
    """One stage, or the people; left upper corner and size."""

    name: str
    x: int
    y: int
    width: int
    height: int


@dataclass(frozen=True, slots=True)
class Label:
    """The name of a topic beside its arrow, or `mail`; `anchor` is SVG's."""

    topic: str
    x: int
    y: int
    anchor: str


@dataclass(frozen=True, slots=True)
class Arrow:
    """A straight arrow with the topics it carries."""

    x1: int
    y1: int
    x2: int
    y2: int
    labels: tuple[Label, ...]


@dataclass(frozen=True, slots=True)
class Picture:
    """A picture of this size; `kind` is wide or tall."""

    kind: str
    width: int
    height: int
    boxes: tuple[Box, ...]
    arrows: tuple[Arrow, ...]


def wide() -> Picture:
    """Two rows of three, read clockwise: what people do comes in on the left, and mail goes back to them."""
    gap_x, gap_y = (WIDE[0] - 20 - 3 * BOX[0]) // 2, WIDE[1] - 20 - 2 * BOX[1]
    boxes = {
        name: Box(name, 10 + column * (BOX[0] + gap_x), 10 + row * (BOX[1] + gap_y), *BOX) for name, column, row in RING
    }
    return Picture("wide", *WIDE, tuple(boxes.values()), tuple(_arrow(boxes, each) for each in CARRIED))


def tall() -> Picture:
    """One column, from what people do down to the mail."""
    order = (PEOPLE, *(name for name, _, _ in RING if name != PEOPLE))
    gap = (TALL[1] - 20 - len(order) * TALL_BOX[1]) // (len(order) - 1)
    boxes = {name: Box(name, 30, 10 + place * (TALL_BOX[1] + gap), *TALL_BOX) for place, name in enumerate(order)}
    steps = itertools.pairwise(order)
    arrows = tuple(_down(boxes[source], boxes[target], CARRIED[source, target]) for source, target in steps)
    return Picture("tall", *TALL, tuple(boxes.values()), arrows)


def _arrow(boxes: dict[str, Box], way: tuple[str, str]) -> Arrow:
    source, target = boxes[way[0]], boxes[way[1]]
    topics = CARRIED[way]
    if source.x == target.x:
        return _down(source, target, topics) if source.y < target.y else _up(source, target, topics)
    is_right = source.x < target.x
    y = source.y + source.height // 2
    x1, x2 = (source.x + source.width, target.x) if is_right else (source.x, target.x + target.width)
    middle = (x1 + x2) // 2
    return Arrow(x1, y, x2, y, tuple(Label(topic, middle, y - 12, "middle") for topic in topics))


def _down(source: Box, target: Box, topics: tuple[str, ...]) -> Arrow:
    x = source.x + (source.width // 2 if source.width == BOX[0] else TALL_INDENT)
    return Arrow(x, source.y + source.height, x, target.y, _beside(x, source.y + source.height, target.y, topics))


def _up(source: Box, target: Box, topics: tuple[str, ...]) -> Arrow:
    x = source.x + source.width // 2
    return Arrow(x, source.y, x, target.y + target.height, _beside(x, target.y + target.height, source.y, topics))


def _beside(x: int, top: int, bottom: int, topics: tuple[str, ...]) -> tuple[Label, ...]:
    """Right of the arrow; left of it where the frame is near."""
    first = (top + bottom) // 2 - 8 * (len(topics) - 1) + 4
    at, anchor = (x - 14, "end") if x > WIDE[0] // 2 else (x + 14, "start")
    return tuple(Label(topic, at, first + 16 * place, anchor) for place, topic in enumerate(topics))
