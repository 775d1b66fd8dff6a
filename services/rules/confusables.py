"""Letters of another script that look like ours, and the words that are made of them."""

import re
import unicodedata

# Per script the letters that UTS #39 (confusables.txt) maps to one ASCII letter, in the order of that one.
CYRILLIC = (
    "\u0430\u042c\u0441\u0501\u0435\u04bd\u04bb\u0456\u04cf\ua647\u0458\u0406\u04c0\u043e\u0440\u051b\u0433"
    "\u0455\u0475\u0461\u051d\u0445\u0443\u04af\u0410\u0412\u0421\u0415\u050c\u041d\u0408\u041a\u041c\u041e"
    "\u0420\u0405\u0422\u0474\u051c\u0425\u0423\u04ae"
)
GREEK = (
    "\u03b1\u03b9\u03f3\u0399\u03bf\u03c3\u03c1\u1d26\u03c5\u03bd\u03b3\u0391\u0392\u0395\u03dc\u0397\u037f"
    "\u039a\u039c\u03fa\u039d\u039f\u03a1\u03a4\u03a7\u03a5\u0396"
)
ARMENIAN = "\u0584\u0581\u0570\u0578\u057c\u0585\u0563\u0566\u057d\u0561\u0555\u054f\u054d"
LATIN = (
    "\u0251\u0184\u1d04\uab32\u1e9d\ua799\uab35\u018d\u0261\u1d83\u0269\u0196\u01c0\u1d0f\u1d11\uab3d\uab47"
    "\uab48\u01bd\ua731\u028b\u1d1c\ua79f\uab4e\uab52\u1d20\u026f\u1d21\u0263\u028f\u1d8c\u1eff\uab5a\u1d22"
    "\ua7b4\ua798\u01a6\uab53"
)
LOOKALIKES = frozenset(CYRILLIC + GREEK + ARMENIAN + LATIN)
# Scripts that no language of ours is written in and that hold whole alphabets of look-alikes.
STRANGE = frozenset(
    {
        "CHEROKEE",
        "COPTIC",
        "LISU",
        "DESERET",
        "WARANG",
        "CARIAN",
        "MIAO",
        "LYCIAN",
        "ELBASAN",
        "TIFINAGH",
        "OSAGE",
        "CANADIAN",
    }
)
_WORD = re.compile(r"[^\W\d_]+")


def mixed_script(text: str) -> str | None:
    """A word, or words in a row, that only look as if they were written in Latin letters.

    Laws: a text in one script passes; a word of Latin letters with one replaced by its look-alike is refused.
    """
    if text.isascii():
        return None
    words = [(each, _scripts(each)) for each in _WORD.findall(text)]
    for word, scripts in words:
        if _is_mixed(word, scripts):
            return str(word)
    if not any("LATIN" in scripts for _, scripts in words):
        return None
    return next((run for run in _runs(words) if _is_disguise(run)), None)


def _is_mixed(word: str, scripts: frozenset[str]) -> bool:
    if "LATIN" not in scripts:
        return bool(scripts & STRANGE) or scripts >= {"CYRILLIC", "GREEK"}
    others = scripts - {"LATIN"}
    return bool(others & (STRANGE | {"CYRILLIC"})) or any(each in LOOKALIKES for each in word)


def _runs(words: list[tuple[str, frozenset[str]]]) -> list[str]:
    """Words in a row that hold no Latin letter and none of a script without look-alikes."""
    runs: list[list[str]] = [[]]
    for word, scripts in words:
        if scripts & {"CYRILLIC", "GREEK", "ARMENIAN"}:
            runs[-1].append(word)
        elif runs[-1]:
            runs.append([])
    return [" ".join(run) for run in runs if run]


def _is_disguise(run: str) -> bool:
    """True where each letter is a look-alike: a text in that script has others. One Greek letter is a symbol."""
    letters = run.replace(" ", "")
    return all(each in LOOKALIKES for each in letters) and not (len(letters) == 1 and letters in GREEK)


def _scripts(word: str) -> frozenset[str]:
    if word.isascii():
        return frozenset({"LATIN"})
    return frozenset(unicodedata.name(each, "").split(" ")[0] for each in word)
