"""Compiled modules are run whole or not at all, and make the same bytes as their sources."""

import json
import shutil
import subprocess
import sys
from pathlib import Path
from typing import Any

import pytest

from deploy.native import PATHS, NativeError, NoCompilerError, build
from services.runtime.errors import Status
from services.runtime.native import FOLDER, MANIFEST, ROOT, SUFFIX, compiled, sources
from services.runtime.outcome import Misconfigured

pytestmark = pytest.mark.xdist_group("native")  # one of them compiles for all
THEIR_NAMES = {"house.core.room", "house.core.wing.door", "house.front"}
ASKING = """
import sys
from pathlib import Path
from services.runtime.native import Compiled, compiled
root = Path(sys.argv[1])
sys.path.insert(0, str(root))
sys.meta_path.insert(0, Compiled(compiled(root / ".native", root)))
import house.front
print(house.front.WORDS, *[sys.modules[each].__file__ for each in sys.argv[2:]], sep="\\n")
"""


def _write(root: Path) -> None:
    for package in ("house", "house/core", "house/core/wing"):
        (root / package).mkdir(parents=True)
        (root / package / "__init__.py").write_text("")
    (root / "house/core/room.py").write_text("def size(of: int) -> int:\n    return of * 2\n")
    (root / "house/core/wing/door.py").write_text("from house.core.room import size\nWIDE = size('ab')\n")
    (root / "house/front.py").write_text("from house.core.wing.door import WIDE\nWORDS = WIDE\n")
    (root / "house/other.py").write_text("")


@pytest.fixture(scope="module")
def house(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Three modules, compiled; one beside them that is not."""
    root = tmp_path_factory.mktemp("native")
    _write(root)
    try:
        count = build(root, ("house/core", "house/front.py"), root / ".native")
    except NoCompilerError as error:
        pytest.skip(str(error))
    assert count == len(THEIR_NAMES)
    return root


@pytest.fixture
def theirs(house: Path, tmp_path: Path) -> Path:
    """A copy that a test may spoil."""
    return Path(shutil.copytree(house, tmp_path / "house"))


def _refused(root: Path) -> str:
    with pytest.raises(Misconfigured) as found:
        compiled(root / ".native", root)
    return str(found.value)


def test_each_module_comes_from_its_compiled_file(house: Path) -> None:
    """In packages and beside them; an annotation that lies is as little believed as by the interpreter."""
    assert {*compiled(house / ".native", house)} == THEIR_NAMES
    assert not [*house.glob(".native-*")]
    asking = [sys.executable, "-c", ASKING, str(house), *sorted(THEIR_NAMES)]
    said = subprocess.run(asking, capture_output=True, text=True, check=True, cwd=ROOT).stdout.split()
    assert said == ["abab", *(f"{house}/.native/{each.replace('.', '/')}{SUFFIX}" for each in sorted(THEIR_NAMES))]


def test_a_source_that_differs_by_a_byte_is_refused(theirs: Path) -> None:
    """Else what was compiled would be believed, whatever the source says."""
    file = theirs / "house/core/wing/door.py"
    file.write_text(file.read_text() + "\n")
    assert "1 differ, first house.core.wing.door. Compile them anew: run `make native`" in _refused(theirs)


@pytest.mark.parametrize("change", ["new", "gone"])
def test_a_module_more_or_less_is_refused(theirs: Path, change: str) -> None:
    """A new one would be run by the interpreter, among those that were compiled without it."""
    if change == "new":
        (theirs / "house/core/attic.py").write_text("")
    else:
        (theirs / "house/front.py").unlink()
    assert f"first house.{'core.attic' if change == 'new' else 'front'}" in _refused(theirs)


def test_files_of_another_python_are_refused(theirs: Path) -> None:
    """Their names end with its version."""
    manifest = theirs / ".native" / MANIFEST
    manifest.write_text(manifest.read_text().replace(SUFFIX, ".cpython-39.so"))
    assert f"expected files {SUFFIX}; came .cpython-39.so" in _refused(theirs)


def test_a_file_that_is_gone_is_refused(theirs: Path) -> None:
    """No module is run by the interpreter among compiled ones."""
    (theirs / f".native/house/core/room{SUFFIX}").unlink()
    assert "expected a file for each module; house.core.room has none" in _refused(theirs)


@pytest.mark.parametrize("raw", [b"", b"{}", b"[", b"\xff"])
def test_a_manifest_that_cannot_be_read_is_refused(tmp_path: Path, raw: bytes) -> None:
    """It says where it lies."""
    (tmp_path / ".native").mkdir()
    (tmp_path / ".native" / MANIFEST).write_bytes(raw)
    assert f"{MANIFEST}: cannot be read" in _refused(tmp_path)


def test_where_nothing_was_compiled_it_says_how(tmp_path: Path) -> None:
    """Nothing is compiled on the way."""
    assert "there are none: run `make native`" in _refused(tmp_path)


def test_without_a_compiler_it_says_what_to_install(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """What was compiled before stays."""
    _write(tmp_path)
    (tmp_path / ".native").mkdir()
    monkeypatch.setenv("CC", "no-such-compiler")
    with pytest.raises(NoCompilerError, match="expected a C compiler and Python's headers"):
        build(tmp_path, ("house/front.py",), tmp_path / ".native")
    assert [each.name for each in tmp_path.glob(".native*")] == [".native"]


def test_a_source_that_cython_refuses_is_named(tmp_path: Path) -> None:
    """By its place; nothing is left behind."""
    _write(tmp_path)
    (tmp_path / "house/front.py").write_text("def of(:")
    with pytest.raises(NativeError, match=r"Cython refuses a source: house[./]front"):
        build(tmp_path, ("house/front.py",), tmp_path / ".native")
    assert not [*tmp_path.glob(".native*")]


@pytest.mark.parametrize(("words", "status", "said"), [
    ((), Status.MISCONFIGURED, "expected a module to run"), (("--help",), 0, "make native"),
])  # fmt: skip
def test_its_command_line(words: tuple[str, ...], status: int, said: str) -> None:
    """A word too few, and help."""
    asking = [sys.executable, "-m", "services.runtime.native", *words]
    done = subprocess.run(asking, capture_output=True, text=True, check=False, cwd=ROOT)
    assert (done.returncode, said in done.stdout + done.stderr) == (status, True)


def _folded(*words: str) -> dict[str, Any]:
    asking = [sys.executable, "-m", *words, "tests.deploy.native_fold"]
    done = subprocess.run(asking, capture_output=True, text=True, check=True, cwd=ROOT)
    found: dict[str, Any] = json.loads(done.stdout)
    return found


def test_both_builds_make_the_same_bytes() -> None:
    """Values, checkpoints, sendings, timers, counts, and what is fired a week later; every module is compiled."""
    try:
        files = compiled()
    except Misconfigured as error:
        pytest.skip(str(error))
    assert {*files} == {*sources(ROOT, PATHS)}
    ours, native = _folded(), _folded("services.runtime.native")
    lie_in = {each.startswith(str(FOLDER)) for each in native.pop("files")}
    assert lie_in == {True}
    assert not any(each.startswith(str(FOLDER)) for each in ours.pop("files"))
    assert min(native["counts"].values()) > 0
    assert native == ours
