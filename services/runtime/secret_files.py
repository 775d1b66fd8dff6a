"""Secrets by file: beside each secret setting stands `<its name>_FILE`, the path of a file that holds the value."""

from collections.abc import Iterator
from pathlib import Path
from typing import Any, get_args

from pydantic import SecretStr
from pydantic.fields import FieldInfo
from pydantic_settings import BaseSettings, EnvSettingsSource, PydanticBaseSettingsSource

from services.runtime.outcome import Misconfigured

SUFFIX = "_FILE"


class SecretFiles(PydanticBaseSettingsSource):
    """The secrets whose files the environment names; a newline at the end of a file is no part of the value."""

    def __init__(self, kind: type[BaseSettings], environment: EnvSettingsSource) -> None:
        super().__init__(kind)
        self._values = {name.upper(): value for name, value in environment.env_vars.items()}

    def get_field_value(self, field: FieldInfo, field_name: str) -> tuple[Any, str, bool]:
        """The content of the field's file, None where it has none, and the name it goes by.

        Raises:
            Misconfigured: the file cannot be read or is empty, or the value stands in the environment too.
        """
        name = field.validation_alias if isinstance(field.validation_alias, str) else field_name
        variable = variable_of(self.settings_cls, field_name)
        path = self._values.get(variable + SUFFIX)
        if path is None:
            return None, name, False
        if variable in self._values:
            raise Misconfigured(f"settings: {variable} and {variable}{SUFFIX} are both set: keep one of them")
        return _content(variable + SUFFIX, Path(path)), name, False

    def __call__(self) -> dict[str, Any]:
        """The secrets that have a file, by the names the settings go by."""
        found = (self.get_field_value(field, name) for name, field in _secrets(self.settings_cls))
        return {name: value for value, name, _ in found if value is not None}


def variable_of(kind: type[BaseSettings], name: str) -> str:
    """The environment's name of a setting."""
    field = kind.model_fields.get(name)
    if field is not None and isinstance(field.validation_alias, str):
        return field.validation_alias
    return name if name.isupper() else f"{kind.model_config.get('env_prefix', '')}{name.upper()}"


def _secrets(kind: type[BaseSettings]) -> Iterator[tuple[str, FieldInfo]]:
    for name, field in kind.model_fields.items():
        if SecretStr in (field.annotation, *get_args(field.annotation)):
            yield name, field


def _content(variable: str, path: Path) -> str:
    try:
        content = path.read_text(encoding="utf-8").rstrip("\r\n")
    except OSError as error:
        raise Misconfigured(f"settings: {variable}: cannot read {path}: {error.strerror}") from error
    except UnicodeDecodeError as error:
        raise Misconfigured(f"settings: {variable}: {path} is not UTF-8 text") from error
    if not content:
        raise Misconfigured(f"settings: {variable}: {path} is empty; it holds the value and nothing else")
    return content
