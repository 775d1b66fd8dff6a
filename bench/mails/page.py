"""The page of the mails, as Markdown. Pure."""

import re
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass

from bench.mails.judged import Judgement, Judgements
from deploy.local.watch import Conversion

TOKEN = re.compile(r"(/u/)[\w-]+")  # of the one-click link: long, and of no use to who reads the page
SHORT = r"\1…"
FENCE = "~~~"  # not backticks: what stands between those on a page are commands, and a mail says "make sure"
WORDS = ("likely", "perhaps", "unlikely")
PICTURES = (("light", "light, 1000 px wide"), ("dark", "dark, 1000 px wide"), ("phone", "a phone, 390 px wide"))

HEAD = """\
# The mails

{mails} mails of the demo's story ({languages}), as text, each judged in a line.
`make bench ARGS="mails"` writes this page anew; the judgements stand in `docs/mails.yaml`, and a test fails where the page is behind.

Recommender, composer, prompts, gate and second reader are those of `make demo`, played in one process without a broker, with courses found by their words.
`recorded` is an answer written beforehand and played through the same client and gate; `template` is what a lead gets when no model answers.
Every recorded mail of the story is here, the template's mail to the first lead of each of its languages, and one in a language more.
Greeting, headings and farewell, and the wording of a template, are drawn by the decision's id: the same lead in another run is greeted otherwise.
The links to unsubscribe are cut short.

The judgements are readings by who keeps this page, and no measurement: no such lead has opened one.
The recorded answers were written for this very story: they show what a good model can do, not what yours will.

{pictured}'s recorded mail in Chromium, photographed by hand (`--html FILE` writes what was photographed):

| how it is looked at | |
|---|---|"""  # noqa: E501 a page has one sentence a line


@dataclass(frozen=True, slots=True)
class Shown:
    """One mail of the page: whose, who wrote its copy (`recorded` or `template`), and a remark about its making."""

    conversion: Conversion
    writer: str
    remark: str = ""

    @property
    def language(self) -> str:
        """As the mail's head has it."""
        return str(self.conversion.email.language)


def page_of(mails: Sequence[Shown], judgements: Judgements, pictured: str) -> str:
    """The whole page; `pictured` is the lead whose recorded mail the three pictures show.

    Raises:
        Misconfigured: a mail is not judged.
    """
    judged = [(each, _judgement(each, judgements)) for each in mails]
    return "\n".join([*_head(judged, pictured), *(line for each, said in judged for line in _section(each, said))])


def _judgement(mail: Shown, judgements: Judgements) -> Judgement:
    return judgements.of(mail.conversion.lead.name, mail.writer, mail.conversion.email.subject)


def _head(judged: Sequence[tuple[Shown, Judgement]], pictured: str) -> Iterator[str]:
    languages = ", ".join(sorted({mail.language for mail, _ in judged}))
    yield HEAD.format(mails=len(judged), languages=languages, pictured=pictured)
    yield from (f"| {what} | ![{what}](mails-{name}.png) |" for name, what in PICTURES)
    yield from ("", "| would they open it? | recorded | template |", "|---|---|---|")
    for word in WORDS:
        yield f"| {word} | {_count(judged, word, 'recorded')} | {_count(judged, word, 'template')} |"
    yield ""


def _count(judged: Iterable[tuple[Shown, Judgement]], word: str, writer: str) -> int:
    return sum(said.opens == word and mail.writer == writer for mail, said in judged)


def _section(mail: Shown, said: Judgement) -> Iterator[str]:
    email, lead = mail.conversion.email, mail.conversion.lead
    yield from (
        f"## {lead.name}, {mail.writer}, {mail.language}",
        "",
        lead.about,
        *([mail.remark] if mail.remark else []),
        "",
        f"**Would they open it?** {said.opens.capitalize()}. {said.why}",
        "",
        f"Written by: `copy:{mail.writer}`",
        "",
        FENCE + "text",
        f"Subject: {email.subject}",
        f"Preheader: {email.preheader}",
        "",
        *(line.rstrip() for line in TOKEN.sub(SHORT, email.text.strip()).splitlines()),
        FENCE,
        "",
    )
