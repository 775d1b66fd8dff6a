"""A line as it is judged: as it was read, the facts it cites, and what these let it say."""

from dataclasses import dataclass
from functools import cached_property

from services.composer.core.gate.facts import Fact
from services.composer.core.gate.known import Known, without
from services.composer.core.gate.lexicons import Lexicon
from services.composer.core.gate.passage import Passage
from services.composer.core.values import Line
from services.rules.cited import without_quotes


@dataclass(frozen=True, eq=False)
class Statement:
    """What every rule over a line is asked of; `known` is what the line may say."""

    line: Line
    known: Known

    @cached_property
    def said(self) -> Passage:
        """The line as it was read."""
        return self.known.read(self.line.text)

    @cached_property
    def own(self) -> Passage:
        """The same without the facts that it quotes whole."""
        return without(self.said, self.known.quotations)

    @cached_property
    def unquoted(self) -> Passage:
        """The same without those either that stand in quotation marks."""
        plain = self.known.read(without_quotes(self.line.text, self.known.cited))
        return without(plain, self.known.quotations)

    @cached_property
    def cited(self) -> tuple[Fact, ...]:
        """The facts that it cites, or all there are."""
        return self.known.cited_by(self.line)

    @property
    def lexicon(self) -> Lexicon:
        """The words of its language."""
        return self.known.lexicon
