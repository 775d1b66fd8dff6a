"""Fills the templates: Jinja2, autoescaping in the MJML one, none in the plain-text one. It knows no MJML."""

from dataclasses import asdict
from pathlib import Path

import jinja2

from services.composer.core.values import Letter

FOLDER = Path(__file__).parents[1] / "templates"
NAME = "course.v2"


class MailTemplate:
    """The two templates of a course mail, compiled once."""

    def __init__(self, folder: Path = FOLDER, name: str = NAME) -> None:
        environment = jinja2.Environment(
            loader=jinja2.FileSystemLoader(folder),
            undefined=jinja2.StrictUndefined,
            autoescape=jinja2.select_autoescape(enabled_extensions=("mjml.j2",), default=False),
            trim_blocks=True,
            lstrip_blocks=True,
            keep_trailing_newline=True,
        )
        self._mjml = environment.get_template(f"{name}.mjml.j2")
        self._text = environment.get_template(f"{name}.txt.j2")

    def fill(self, letter: Letter) -> tuple[str, str]:
        """The MJML, every slot escaped, and the plain text.

        Raises:
            ValueError: a template wants what the letter does not have.
        """
        slots = asdict(letter)
        try:
            return self._mjml.render(slots), self._text.render(slots)
        except jinja2.TemplateError as error:
            raise ValueError(f"template: {error}") from None
