"""The dialogue that ends in a copy: the model, the model once more with what was refused, the grounded template.

A generator: it yields a question and is sent the reply. Laws: at most two copies are asked for, whatever is answered;
each that the gate lets through is read once, where there is a reader; no copy that either refused is ever the copy; it
always ends in one.
"""

from collections.abc import Generator

from schemas.decision import Refusal
from schemas.llm import Answer, Ask, Fault, NoAnswer, Reply
from schemas.recommendation import Asked
from services.composer.core.asking import Refused, asked, copy_from, question
from services.composer.core.gate.judge import judge
from services.composer.core.gate.known import Known, known_of
from services.composer.core.proving import proven_copy
from services.composer.core.reader import Heard, Material, second_reading
from services.composer.core.values import Brief, Composed, Copy, Finding, Prompt

ATTEMPTS = ("llm.1", "llm.2")
TEMPLATE = "template"


def dialogue(brief: Brief, prompt: Prompt, reader: Prompt | None = None) -> Generator[Ask, Reply, Composed]:
    """The copy with its rung, questions and refusals; nothing that gate or reader refused is ever the copy.

    `reader` is the prompt of the second reader, None where nobody is to read. A reader that does not answer leaves the
    copy unread, and then the template's goes.
    """
    known = known_of(brief, prompt)
    questions: list[Asked] = []
    refusals: list[Refusal] = []
    last: Refused | None = None
    for attempt in ATTEMPTS:
        ask = question(brief, prompt, last)
        reply = yield ask
        if not (isinstance(reply, NoAnswer) and reply.fault is Fault.OFF):
            questions.append(asked(ask, reply))
        if isinstance(reply, NoAnswer):
            break
        judged = _judged(reply, known)
        heard = (yield from second_reading(_read(judged, brief), reader)) if isinstance(judged, Copy) else Heard(judged)
        questions += heard.asked
        if isinstance(judged, Copy) and not heard.findings:
            return Composed(judged, "llm", tuple(questions), tuple(refusals))
        last = Refused(reply, heard.findings)
        refusals += refused(attempt, heard.findings)
        if heard.is_unread:
            break
    copy, findings = proven_copy(brief, known)
    return Composed(copy, "template", tuple(questions), (*refusals, *refused(TEMPLATE, findings)))


def refused(attempt: str, findings: tuple[Finding, ...]) -> list[Refusal]:
    """The findings as the record keeps them."""
    return [Refusal(attempt=attempt, rule=each.rule, detail=each.detail, about=each.about) for each in findings]


def _judged(reply: Answer, known: Known) -> Copy | tuple[Finding, ...]:
    copy = copy_from(reply)
    if isinstance(copy, Finding):
        return (copy,)
    return judge(copy, known) or copy


def _read(copy: Copy, brief: Brief) -> Material:
    return Material(copy.lines(), brief.facts, brief.language, brief.brand)
