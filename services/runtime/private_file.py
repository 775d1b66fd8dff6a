"""A file that only its owner may read, put in its place once it is whole: what fails leaves nothing."""

import contextlib
import os
from pathlib import Path
from types import TracebackType
from typing import BinaryIO, Self

from services.runtime.outcome import Misconfigured

OWNER_ALONE = 0o600


class PrivateFile:
    """The file of this path; what was there before stands until the new one is whole."""

    def __init__(self, path: Path) -> None:
        self._path, self._beside = path, path.with_name(f".{path.name}.part")
        self._file: BinaryIO

    def __enter__(self) -> Self:
        """Begin.

        Raises:
            Misconfigured: it cannot be written there.
        """
        try:
            if self._path.is_dir():
                raise IsADirectoryError(None, "it is a folder")
            handle = os.open(self._beside, os.O_WRONLY | os.O_CREAT | os.O_TRUNC | os.O_NOFOLLOW, OWNER_ALONE)
            os.fchmod(handle, OWNER_ALONE)  # also where one was left of a run that was killed
        except OSError as error:
            raise Misconfigured(
                f"cannot write {self._path}: {error.strerror}: name a file in a folder of yours"
            ) from error
        self._file = os.fdopen(handle, "wb")
        return self

    def write(self, line: bytes) -> None:
        """Some bytes more.

        Raises:
            Misconfigured: the disk takes no more.
        """
        try:
            self._file.write(line)
        except OSError as error:
            raise Misconfigured(f"cannot write {self._path}: {error.strerror}") from error

    def __exit__(self, kind: type[BaseException] | None, _: BaseException | None, __: TracebackType | None) -> None:
        """Whole: on the disk and in place. Else nothing is left of it.

        Raises:
            Misconfigured: the disk takes no more.
        """
        try:
            if kind is None:
                self._file.flush()
                os.fsync(self._file.fileno())
                self._beside.replace(self._path)
        except OSError as error:
            raise Misconfigured(f"cannot write {self._path}: {error.strerror}") from error
        finally:
            with contextlib.suppress(OSError):  # what could not be flushed cannot be at the close either
                self._file.close()
            self._beside.unlink(missing_ok=True)
