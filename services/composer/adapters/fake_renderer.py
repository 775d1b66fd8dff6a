"""A verified renderer without templates: every slot in both parts, escaped, in the order of a letter."""

from html import escape

from services.composer.core.values import Letter, Rendered, Unrendered


class FakeRenderer:
    """Renders plainly; with `broken` it answers as a renderer whose template is broken."""

    def __init__(self, *, broken: str = "") -> None:
        self.broken = broken

    def render(self, letter: Letter) -> Rendered | Unrendered:
        """Both parts."""
        if self.broken:
            return Unrendered(self.broken)
        lines = (
            letter.preheader, letter.greeting, letter.opening, letter.lesson_title, *letter.lesson, letter.bridge,
            letter.course_title, letter.course_line, letter.skills, letter.button, letter.closing, letter.sender,
            *(text for each in letter.further for text in (letter.further_title, each.title, each.line, each.note)),
        )  # fmt: skip
        footer = (letter.explanation, letter.postal_address)
        links = (
            (letter.button, letter.course_url),
            *((each.title, each.url) for each in letter.further),
            (letter.unsubscribe_label, letter.unsubscribe_url),
        )
        body = "".join(f"<p>{escape(each)}</p>" for each in (*lines, *footer))
        anchors = "".join(f'<a href="{escape(url)}">{escape(label)}</a>' for label, url in links)
        html = f'<!doctype html><html lang="{letter.language}"><body><h1>{escape(letter.subject)}</h1>{body}{anchors}'
        text = "\n".join((*lines, "-- ", *footer, *(url for _, url in links)))
        return Rendered(f"{html}</body></html>", text)
