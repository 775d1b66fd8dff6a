"""What became of mails: clicks that were judged, and mails that had their time; told, and heard by other facets."""

from collections.abc import Mapping

from services.profile.core.facet import Effect
from services.profile.core.person import Person, grow
from services.profile.core.reasons import Count
from services.profile.core.rules import Rules
from services.rules.clicks import Verdict

TOLD_BYTES = 20  # bound of what a mail's row grows by, when it is told what became of its course
_COUNTED: Mapping[Verdict, Count] = {
    Verdict.NO: Count.CLICKED, Verdict.SUSPECTED: Count.CLICK_SUSPECTED, Verdict.YES: Count.CLICK_MACHINE,
}  # fmt: skip


def end_mails(person: Person, rules: Rules, now_ms: int) -> Effect:
    """Hear who clicked, and which mails led to nothing: the person is less interested in what those showed."""
    settled = person.touches.settle(now_ms)
    size = TOLD_BYTES * len(settled.by_person_ms)
    for time_ms in settled.by_person_ms:
        size += person.engagement.click(time_ms, person.newest_ms, rules)
    ignored = person.touches.end(now_ms)
    for each in ignored:
        course = each.told.course_id
        size += TOLD_BYTES + person.interests.lower(course, person.signals.topics_of(course), each.ends_ms, rules)
    counted = [_COUNTED[verdict] for verdict in settled.verdicts]
    is_shrunk = grow(person, size, rules.half_life_ms)
    return Effect(
        told=[*settled.told, *(each.told for each in ignored)], counted=[*counted, *[Count.SHRUNK] * is_shrunk]
    )
