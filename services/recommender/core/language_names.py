"""What languages are called: in English, in themselves, and the common ones in each other."""

import re

# ISO 639-1 → names in small letters; the names as Unicode CLDR has them, without accents too where typed so
NAMES = {
    "ar": "arabic arab arabs árabe arabe arabisch arabo",
    "bg": "bulgarian български",
    "cs": "czech čeština česky",
    "da": "danish dansk",
    "de": "german deutsch alemán aleman allemand alemão alemao tedesco ドイツ語",
    "el": "greek ελληνικά",
    "en": "english inglés ingles englisch anglais inglês inglese 英語 英语",
    "es": "spanish español espanol castellano spanisch espagnol espanhol spagnolo スペイン語",
    "fi": "finnish suomi suomea",
    "fr": "french français francais francés frances französisch francês francese フランス語",
    "he": "hebrew עברית",
    "hi": "hindi हिन्दी हिंदी",
    "hu": "hungarian magyar magyarul",
    "id": "indonesian indonesia",
    "it": "italian italiano italienisch italien",
    "ja": "japanese japonés japones japanisch japonais japonês 日本語 日语",
    "ko": "korean 한국어",
    "nl": "dutch nederlands",
    "no": "norwegian norsk",
    "pl": "polish polski polsku",
    "pt": "portuguese português portugues portugués portugiesisch portugais",
    "ro": "romanian română romana",
    "ru": "russian русский русском",
    "sv": "swedish svenska",
    "th": "thai ไทย",
    "tr": "turkish türkçe turkce",
    "uk": "ukrainian українська українською",
    "vi": "vietnamese việt",
    "zh": "chinese mandarin chino chinesisch chinois chinês 中文 汉语 漢語",
}
_WORD = re.compile(r"[^\W\d_]+")
_UNSPACED = re.compile(r"[\u0e00-\u0e7f\u3040-\u9fff]")  # Thai, Japanese, Chinese: a name is found within words


def names_language(text: str, language: str) -> bool:
    """Whether the text names the language; False of one whose name is not known."""
    small = text.casefold()
    words = frozenset(_WORD.findall(small))
    return any(name in words or (_UNSPACED.match(name) and name in small) for name in NAMES.get(language, "").split())
