"""Who clicked: a click waits for its likes, then it is judged; a machine's is no engagement and teaches nothing."""

from typing import Any

import pytest

from schemas.recommendation import RecommendationRequest
from schemas.standing import Outcome
from services.profile.core.facets import clicks
from services.profile.core.facets.clicks import KEPT_MS, MOST, SETTLE_MS, Clicked
from services.profile.core.timers import may_wait
from services.profile.pipeline import decode, dues, encode
from tests.unit.profile.conftest import World

SECOND, MINUTE, DAY = 1_000, 60_000, 86_400_000
ALSO = {"crm-1": "https://a.example/crm-1", "ads-1": "https://a.example/ads-1"}
FIRST = "https://a.example/seo-1"


class Mailed:
    """Ana, to whom a mail of three courses was delivered; what comes of it is said with seconds after that."""

    def __init__(self, world: World, also: dict[str, str]) -> None:
        self.world, self.also = world, also
        world.take(world.guide())
        requests = [each for each in world.tick(30 * MINUTE) if isinstance(each, RecommendationRequest)]
        self.decision, self.at = requests[0].decision_id, world.now

    def said(self, word: str, after_s: float, url: str = "", **fact: Any) -> dict[str, Any]:
        """Feedback about the mail."""
        about = {"word": word, "message_id": "m", "decision_id": self.decision, "also": self.also, **fact}
        return self.world.event(
            "feedback", feedback=about, trusted=True, properties={"course": "seo-1"}, url=url,
            time_ms=self.at + round(after_s * SECOND), received_ms=self.world.now,
        )  # fmt: skip

    def delivered(self, after_s: float = 0) -> None:
        """It was delivered."""
        self.world.take(self.said("delivered", after_s))

    def click(self, *clicked: tuple[float, str], **fact: Any) -> None:
        """Links were followed so long after delivery; the records come at once."""
        self.world.take(*(self.said("clicked", after_s, url, **fact) for after_s, url in clicked))

    def settle(self) -> None:
        """The time passes in which a click waits for its likes."""
        self.world.tick(SETTLE_MS)

    @property
    def told(self) -> list[tuple[str, str, str | None]]:
        """What courses.signals was told."""
        return [(each.course_id, each.word, each.was) for each in self.world.sent if isinstance(each, Outcome)]

    @property
    def counts(self) -> dict[str, int]:
        """How many clicks were judged so."""
        words = {"no": "clicked", "suspected": "click_suspected", "yes": "click_machine"}
        return {word: self.world.counts[name] for word, name in words.items() if name in self.world.counts}


@pytest.fixture
def mail(world: World) -> Mailed:
    """A mail of three courses."""
    return Mailed(world, ALSO)


@pytest.mark.parametrize(
    ("clicked", "fact", "counts"),
    [
        ([(1, FIRST)], {}, {"yes": 1}),
        ([(-3, FIRST)], {}, {"yes": 1}),
        ([(5, FIRST)], {}, {"suspected": 1}),
        ([(10, FIRST)], {}, {"no": 1}),
        ([(60, FIRST)], {"machine": "yes"}, {"yes": 1}),
        ([(60, FIRST)], {"machine": "suspected"}, {"suspected": 1}),
        ([(60, FIRST)], {"machine": "half"}, {"suspected": 1}),
        ([(60, FIRST), (60.5, ALSO["crm-1"]), (61, ALSO["ads-1"])], {"machine": "no"}, {"yes": 3}),
        ([(60, FIRST), (60.5, "https://a.example/"), (61, "https://e.a.example/u/x")], {}, {"yes": 3}),
        ([(60, FIRST), (64, ALSO["crm-1"]), (68, ALSO["ads-1"])], {}, {"suspected": 3}),
        ([(60, FIRST), (64, ALSO["crm-1"]), (90, ALSO["ads-1"])], {}, {"no": 3}),
        ([(60, FIRST), (61, f"{FIRST}#x"), (75, ALSO["crm-1"])], {}, {"no": 3}),
        ([(60, FIRST), (60.5, FIRST), (61, FIRST)], {}, {"no": 3}),
        ([(60, f"{ALSO['crm-1']}?a=1"), (60.5, f"{ALSO['crm-1']}?a=2"), (61, ALSO["crm-1"])], {}, {"no": 3}),
    ],
)
def test_verdict_of_each_click_is_counted(
    mail: Mailed, clicked: list[tuple[float, str]], fact: dict[str, Any], counts: dict[str, int]
) -> None:
    """By when the mail came, by the links that were followed at once, by what the ESP says."""
    mail.delivered()
    mail.world.now += 2 * MINUTE
    mail.click(*clicked, **fact)
    assert mail.counts == {}
    mail.settle()
    assert mail.counts == counts


@pytest.mark.parametrize(
    ("also", "counts"), [({"crm-1": ALSO["crm-1"]}, {"yes": 2}), ({}, {"no": 2}), (ALSO, {"no": 2})]
)
def test_every_link_of_a_mail_at_once_is_a_machine(world: World, also: dict[str, str], counts: dict[str, int]) -> None:
    """Of two both; of three two are some."""
    mail = Mailed(world, also)
    mail.world.now += 2 * MINUTE
    mail.click((60, FIRST), (61, ALSO["crm-1"]))
    mail.settle()
    assert mail.counts == counts


def test_scanner_teaches_nothing_and_is_no_engagement(mail: Mailed) -> None:
    """Whatever it followed: the mail led to nothing, and the person was not there."""
    before = mail.world.person().engagement.hours
    mail.delivered()
    mail.click((1, FIRST), (1, ALSO["crm-1"]), (3, ALSO["ads-1"]))
    mail.settle()
    engagement = mail.world.person().engagement
    assert (mail.told, sorted(engagement.by_word), engagement.hours) == ([], ["delivered"], before)
    mail.world.tick(mail.world.rules.memory_ms)
    assert sorted(mail.told) == [(course, "nothing", None) for course in ("ads-1", "crm-1", "seo-1")]


def test_opens_and_what_strangers_say_are_no_engagement(mail: Mailed) -> None:
    """Machines open most mails, whatever an ESP says of one; and a browser's feedback proves nothing."""
    mail.world.take(
        *(mail.said("opened", 60, machine=machine) for machine in ("yes", "no")),
        {**mail.said("clicked", 60, FIRST), "trusted": False},
    )
    mail.settle()
    assert (mail.told, mail.counts, mail.world.person().engagement.by_word) == ([], {}, {})


def test_persons_later_click_counts_beside_a_scanners(mail: Mailed) -> None:
    """It is the one that is told, for its course, and counts once as engagement."""
    hours = sum(mail.world.person().engagement.hours.values())
    mail.delivered()
    mail.click((0.5, FIRST), (1, ALSO["crm-1"]), (1.5, ALSO["ads-1"]))
    mail.settle()
    mail.click((290, ALSO["crm-1"]))
    mail.settle()
    mail.settle()
    assert mail.told == [("crm-1", "clicked", None)]
    assert mail.counts == {"yes": 3, "no": 1}
    engagement = mail.world.person().engagement
    assert engagement.by_word.keys() == {"delivered", "clicked"}
    assert sum(engagement.hours.values()) == hours + 1


def test_first_click_of_a_burst_is_not_told_before_the_others_came(mail: Mailed) -> None:
    """Alone it looks like a person's; records come apart, and in any order."""
    for after_s, url in ((61, FIRST), (62, ALSO["ads-1"]), (61.5, ALSO["crm-1"])):
        mail.world.tick(MINUTE)
        mail.click((after_s, url))
    mail.settle()
    assert (mail.told, mail.counts) == ([], {"yes": 3})


def test_delivery_may_be_heard_after_the_click(mail: Mailed) -> None:
    """Of several times the first is the delivery's."""
    mail.click((11, FIRST))
    mail.delivered(20)
    mail.delivered(10)
    mail.settle()
    assert (mail.told, mail.counts) == ([], {"yes": 1})


def test_click_whose_likes_come_too_late_is_judged_by_what_was_there(mail: Mailed) -> None:
    """What remains: it was told as a person's, and is not taken back; those that come later are judged by all."""
    mail.world.now += MINUTE
    mail.click((60, FIRST))
    mail.settle()
    mail.click((60.5, ALSO["crm-1"]), (61, ALSO["ads-1"]))
    mail.settle()
    assert mail.told == [("seo-1", "clicked", None)]
    assert mail.counts == {"no": 1, "yes": 2}


def test_mail_whose_click_waits_does_not_end_before_it(mail: Mailed) -> None:
    """Else it would be told that it led to nothing, and the person would be less interested."""
    mail.delivered()
    mail.world.now = mail.at + mail.world.rules.memory_ms - 1
    mail.click((mail.world.rules.memory_ms // SECOND, FIRST))
    assert dues(mail.world.person()) == mail.world.now + SETTLE_MS
    assert mail.world.tick(1) == []
    assert mail.world.person().touches.end(mail.world.now) == []  # as where something else of the person is due
    mail.settle()
    assert sorted(mail.told) == [("ads-1", "nothing", None), ("crm-1", "nothing", None), ("seo-1", "clicked", None)]


def test_click_that_waits_is_found_again_after_a_restart(mail: Mailed) -> None:
    """In what is stored: by its time, and a person of whom no click waits has nothing of it."""
    assert "clicks" not in encode(mail.world.person()).decode()
    mail.click((60, FIRST))
    stored = encode(mail.world.person())
    assert may_wait(stored)
    assert dues(decode(stored)) == mail.world.now + SETTLE_MS
    mail.settle()
    assert dues(mail.world.person()) == mail.at + mail.world.rules.memory_ms


def test_judged_clicks_are_forgotten_after_a_day(mail: Mailed) -> None:
    """Until then they speak against their likes."""
    mail.click((60, FIRST))
    mail.settle()
    assert [each.settles_ms for each in mail.world.person().touches.clicks[mail.decision].clicks] == [0]
    mail.world.now += KEPT_MS
    mail.click((86_700, ALSO["crm-1"]))
    mail.settle()
    [kept] = mail.world.person().touches.clicks[mail.decision].clicks
    assert kept.time_ms == mail.at + 86_700 * SECOND


def test_clicks_of_a_mail_have_a_cap(mail: Mailed) -> None:
    """The newest are kept; what else a scanner follows is not judged."""
    mail.click(*((60 + number, f"https://a.example/{number}") for number in range(MOST + 3)))
    kept = mail.world.person().touches.clicks[mail.decision].clicks
    assert [each.time_ms - mail.at for each in kept] == [(63 + number) * SECOND for number in range(MOST)]


def test_shrunk_person_keeps_no_clicks_of_a_touch_that_went(mail: Mailed) -> None:
    """They go with it."""
    mail.click((60, FIRST))
    touches = mail.world.person().touches
    touches.rows = {f"{number:08x}-0000-5000-8000-000000000000": row
                    for number in range(100) for row in touches.rows.values()} | touches.rows  # fmt: skip
    touches.clicks |= {each: Clicked(1) for each in touches.rows if each != mail.decision}
    touches.shrink(50, 0, 1.0)
    assert touches.clicks.keys() == touches.rows.keys()
    assert len(touches.rows) == 2


def test_clicks_go_with_a_link(mail: Mailed) -> None:
    """Of the mail of one person: some heard before, some after; judged together where the person went."""
    mail.world.now += MINUTE
    mail.click((60, FIRST))
    mail.world.take(mail.world.event("linked", person="u:ana", link="u:bo", trusted=True))
    mail.world.loop()
    mail.click((60.5, ALSO["crm-1"]), (61, ALSO["ads-1"]))
    mail.world.loop()
    mail.world.tick(SETTLE_MS, "u:bo")
    assert (mail.told, mail.counts) == ([], {"yes": 3})


def test_click_of_a_mail_that_nobody_knows_any_more_is_told_of_nothing(mail: Mailed) -> None:
    """In a state that came by a link: it is judged, and that is all."""
    mail.click((60, FIRST))
    with mail.world.changed() as ana:
        ana.touches.rows.clear()
        ana.touches.mails.clear()
    mail.settle()
    assert (mail.told, mail.counts, dues(mail.world.person())) == ([], {"no": 1}, None)


def test_two_looks_at_one_click_are_one() -> None:
    """What is surer of a machine stands, and that it was judged."""
    one, two = (clicks.Click(5, "l", "", *rest) for rest in (("suspected", 9), ("yes", 9)))
    judged = clicks.Click(5, "l", "", "", 0)
    for order in ((one, two, judged), (judged, two, one)):
        held: clicks.Clicks = {}
        for each in order:
            clicks.note(held, "d", each)
        assert held == {"d": Clicked(0, (clicks.Click(5, "l", "", "yes", 0),))}
