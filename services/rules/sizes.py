"""How large a company is, as forms say it: a number or a range, whatever stands around it."""

import re

_NUMBER = r"\d{1,3}(?:[ ,.'\u2019\u00a0\u202f]\d{3})+|\d{1,7}"
_SIZE = re.compile(
    rf"^\D{{0,12}}?({_NUMBER})\s*(?:(\+)|(?:-|\u2010|\u2011|\u2012|\u2013|\u2014|to|a|à|bis|tot|\u301c|~)\s*({_NUMBER})(\+)?)?"
    r"(?:\s*[^\W\d]{1,20}){0,2}\.?$",
    re.IGNORECASE,
)
ALONE = frozenset(
    {
        "self-employed", "self employed", "just me", "only me", "me", "myself", "solo", "freelance", "freelancer",
        "one", "sole trader", "solopreneur", "autónomo", "solo yo", "selbstständig", "einzelunternehmer",
        "indépendant", "freiberuflich", "libero professionista", "zzp", "zelfstandig",
    }
)  # fmt: skip
LONGEST = 40  # characters; a longer text says more than a size


def size_of(text: str) -> str | None:
    """`11-50`, `10`, `5000+`; None for what is no size. Law: idempotent."""
    plain = " ".join(text.split())
    if plain.casefold() in ALONE:
        return "1"
    match = _SIZE.match(plain) if len(plain) <= LONGEST else None
    if match is None:
        return None
    least, more, most, beyond = match.groups()
    return f"{_digits(least)}{f'-{_digits(most)}' if most else ''}{more or beyond or ''}"


def _digits(number: str) -> str:
    return "".join(each for each in number if each.isdigit())
