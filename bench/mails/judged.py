"""Would this lead open the mail, and why: a line a mail, of a mail with just this subject."""

from collections.abc import Mapping
from pathlib import Path
from typing import Literal

from schemas.values import Value
from services.runtime.outcome import Misconfigured
from services.runtime.program import read_yaml


class Judgement(Value):
    """Of one mail; `subject` is the mail's when it was judged."""

    subject: str
    opens: Literal["likely", "perhaps", "unlikely"]
    why: str


class Judgements(Value):
    """By the name of the lead, then by who wrote the copy: `recorded` or `template`."""

    version: Literal[1]
    mails: Mapping[str, Mapping[str, Judgement]]

    def of(self, lead: str, writer: str, subject: str) -> Judgement:
        """The judgement of this mail.

        Raises:
            Misconfigured: there is none, or it is of a mail with another subject.
        """
        found = self.mails.get(lead, {}).get(writer)
        if found is None or found.subject != subject:
            came = "none" if found is None else f"one of a mail with the subject {found.subject!r}"
            raise Misconfigured(
                f"expected a judgement of {lead}'s {writer} mail {subject!r}, came {came}: judge it anew"
            )
        return found


def read_judgements(path: Path) -> Judgements:
    """The judgements of a file.

    Raises:
        Misconfigured: the file is missing or wrong; it names field and what was expected.
    """
    return read_yaml(path, Judgements)
