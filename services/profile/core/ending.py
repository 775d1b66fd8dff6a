"""What became of mails that had their time: told, and heard by the person's other facets."""

from services.profile.core.facet import Effect
from services.profile.core.person import Person, grow
from services.profile.core.reasons import Count
from services.profile.core.rules import Rules


def end_mails(person: Person, rules: Rules, now_ms: int) -> Effect:
    """Hear that mails which had their time led to nothing: the person is less interested in what they showed."""
    ignored, size = person.touches.end(now_ms), 0
    for each in ignored:
        course = each.told.course_id
        size += person.interests.lower(course, person.signals.topics_of(course), each.ends_ms, rules)
    is_shrunk = grow(person, size, rules.half_life_ms)
    return Effect(told=[each.told for each in ignored], counted=[Count.SHRUNK] * is_shrunk)
