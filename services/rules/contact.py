"""Ways to reach or to pay anybody: addresses, telephone numbers, accounts, wallets."""

import re

from services.rules.folding import fold

LEAST_DIGITS = 8  # of a number that begins with 0; shorter ones are codes of rooms and standards
_ADDRESS = re.compile(
    r"@\w|\w@"
    r"|\b\w+\s?(?:\(at\)|\[at\]|\{at\}|\bat\b|\barroba\b|\bchiocciola\b|\barobase\b|\bklammeraffe\b|\bapenstaartje\b|\u30a2\u30c3\u30c8\u30de\u30fc\u30af)"
    r"\s?\w+(?:\s?(?:\(dot\)|\[dot\]|\bdot\b|\bpunto\b|\bponto\b|\bpunkt\b|\bpoint\b|\bpunt\b)\s?|\.)\w{2,}\b"
)
_PHONE = re.compile(
    r"(?<!\w)\+\s?\d[\d\s().\u2013/-]{5,}\d"
    r"|(?<![\w.,-])\(?0\d{1,5}\)?(?:[\s./\u2013-]{1,3}\d{1,9}){1,6}(?![\w%])"
    r"|(?<![\w.,-])\(?\d{3}\)?[\s.-]\d{2,4}[\s.-]\d{2,4}(?![\w%-])"
    r"|(?<![\w.,])\d{9,}(?!\w)"
    r"|\b1[\s-]800[\s-]\w{3,}"
)
_GROUPED = re.compile(r"\d{1,3}(?:([\s.,])\d{3})(?:\1\d{3})*")
_DATE = re.compile(r"\d{1,4}([./\s\u2013-])\d{1,2}\1\d{1,4}")
_IBAN = re.compile(r"\b[a-z]{2}\d{2}(?:\s?[a-z0-9]{4}){2,7}(?:\s?[a-z0-9]{1,4})?\b")
_CARD = re.compile(r"(?<!\d)(?:\d{4}[\s-]?){3}\d{1,7}(?!\d)")
_WALLET = re.compile(r"\b(?:0x[a-f0-9]{40}|bc1[a-z0-9]{20,60}|[13][a-km-z1-9]{25,34}|t[a-z1-9]{33})\b")
IBAN_DIGITS = 8  # a word of four letters groups is no account


def contact(text: str) -> str | None:
    """An address, a telephone number, an account or a wallet of anybody; None where there is none.

    Laws: case, width and the signs between digits weaken nothing; prices, dates and standards are none.
    """
    folded = fold(text)
    if match := (_ADDRESS.search(folded) or _WALLET.search(folded) or _CARD.search(folded)):
        return match.group()
    for match in _IBAN.finditer(folded):
        if sum(each.isdigit() for each in match.group()) >= IBAN_DIGITS:
            return match.group()
    return next((each.group() for each in _PHONE.finditer(folded) if _is_phone(each.group())), None)


def _is_phone(number: str) -> bool:
    bare = number.strip("() ")
    if _DATE.fullmatch(bare) or (_GROUPED.fullmatch(bare) and not bare.startswith("0")):
        return False
    digits = sum(each.isdigit() for each in number)
    return digits >= LEAST_DIGITS or not bare.startswith("0")
