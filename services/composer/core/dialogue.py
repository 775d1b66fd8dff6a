"""The dialogue that ends in a copy: the model, the model once more with what was refused, the grounded template.

A generator: it yields a question and is sent the reply. Laws: at most two copies are asked for, whatever is answered;
each that the gate lets through is read once, where there is a reader; no copy that either refused is ever the copy; it
always ends in one.
"""

from collections.abc import Generator

from schemas.decision import Refusal
from schemas.llm import Ask, Fault, NoAnswer, Reply
from schemas.recommendation import Asked
from services.composer.core.asking import Refused, asked, copy_from, question
from services.composer.core.gate.judge import judge
from services.composer.core.gate.known import known_of
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
        copy = copy_from(reply)
        heard = Heard((copy,)) if isinstance(copy, Finding) else Heard(judge(copy, known))
        if isinstance(copy, Copy) and not heard.findings:
            heard = yield from second_reading(Material(copy.lines, brief.facts, brief.language, brief.brand), reader)
            questions += heard.asked
            if not heard.findings:
                return Composed(copy, "llm", tuple(questions), tuple(refusals))
        last = Refused(reply, heard.findings)
        refusals += (each.refusal(attempt) for each in heard.findings)
        if heard.is_unread:
            break
    lowest, findings = proven_copy(brief, known)
    refusals += (each.refusal(TEMPLATE) for each in findings)
    return Composed(lowest, "template", tuple(questions), tuple(refusals))
