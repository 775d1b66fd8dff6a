"""The broker's jars: resolved once by jgo without Java or Maven, checked by the committed lock, offline afterwards."""

import fcntl
import hashlib
import shutil
import tomllib
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import jgo

HERE = Path(__file__).parent
CACHE = Path(".cache/jgo")


class WrongJarError(RuntimeError):
    """A jar is not the one the lock names: remove .cache/jgo and the local Maven repository's copy, and try again."""


def class_path(cache: Path = CACHE, lists: Path = HERE) -> list[Path]:
    """Every jar of the lists in a folder, each as its lock says; downloads what is missing (the broker's: 41 MB, once).

    Who asks meanwhile waits: jgo links jars without looking whether another does.

    Raises:
        WrongJarError: a jar's SHA-256 is not in the lock, or a locked jar did not come.
    """
    with _alone(cache):
        return _checked(cache, lists)


def _checked(cache: Path, lists: Path) -> list[Path]:
    spec = tomllib.loads((lists / "jgo.toml").read_text())
    locked = _locked(lists)
    environment = jgo.build("+".join(spec["dependencies"]["coordinates"]), cache_dir=cache.absolute())
    jars = [Path(jar) for jar in environment.all_jars]
    came = {jar.name: hashlib.sha256(jar.read_bytes()).hexdigest() for jar in jars}
    if came != locked:
        wrong = sorted(name for name in came.keys() | locked.keys() if came.get(name) != locked.get(name))
        shutil.rmtree(cache, ignore_errors=True)
        raise WrongJarError(f"expected the jars of {lists / 'jgo.lock.toml'}; {', '.join(wrong)} differ")
    return jars


@contextmanager
def _alone(cache: Path) -> Iterator[None]:
    cache.parent.mkdir(parents=True, exist_ok=True)
    with cache.with_suffix(".alone").open("w") as file:
        fcntl.flock(file, fcntl.LOCK_EX)  # let go of when the file is closed, however this process ends
        yield


def _locked(lists: Path) -> dict[str, str]:
    lock = tomllib.loads((lists / "jgo.lock.toml").read_text())
    return {f"{each['artifactId']}-{each['version']}.jar": each["sha256"] for each in lock["dependencies"]}
