"""How a language writes lists, counts, lengths, dates and money: by Babel, which holds CLDR's data."""

from collections.abc import Sequence
from datetime import datetime

import babel
from babel import dates, lists, numbers, units

from schemas.words import Words
from services.runtime.outcome import Misconfigured

HOUR_MINUTES = 60
MOST_COUNTED = 1_000  # lessons of a course


class BabelForms:
    """A `Forms` of one locale; `where` is the file that names it.

    Raises:
        Misconfigured: CLDR knows no such locale, or `lessons` lacks a form it counts with.
    """

    def __init__(self, where: str, words: Words) -> None:
        try:
            self._locale = babel.Locale.parse(words.locale)
        except (ValueError, babel.UnknownLocaleError):
            raise Misconfigured(f"{where}: locale: expected one of CLDR, such as en_GB; {words.locale} came") from None
        self._words = words
        used = {self._locale.plural_form(count) for count in range(MOST_COUNTED + 1)}
        if missing := used - words.lessons.keys():
            raise Misconfigured(f"{where}: lessons: expected {', '.join(sorted(missing))} as well; it counts with them")

    def joined(self, items: Sequence[str]) -> str:
        """The list, with the conjunction that its last item's first sound wants."""
        text = lists.format_list(items, locale=self._locale) if items else ""
        for start, (usual, wanted) in self._words.and_before.items():
            if len(items) > 1 and items[-1].casefold().startswith(start):
                return f"{text.removesuffix(f'{usual} {items[-1]}')}{wanted} {items[-1]}"
        return text

    def plural(self, count: int) -> str:
        """The form by CLDR's rule."""
        return str(self._locale.plural_form(count))

    def number(self, count: int) -> str:
        """With the language's digits and separators."""
        return numbers.format_decimal(count, locale=self._locale)

    def duration(self, minutes: int) -> str:
        """`2 hours and 30 minutes`."""
        hours, rest = divmod(minutes, HOUR_MINUTES)
        parts = [self._unit(hours, "duration-hour")] if hours else []
        if rest:
            parts.append(self._unit(rest, "duration-minute"))
        return self.joined(parts) if self._words.spaces else "".join(each.replace(" ", "") for each in parts)

    def date(self, instant: datetime) -> str:
        """CLDR's long form."""
        return dates.format_date(instant, "long", locale=self._locale)

    def money(self, minor: int, currency: str) -> str:
        """CLDR's form, with as many digits as the currency has."""
        amount = minor / 10 ** numbers.get_currency_precision(currency)
        return numbers.format_currency(amount, currency, locale=self._locale)

    def language(self, code: str) -> str:
        """CLDR's name."""
        return self._locale.languages.get(code) or code

    def _unit(self, amount: int, unit: str) -> str:
        return units.format_unit(amount, unit, length="long", locale=self._locale)
