"""What the program folder and the settings say, compiled once for speed; holds no secret."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from datetime import tzinfo
from types import MappingProxyType
from zoneinfo import ZoneInfo

from schemas.program import Playbook, Program
from services.profile.core.caps import MAX_TOUCHES
from services.profile.core.content import Content, Registered, nothing_registered
from services.profile.core.event import Event
from services.profile.core.meaning import Meaning, reader

DAY_MS = 86_400_000
HOUR_MS = 3_600_000


@dataclass(frozen=True, slots=True)
class CapMs:
    """At most `most` touches in any window; of one purpose, where it names one."""

    window_ms: int
    most: int
    purpose: str | None = None


@dataclass(frozen=True, slots=True)
class Zone:
    """No mail between two full hours of a time zone; `name` is that of the brand's."""

    zone: tzinfo
    start: int
    end: int
    name: str


@dataclass(frozen=True, slots=True)
class Rules:
    """All that folding and deciding look up; `meaning` remembers its answers.

    `ignored_weight`: what a mail that led to nothing adds to the interests it spoke to; 0 or less.
    `stamped`: raw topics, by their short names, whose times are the broker's: only there a younger record at an older
    place tells another log. `accepts_gap`: an input that is another log is gone on with at its beginning.
    `made_anew`: raw topics of which the operator says so, whose coordinates are forgotten.
    `zones`: the time zones in which persons live, by their names.
    `registered`: which piece of the business's own content a signal is.
    """

    half_life_ms: float
    meaning: Callable[[Event], Meaning | None]
    playbooks: Mapping[str, Playbook]
    openers: Mapping[str, tuple[Playbook, ...]]
    quiet_period_s: int | None
    caps: tuple[CapMs, ...]
    quiet_hours: Zone | None
    languages: tuple[str, ...]
    decisions_per_day: int
    memory_ms: int
    ignored_weight: float = 0.0
    stamped: frozenset[str] = frozenset()
    accepts_gap: bool = False
    made_anew: frozenset[str] = frozenset()
    registered: Registered = nothing_registered
    zones: Mapping[str, tzinfo] = field(default_factory=lambda: MappingProxyType({}))

    def quiet_ms(self, playbook: Playbook) -> int:
        """How long a trigger of the playbook waits for the next event."""
        return 1000 * (playbook.quiet_period_s if self.quiet_period_s is None else self.quiet_period_s)


def compiled(program: Program, *, quiet_period_s: int | None = None) -> Rules:
    """The rules of a program; `quiet_period_s` replaces every playbook's own.

    Raises:
        ValueError: the time zone of the quiet hours is unknown, two playbooks have one name, or a cap's purpose none.
    """
    brand, playbooks = program.brand, program.playbooks
    by_name = {playbook.name: playbook for playbook in playbooks}
    if len(by_name) < len(playbooks):
        raise ValueError("two playbooks have one name; names must differ, since triggers refer to them")
    _refuse_unknown_purposes(program)
    entries = {name for playbook in playbooks for name in playbook.entry}
    caps = tuple(CapMs(cap.window_hours * HOUR_MS, min(cap.most, MAX_TOUCHES), cap.purpose) for cap in brand.caps)
    return Rules(
        half_life_ms=program.signals.half_life_days * DAY_MS,
        meaning=reader(program.signals),
        playbooks=MappingProxyType(by_name),
        openers=MappingProxyType({name: tuple(p for p in playbooks if name in p.entry) for name in sorted(entries)}),
        quiet_period_s=quiet_period_s,
        caps=caps,
        quiet_hours=_zone(program),
        languages=brand.languages,
        registered=Content(program.content).registered,
        decisions_per_day=brand.decisions_per_day,
        ignored_weight=program.signals.ignored_weight,
        memory_ms=max([cap.window_ms for cap in caps] + [playbook.purpose_days * DAY_MS for playbook in playbooks]),
    )


def _refuse_unknown_purposes(program: Program) -> None:
    known = sorted({playbook.purpose for playbook in program.playbooks})
    for number, cap in enumerate(program.brand.caps):
        if cap.purpose is not None and cap.purpose not in known:
            raise ValueError(
                f"brand.yaml: caps[{number}].purpose is {cap.purpose!r}, which no playbook has; expected one of "
                f"{', '.join(known)}"
            )


def _zone(program: Program) -> Zone | None:
    quiet = program.brand.quiet_hours
    if quiet is None or quiet.start == quiet.end:
        return None
    try:
        return Zone(ZoneInfo(quiet.time_zone), quiet.start, quiet.end, quiet.time_zone)
    except (KeyError, ValueError, OSError):
        raise ValueError(
            f"brand.yaml: quiet_hours.time_zone is {quiet.time_zone!r}; expected a name as Europe/Madrid"
        ) from None
