"""The rendered mail is judged last."""

from collections.abc import Callable
from dataclasses import replace

import pytest

from schemas.links import is_allowed_link
from schemas.program import Program
from schemas.recommendation import Recommendation
from services.composer.adapters.mail_renderer import MailRenderer
from services.composer.core.gate.mail import judge_mail
from services.composer.core.letter import letter_of
from services.composer.core.template import template_copy
from services.composer.core.values import Brief, Letter, Rendered
from services.runtime.fake_seal import FakeSeal

HOSTS = frozenset({"academy.example.com", "events.academy.example.com"})


@pytest.fixture
def letter(recommendation: Callable[..., Recommendation], brief: Callable[..., Brief], program: Program) -> Letter:
    """The template's letter."""
    return letter_of(template_copy(brief()), brief(), recommendation(), program.brand, FakeSeal())


@pytest.fixture
def rendered(letter: Letter) -> Rendered:
    """The letter as both parts."""
    both = MailRenderer().render(letter)
    assert isinstance(both, Rendered)
    return both


def test_our_own_mail_passes(letter: Letter, rendered: Rendered) -> None:
    """Nothing to refuse."""
    assert judge_mail(letter, rendered, HOSTS) == ()


@pytest.mark.parametrize(
    "url",
    [
        "http://academy.example.com/x", "//academy.example.com", "javascript:alert(1)", "data:text/html,x",
        "https://academy.example.com@evil.example", "https://user:pw@academy.example.com",
        "https://academy.example.com.evil",
        "https://evil.example/?academy.example.com", "https://\u0430cademy.example.com",
        "https://xn--cademy-3fg.example.com",
        "https://academy.example.com:8443/", "https://academy.example.com:x/", "https://academy.example.com/a b",
        "https://[::1",
        "ht\ttps://academy.example.com", "https://academy.example.com\\@evil.example", "https:academy.example.com", "",
        "https://sub.academy.example.com/", 'https://academy.example.com/"onclick=', "HTTPS:///academy.example.com",
    ],
)  # fmt: skip
def test_only_plain_https_to_an_allowed_host_is_a_link(url: str) -> None:
    """No user, port, look-alike, other scheme or other host."""
    assert not is_allowed_link(url, HOSTS)


def test_case_and_query_of_an_allowed_link_do_not_matter() -> None:
    """Hosts have no case."""
    assert is_allowed_link("https://Academy.example.com/x?y=1&z=2#top", HOSTS)


@pytest.mark.parametrize(
    ("addition", "rule"),
    [
        ("<a href='https://evil.example'>x</a>", "mail_links"),
        ("<a href=//evil.example>x</a>", "mail_links"),
        ("<script>x</script>", "mail_active"),
        ("<form action='https://academy.example.com'>", "mail_active"),
        ("<img alt=''>", "mail_active"),
        ("<p onclick=''>", "mail_active"),
        ("<p onerror=''>", "mail_active"),
        ("<base href='https://academy.example.com/'>", "mail_active"),
        ("<svg/onload=x>", "mail_active"),
        ("<style>p{background:url(x)}</style>", "mail_active"),
        ("<meta http-equiv='refresh'>", "mail_active"),
        ("<style>@import x</style>", "mail_active"),
        ("<h1>twice</h1>", "mail_outline"),
        ("x" * 104_448, "mail_size"),
    ],
)
def test_what_the_template_never_holds_is_refused(letter: Letter, rendered: Rendered, addition: str, rule: str) -> None:
    """Foreign links, active elements, a second heading, a part that would be clipped."""
    changed = replace(rendered, html=rendered.html + addition)
    assert rule in {each.rule for each in judge_mail(letter, changed, HOSTS)}


@pytest.mark.parametrize("part", ["html", "text"])
def test_what_vanishes_is_noticed(letter: Letter, rendered: Rendered, part: str) -> None:
    """Course link, unsubscribe link and address are in both parts."""
    for needed in (letter.course_url, letter.unsubscribe_url, letter.postal_address, letter.lesson[0]):
        without = replace(rendered, **{part: getattr(rendered, part).replace(needed, "")})
        assert "mail_whole" in {each.rule for each in judge_mail(letter, without, HOSTS)}


def test_a_page_says_its_language(letter: Letter, rendered: Rendered) -> None:
    """Screen readers need it."""
    mute = replace(rendered, html=rendered.html.replace("lang=", "data-x="))
    assert [each.detail for each in judge_mail(letter, mute, HOSTS)] == ["no language"]


def test_a_link_in_the_text_part_counts(letter: Letter, rendered: Rendered) -> None:
    """Clients make links of them."""
    changed = replace(rendered, text=rendered.text + "\nhttp://evil.example")
    assert [each.rule for each in judge_mail(letter, changed, HOSTS)] == ["mail_links"]
