"""`python -m deploy.native`: compiles the profile's core by Cython, unchanged, for `services.runtime.native`.

Optional: it makes a worker cheaper and nothing else (`bench/README.md`). Of the same records both builds make the same
bytes, which a test shows; so annotations are not believed, and functions stay what Python makes of them.
"""

import os
import shutil
import sys
import time
from pathlib import Path
from tempfile import TemporaryDirectory

import msgspec
from Cython.Build import cythonize
from Cython.Compiler.Errors import CompileError as CythonError
from setuptools import Distribution, Extension
from setuptools.command.build_ext import build_ext
from setuptools.errors import BaseError, CompileError, LinkError

from services.runtime.native import FOLDER, MANIFEST, ROOT, SUFFIX, Manifest, sha256, sources

PATHS = ("services/profile/core", "services/profile/pipeline.py")
FLAGS = ("-O2", "-g0", "-w")
DIRECTIVES = {"language_level": 3, "binding": True, "annotation_typing": False}


class NativeError(RuntimeError):
    """The modules cannot be compiled here; the message says what to do."""


class NoCompilerError(NativeError):
    """There is nothing to compile with."""


def build(root: Path, paths: tuple[str, ...], folder: Path) -> int:
    """Compile every module below the paths into the folder, in place of what is there; how many there were.

    Raises:
        NoCompilerError: there is no C compiler, or none of Python's headers.
        NativeError: Cython refuses a source, or the folder cannot be written to.
    """
    found = sources(root, paths)
    manifest = Manifest(paths, SUFFIX, {name: sha256(file) for name, file in found.items()})
    try:
        with TemporaryDirectory(prefix=f"{folder.name}-", dir=folder.parent) as work:
            new = Path(work) / "new"
            _compile({name: file.relative_to(root) for name, file in found.items()}, root, new, Path(work))
            (new / MANIFEST).write_bytes(msgspec.json.encode(manifest))
            shutil.rmtree(folder, ignore_errors=True)
            new.rename(folder)
    except OSError as error:
        raise NativeError(f"cannot write to {folder}: {error.strerror}") from error
    return len(found)


def _compile(files: dict[str, Path], root: Path, into: Path, work: Path) -> None:
    extensions = [Extension(name, [str(file)], extra_compile_args=[*FLAGS]) for name, file in files.items()]
    at_once, before = os.cpu_count() or 1, Path.cwd()
    os.chdir(root)  # Cython takes the paths of sources, and with them the names of modules, from where it is
    try:
        made = cythonize(  # type: ignore[no-untyped-call]
            extensions, build_dir=str(work / "c"), compiler_directives=DIRECTIVES, nthreads=at_once, quiet=True
        )
        command = build_ext(Distribution({"ext_modules": made}))
        command.build_lib, command.build_temp, command.parallel = str(into), str(work / "objects"), at_once
        command.ensure_finalized()
        command.run()
    except CythonError as error:
        raise NativeError(f"Cython refuses a source: {error}") from error
    except (BaseError, CompileError, LinkError) as error:
        what = "expected a C compiler and Python's headers (gcc and python3-dev, or the like)"
        raise NoCompilerError(f"{what}; came: {error}") from error
    finally:
        os.chdir(before)


def main() -> int:
    """Compile, and say how long it took."""
    began, count = time.monotonic(), len(sources(ROOT, PATHS))
    print(f"native: {count} modules are compiled, which takes about a minute on two cores", flush=True)
    try:
        build(ROOT, PATHS, FOLDER)
    except NativeError as error:
        print(f"native: {error}", file=sys.stderr)
        return 1
    took_s = time.monotonic() - began
    print(f"native: {count} modules in {took_s:.0f} s, for `python -m services.runtime.native services.profile`")
    return 0


if __name__ == "__main__":
    sys.exit(main())
