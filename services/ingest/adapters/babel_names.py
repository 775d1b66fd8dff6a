"""What a language calls itself: by Babel, which holds CLDR's data."""

import babel


def own_name(language: str) -> str:
    """The language's name in itself, as `español`; its code where CLDR knows none."""
    try:
        name = babel.Locale.parse(language).get_language_name(language)
    except (ValueError, babel.UnknownLocaleError):
        return language
    return name or language
