"""What a user relies on from the post_gen hook and the scripts it runs."""

from __future__ import annotations

import importlib.metadata
import importlib.util
import os
import shutil
import signal
import subprocess
import sys
from pathlib import Path
from types import ModuleType

import pytest
from cookiecutter.utils import create_env_with_context

TEMPLATE = Path(__file__).resolve().parents[2]
HOOK = TEMPLATE / "hooks" / "post_gen_project.py"
SCRIPTS = TEMPLATE / "{{cookiecutter.project_slug}}" / "scripts"

ONE_COMMAND = "scripts/install.py"
NO_NETWORK = {
    "PIP_CONFIG_FILE": os.devnull,
    "PIP_FIND_LINKS": "",
    "PIP_EXTRA_INDEX_URL": "",
    "PIP_INDEX_URL": "http://127.0.0.1:9/simple",
    "PIP_RETRIES": "0",
    "UV_DEFAULT_INDEX": "http://127.0.0.1:9/simple",
    "UV_FIND_LINKS": "",
    "UV_HTTP_RETRIES": "0",
    "UV_NO_CACHE": "1",
}

# Builds an editable wheel by hand, so that an install fetches nothing.
BACKEND = """
import pathlib
import zipfile

INFO = "tiny_model-0.1.dist-info"
METADATA = '''Metadata-Version: 2.1
Name: tiny-model
Version: 0.1
Provides-Extra: server
Provides-Extra: native
Provides-Extra: proto
Provides-Extra: dev
Requires-Dist: iniconfig; extra == 'dev'
'''


def build_editable(folder, config_settings=None, metadata_directory=None):
    name = "tiny_model-0.1-py3-none-any.whl"
    with zipfile.ZipFile(pathlib.Path(folder, name), "w") as wheel:
        wheel.writestr("tiny_model.pth", str(pathlib.Path("src").resolve()))
        wheel.writestr(f"{INFO}/METADATA", METADATA)
        tag = "Wheel-Version: 1.0\\nRoot-Is-Purelib: true\\nTag: py3-none-any\\n"
        wheel.writestr(f"{INFO}/WHEEL", tag)
        wheel.writestr(f"{INFO}/RECORD", "")
    return name
"""

PYPROJECT = """
[build-system]
requires = []
build-backend = "backend"
backend-path = ["."]

[project]
name = "tiny-model"
version = "0.1"
requires-python = ">=3.11"

[project.optional-dependencies]
server = []
native = []
proto = ["grpcio-tools=={pin}"]
dev = ["iniconfig"]
"""

PROTO = """
syntax = "proto3";
package tiny.v1;
import "google/protobuf/timestamp.proto";

// Tells when.
service TinyService {
  // Answers with a time,
  // always.
  rpc Predict(PredictRequest) returns (PredictResponse);
}
message PredictRequest { optional float x = 1; }
message PredictResponse { google.protobuf.Timestamp when = 1; }
"""

# Needs no grpcio-tools, for the tests that are about installing.
FAKE_COMPILER = """
from pathlib import Path

Path(__file__).parent.parent.joinpath("src/tiny/v1/tiny_pb2.py").write_text("")
"""


def pinned() -> str:
    """Return the grpcio-tools version these tests run with."""
    return importlib.metadata.version("grpcio-tools")


@pytest.fixture
def project(tmp_path: Path) -> Path:
    """Make a small project with the real scripts."""
    files = {
        "backend.py": BACKEND,
        "pyproject.toml": PYPROJECT.format(pin=pinned()),
        "proto/tiny/v1/tiny.proto": PROTO,
        "src/tiny/__init__.py": "",
        "src/tiny/engine/serving/server.py": "",
        "src/tiny/model.py": "",
        "src/tiny/service.py": "from tiny.v1 import tiny_pb2\n",
        "src/tiny/v1/__init__.py": "",
    }
    root = tmp_path / "tiny-model"
    for name, text in files.items():
        path = root / name
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text(text, encoding="utf-8", newline="\n")
    shutil.copytree(SCRIPTS, root / "scripts", ignore=shutil.ignore_patterns("__pycache__"))
    return root


@pytest.fixture
def installable(project: Path) -> Path:
    """Make the small project with a compiler that needs nothing installed."""
    (project / "scripts" / "compile_proto.py").write_text(FAKE_COMPILER)
    return project


@pytest.fixture
def no_uv(tmp_path: Path) -> dict[str, str]:
    """Return the environment variables of a machine without uv."""
    nothing = tmp_path / "no-tools"
    nothing.mkdir()
    return {**os.environ, "PATH": str(nothing)}


@pytest.fixture
def with_uv() -> dict[str, str]:
    """Return the environment variables of a machine with uv."""
    if not shutil.which("uv"):
        pytest.skip("uv is not installed")
    return dict(os.environ)


def without_settings(env: dict[str, str]) -> dict[str, str]:
    """Return environment variables without settings of uv and pip."""
    return {name: value for name, value in env.items() if not name.startswith(("UV_", "PIP_"))}


def run_script(
    project: Path, name: str, *args: str, env: dict[str, str] | None = None, cwd: Path | None = None
) -> subprocess.CompletedProcess[str]:
    """Run a script of the project as a user does."""
    command = [sys.executable, str(project / "scripts" / name), *args]
    return subprocess.run(command, env=env, cwd=cwd, capture_output=True, text=True)


def load(path: Path, name: str) -> ModuleType:
    """Import a script as a module."""
    spec = importlib.util.spec_from_file_location(name, path)
    assert spec
    assert spec.loader
    module = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(module)
    return module


def load_install(project: Path) -> ModuleType:
    """Import the install script of a project."""
    return load(project / "scripts" / "install.py", "install_script")


def make_bare_venv(project: Path) -> None:
    """Give the project an environment without pip, as uv makes them."""
    subprocess.run([sys.executable, "-m", "venv", "--without-pip", project / ".venv"], check=True)


def require_numpy(project: Path) -> None:
    """Give the project something to fetch."""
    pyproject = project / "pyproject.toml"
    needs = 'dependencies = ["numpy"]\nrequires-python'
    pyproject.write_text(pyproject.read_text().replace("requires-python", needs, 1))
    backend = project / "backend.py"
    needs = "Requires-Dist: numpy\nProvides-Extra: server"
    backend.write_text(backend.read_text().replace("Provides-Extra: server", needs, 1))


def render_hook(tmp_path: Path, **answers: object) -> Path:
    """Render the hook the way cookiecutter does."""
    defaults = {"model_name": "Tiny Model", "project_slug": "tiny-model", "install": True}
    context = {"cookiecutter": {**defaults, **answers}}
    template = create_env_with_context(context).from_string(HOOK.read_text(encoding="utf-8"))
    path = tmp_path / "rendered_hook.py"
    path.write_text(template.render(**context), encoding="utf-8")
    return path


def run_hook(
    project: Path, env: dict[str, str] | None = None, **answers: object
) -> subprocess.CompletedProcess[str]:
    """Render the hook and run it in the project, as cookiecutter does."""
    hook = render_hook(project.parent, **answers)
    return subprocess.run(
        [sys.executable, str(hook)], cwd=project, env=env, capture_output=True, text=True
    )


def temporary_folder(folder: Path) -> dict[str, str]:
    """Return the environment variables that make a folder the one for temporary files."""
    return dict.fromkeys(("TMPDIR", "TEMP", "TMP"), str(folder))


def files(project: Path) -> dict[str, bytes]:
    """Return all files of the project, but for those in .venv and Python's caches."""
    return {
        path.relative_to(project).as_posix(): path.read_bytes()
        for path in sorted(project.rglob("*"))
        if path.is_file() and not {".venv", "__pycache__"} & set(path.parts)
    }


# Installing


def test_install_with_uv_is_quick_and_can_be_repeated(
    installable: Path, with_uv: dict[str, str], tmp_path: Path
) -> None:
    first = run_script(installable, "install.py", env=with_uv, cwd=tmp_path)
    assert first.returncode == 0, first.stderr
    steps = [line.split(" ...")[0] for line in first.stdout.splitlines()]
    assert steps == [
        "[1/4] Creating .venv with uv",
        "[2/4] Installing the packages with uv",
        "[3/4] Compiling the proto",
        "[4/4] Checking that the service imports",
    ]
    before = files(installable)
    second = run_script(installable, "install.py", env=with_uv, cwd=tmp_path)
    assert second.returncode == 0, second.stderr
    assert second.stdout.startswith("[1/4] Keeping the .venv that is there\n")
    assert files(installable) == before


def test_what_serves_is_installed_without_the_tools_of_tests(
    installable: Path, with_uv: dict[str, str]
) -> None:
    tools = "lib/python*/site-packages/iniconfig"
    serving = run_script(installable, "install.py", "--serving", env=with_uv)
    assert serving.returncode == 0, serving.stderr
    assert not list(installable.glob(f".venv/{tools}"))
    everything = run_script(installable, "install.py", env=with_uv)
    assert everything.returncode == 0, everything.stderr
    assert list(installable.glob(f".venv/{tools}"))


def test_install_with_uv_heeds_no_other_environment(
    installable: Path, with_uv: dict[str, str], tmp_path: Path
) -> None:
    elsewhere = str(tmp_path / "elsewhere")
    leaks = {
        "PYTHONPATH": elsewhere,
        "UV_NO_EDITABLE": "1",
        "UV_PROJECT": elsewhere,
        "UV_PROJECT_ENVIRONMENT": elsewhere,
        "UV_PYTHON": "3.8",
        "UV_SYSTEM_PYTHON": "1",
        "VIRTUAL_ENV": elsewhere,
    }
    done = run_script(installable, "install.py", env={**with_uv, **leaks})
    assert done.returncode == 0, done.stderr
    assert not Path(elsewhere).exists()


@pytest.mark.slow
def test_install_without_uv_uses_venv_and_pip(installable: Path, no_uv: dict[str, str]) -> None:
    leaks = {"PIP_USER": "1", "PIP_TARGET": str(installable.parent / "elsewhere")}
    done = run_script(installable, "install.py", env={**no_uv, **leaks})
    assert done.returncode == 0, done.stderr
    assert "[1/4] Creating .venv with venv" in done.stdout
    assert "[2/4] Installing the packages with pip" in done.stdout
    assert not (installable.parent / "elsewhere").exists()


@pytest.mark.skipif(os.name == "nt", reason="the stand-in is a shell script")
def test_a_uv_that_does_not_start_counts_as_missing(
    project: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    shim = tmp_path / "uv"
    shim.write_text("#!/bin/sh\nexit 127\n")
    shim.chmod(0o755)
    monkeypatch.setenv("PATH", str(tmp_path))
    assert load_install(project).find_uv() is None


def test_an_old_python_without_uv_is_refused_in_one_line(project: Path) -> None:
    install = load_install(project)
    with pytest.raises(install.InstallError, match=r"^Python 3\.11 or newer .* this is 3\.9\. .*"):
        install.venv_command(None, (3, 9))


def test_an_old_python_with_uv_lets_uv_find_a_newer_one(project: Path) -> None:
    command, _ = load_install(project).venv_command("uv", (3, 9))
    assert command[:4] == ["uv", "venv", "--python", ">=3.11"]


@pytest.mark.parametrize("uv", ["uv", None])
def test_the_python_that_runs_the_script_makes_the_environment(
    project: Path, uv: str | None
) -> None:
    command, _ = load_install(project).venv_command(uv, (3, 13))
    assert sys.executable in command


@pytest.mark.skipif(os.name == "nt", reason="the stand-in is a shell script")
def test_a_python_without_ensurepip_is_told_what_to_install(
    project: Path,
    tmp_path: Path,
    monkeypatch: pytest.MonkeyPatch,
    capsys: pytest.CaptureFixture[str],
) -> None:
    python = tmp_path / "python"
    python.write_text("#!/bin/sh\necho ensurepip is not available\nexit 1\n")
    python.chmod(0o755)
    monkeypatch.setattr(sys, "executable", str(python))
    monkeypatch.setattr(sys, "argv", ["install.py"])
    monkeypatch.setenv("PATH", "")
    assert load_install(project).main() == 1
    shown = capsys.readouterr()
    assert "    ensurepip is not available\n" in shown.out
    assert shown.err == (
        "install.py: Creating .venv with venv failed, see above; "
        "python3-venv (Debian, Ubuntu) or uv may be missing. "
        "Once that is mended, run: python3 scripts/install.py\n"
    )


def test_without_network_uv_shows_it_and_the_settings_that_it_heeds(
    project: Path, with_uv: dict[str, str]
) -> None:
    require_numpy(project)
    done = run_script(project, "install.py", env={**without_settings(with_uv), **NO_NETWORK})
    assert done.returncode == 1
    assert done.stderr.splitlines() == [
        "install.py: Installing the packages with uv failed, see above; uv heeds what is set in "
        "UV_DEFAULT_INDEX, UV_FIND_LINKS, UV_HTTP_RETRIES, UV_NO_CACHE. "
        "Once that is mended, run: python3 scripts/install.py"
    ]
    assert "http://127.0.0.1:9/simple/numpy" in done.stdout


@pytest.mark.slow
def test_without_network_pip_shows_it_and_the_settings_that_it_heeds(
    project: Path, no_uv: dict[str, str]
) -> None:
    """And an environment without pip gets it first, with no network."""
    require_numpy(project)
    make_bare_venv(project)
    done = run_script(project, "install.py", env={**without_settings(no_uv), **NO_NETWORK})
    assert done.returncode == 1
    assert done.stderr.splitlines() == [
        "install.py: Installing the packages with pip failed, see above; pip heeds what is set in "
        "PIP_CONFIG_FILE, PIP_EXTRA_INDEX_URL, PIP_FIND_LINKS, PIP_INDEX_URL, PIP_RETRIES. "
        "Once that is mended, run: python3 scripts/install.py"
    ]
    assert "No matching distribution found for numpy" in done.stdout


def test_a_project_that_cannot_be_built_is_not_blamed_on_the_network(
    project: Path, with_uv: dict[str, str]
) -> None:
    (project / "backend.py").write_text("raise SystemExit('nothing to ship')")
    done = run_script(project, "install.py", env=without_settings(with_uv))
    assert done.returncode == 1
    assert "nothing to ship" in done.stdout
    assert done.stderr.splitlines() == [
        "install.py: Installing the packages with uv failed, see above. "
        "Once that is mended, run: python3 scripts/install.py"
    ]


def test_a_setting_that_stops_uv_is_named_and_its_value_is_not(
    project: Path, with_uv: dict[str, str]
) -> None:
    settings = {"UV_RESOLUTION": "secret", "UV_PYTHON": "3.8", "PIP_NO_INDEX": "1"}
    done = run_script(project, "install.py", env={**without_settings(with_uv), **settings})
    assert done.returncode == 1
    assert "; uv heeds what is set in UV_RESOLUTION. " in done.stderr
    assert "secret" not in done.stderr


def test_an_environment_that_no_longer_starts_is_made_again(
    installable: Path, with_uv: dict[str, str]
) -> None:
    make_bare_venv(installable)
    python = load_install(installable).venv_python(installable / ".venv", windows=os.name == "nt")
    python.unlink()
    done = run_script(installable, "install.py", env=with_uv)
    assert done.returncode == 0, done.stderr
    assert "[1/4] Creating .venv" in done.stdout


def test_a_folder_named_venv_with_other_things_in_it_is_left_alone(project: Path) -> None:
    mine = project / ".venv" / "notes.txt"
    mine.parent.mkdir()
    mine.write_text("mine")
    load_install(project).remove_broken_venv()
    assert mine.read_text() == "mine"


def test_only_the_end_of_a_failed_commands_output_is_shown(
    project: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    install = load_install(project)
    command = [sys.executable, "-c", "print(*range(100), sep='\\n'); raise SystemExit(3)"]
    with pytest.raises(install.InstallError, match=r"^Counting failed, see above; count less\. "):
        install.run_step("[1/1]", "Counting", command, hint="; count less")
    shown = capsys.readouterr().out.splitlines()
    assert shown == ["[1/1] Counting ... failed", *(f"    {n}" for n in range(80, 100))]


def test_a_program_that_is_not_there_fails_like_any_other(
    project: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    install = load_install(project)
    with pytest.raises(install.InstallError, match=r"^Trying failed, see above\. "):
        install.run_step("[1/1]", "Trying", [str(project / "nothing")])
    assert "nothing" in capsys.readouterr().out


def test_a_service_that_does_not_import_is_reported(
    installable: Path, with_uv: dict[str, str]
) -> None:
    (installable / "src" / "tiny" / "model.py").write_text("import no_such_module\n")
    done = run_script(installable, "install.py", env=with_uv)
    assert done.returncode == 1
    assert "No module named 'no_such_module'" in done.stdout
    assert done.stderr.startswith("install.py: Checking that the service imports failed, ")


def test_the_interpreter_is_found_on_windows_too(project: Path) -> None:
    venv_python = load_install(project).venv_python
    assert venv_python(Path("v"), windows=True) == Path("v", "Scripts", "python.exe")
    assert venv_python(Path("v"), windows=False) == Path("v", "bin", "python")


def test_the_users_package_index_is_kept(project: Path) -> None:
    index = {"UV_DEFAULT_INDEX": "https://index.example", "PIP_INDEX_URL": "https://index.example"}
    clean = load_install(project).clean_environment({**index, "PYTHONHOME": "/x"})
    assert clean == index


# Compiling


def test_stubs_are_the_same_from_any_folder_and_line_ending(project: Path, tmp_path: Path) -> None:
    done = run_script(project, "compile_proto.py", cwd=tmp_path)
    assert done.returncode == 0, done.stderr
    stubs = project / "src" / "tiny" / "v1"
    names = {"__init__.py", "tiny_pb2.py", "tiny_pb2.pyi", "tiny_pb2_grpc.py"}
    assert {path.name for path in stubs.iterdir()} == names
    assert not list(project.glob("src/.*"))

    proto = project / "proto" / "tiny" / "v1" / "tiny.proto"
    proto.write_bytes(proto.read_bytes().replace(b"\n", b"\r\n"))
    done = run_script(project, "compile_proto.py", "--out", "again", cwd=tmp_path)
    assert done.returncode == 0, done.stderr
    for name in names - {"__init__.py"}:
        stub = (stubs / name).read_bytes()
        assert (tmp_path / "again" / "tiny" / "v1" / name).read_bytes() == stub
        assert b"\r" not in stub


def test_a_wrong_proto_leaves_the_stubs_as_they_were(project: Path) -> None:
    assert run_script(project, "compile_proto.py").returncode == 0
    before = files(project / "src")
    (project / "proto" / "tiny" / "v1" / "wrong.proto").write_text("message {")
    done = run_script(project, "compile_proto.py")
    assert done.returncode == 1
    assert "wrong.proto:1:" in done.stderr
    assert files(project / "src") == before


def test_another_grpcio_tools_is_refused_in_one_line(project: Path) -> None:
    (project / "pyproject.toml").write_text(PYPROJECT.format(pin="1.2.3"))
    done = run_script(project, "compile_proto.py")
    assert done.returncode == 1
    assert done.stderr == (
        f"compile_proto.py: needs grpcio-tools 1.2.3, but this Python has {pinned()}; "
        "run: python3 scripts/install.py\n"
    )
    assert not list(project.rglob("*_pb2*"))


def test_a_missing_grpcio_tools_is_refused_in_one_line(project: Path) -> None:
    script = str(project / "scripts" / "compile_proto.py")
    done = subprocess.run([sys.executable, "-I", "-S", script], capture_output=True, text=True)
    assert done.returncode == 1
    assert done.stderr == (
        f"compile_proto.py: needs grpcio-tools {pinned()}, but this Python has none; "
        "run: python3 scripts/install.py\n"
    )


# The hook


def test_answers_come_in_as_data_never_as_code(tmp_path: Path) -> None:
    name = "It's \"\"\" '''\\ {{ 7*7 }} {% raw %} \\n </script> \N{SNOWMAN}\n\\"
    hook = load(render_hook(tmp_path, model_name=name), "hook")
    answers = {"model_name": name, "install": True, "from_cruft": False}
    assert answers.items() <= hook.ANSWERS.items()


@pytest.mark.parametrize("answer", [True, "yes", "True", "y", " ON ", "1"])
def test_install_may_be_answered_yes_in_any_form(tmp_path: Path, answer: object) -> None:
    assert load(render_hook(tmp_path), "hook").is_yes(answer)


@pytest.mark.parametrize("answer", [False, "no", "False", "n", "off", "0", "", None])
def test_install_may_be_answered_no_in_any_form(tmp_path: Path, answer: object) -> None:
    assert not load(render_hook(tmp_path), "hook").is_yes(answer)


def test_after_install_the_user_is_told_what_next(
    installable: Path, with_uv: dict[str, str]
) -> None:
    done = run_hook(installable, env={**with_uv, "PWD": str(installable.parent)})
    assert done.returncode == 0
    assert (installable / ".venv").is_dir()
    assert (installable / "src/tiny/v1/tiny_pb2.py").exists()
    assert [line.split("  ")[0] for line in done.stdout.split("\n    ")[1:]] == [
        "cd tiny-model",
        "make serve",
        "make test",
        "then put your model into src/tiny/model.py\n",
    ]


@pytest.mark.parametrize(
    "failure",
    ["raise SystemExit('no luck')", "raise OSError('no luck')", "raise KeyboardInterrupt", "("],
)
def test_a_failed_install_keeps_the_project_and_ends_with_the_one_command(
    project: Path, failure: str
) -> None:
    (project / "scripts" / "install.py").write_text(failure)
    before = files(project)
    done = run_hook(project, env={**os.environ, "PWD": str(project.parent)})
    assert done.returncode == 0
    assert done.stdout.endswith(f" tiny-model/{ONE_COMMAND}\n")
    assert files(project) == before


def test_a_python_that_cannot_be_started_does_not_fail_the_hook(
    project: Path,
    tmp_path: Path,
    monkeypatch: pytest.MonkeyPatch,
    capsys: pytest.CaptureFixture[str],
) -> None:
    hook = load(render_hook(tmp_path), "hook")
    monkeypatch.chdir(project)
    monkeypatch.setattr(sys, "executable", str(tmp_path / "no-python"))
    hook.main()
    assert capsys.readouterr().out.endswith(f"{ONE_COMMAND}\n")


@pytest.mark.skipif(os.name == "nt", reason="needs process groups")
def test_ctrl_c_stops_the_install_and_keeps_the_project(project: Path) -> None:
    sleeper = "import time\nprint('sleeping', flush=True)\ntime.sleep(60)"
    (project / "scripts" / "install.py").write_text(sleeper)
    before = files(project)
    # A test run in the background ignores Ctrl-C, and what it starts would do so too.
    usual = signal.signal(signal.SIGINT, signal.default_int_handler)
    hook = subprocess.Popen(
        [sys.executable, str(render_hook(project.parent))],
        cwd=project,
        stdout=subprocess.PIPE,
        stderr=subprocess.DEVNULL,
        text=True,
        start_new_session=True,
    )
    signal.signal(signal.SIGINT, usual)
    assert hook.stdout
    assert hook.stdout.readline() == "sleeping\n"
    os.killpg(hook.pid, signal.SIGINT)
    shown, _ = hook.communicate(timeout=10)
    assert hook.returncode == 0
    assert shown.endswith(f"{ONE_COMMAND}\n")
    assert files(project) == before


def test_without_install_the_stubs_are_compiled_if_the_pinned_tools_are_there(
    project: Path,
) -> None:
    done = run_hook(project, install=False)
    assert done.returncode == 0
    assert not (project / ".venv").exists()
    assert (project / "src/tiny/v1/tiny_pb2_grpc.py").exists()
    assert "make install" in done.stdout
    once = files(project)
    assert run_hook(project, install="no").returncode == 0
    assert files(project) == once


def test_without_install_and_tools_the_one_command_is_shown(project: Path) -> None:
    (project / "pyproject.toml").write_text(PYPROJECT.format(pin="1.2.3"))
    before = files(project)
    done = run_hook(project, install=False)
    assert done.returncode == 0
    assert done.stdout.endswith(f"{ONE_COMMAND}\n")
    assert done.stderr == ""
    assert files(project) == before
    assert not (project / ".venv").exists()


def test_packages_that_a_source_names_are_not_installed_without_trust(project: Path) -> None:
    marker = project / "installed"
    (project / "scripts" / "install.py").write_text(f"open({str(marker)!r}, 'w')")
    hook = load(render_hook(project.parent), "hook")
    hook.ANSWERS["source"] = {"needs_trust": True, "foreign": ["evil==1"], "imports": []}
    assert not hook.may_install()
    hook.ANSWERS["trust_source"] = "yes"
    assert hook.may_install()
    hook.ANSWERS.update(source={"needs_trust": True, "imports": []}, trust_source="no")
    assert hook.may_install()


@pytest.mark.parametrize("has_answered", [True, False])
def test_a_model_has_been_asked_only_if_its_answers_are_there(
    project: Path, monkeypatch: pytest.MonkeyPatch, has_answered: bool
) -> None:
    made_by = '"made_by": "library 1.0", ' if has_answered else ""
    (project / "golden.json").write_text(f'{{{made_by}"rows": []}}')
    hook = load(render_hook(project.parent), "hook")
    hook.ANSWERS["source"] = {"golden_file": "golden.json"}
    monkeypatch.chdir(project)
    monkeypatch.setattr(hook, "ends_well", lambda command: True)
    assert hook.probe("tiny") is has_answered


@pytest.mark.parametrize("install", [True, False])
def test_cruft_update_and_diff_get_the_bare_template(project: Path, install: bool) -> None:
    before = files(project)
    temporary = temporary_folder(project.parent)
    done = run_hook(project, env={**os.environ, **temporary}, install=install, _commit="abc")
    assert (done.returncode, done.stdout, done.stderr) == (0, "", "")
    assert files(project) == before
    assert not (project / ".venv").exists()


@pytest.mark.parametrize("by_cruft", [True, False])
def test_a_project_to_keep_is_installed_whoever_makes_it(
    installable: Path, tmp_path: Path, by_cruft: bool
) -> None:
    """`cruft create` into any folder, and cookiecutter even into a temporary one."""
    marker = installable / "installed"
    (installable / "scripts" / "install.py").write_text(f"open({str(marker)!r}, 'w')")
    elsewhere = tmp_path / "temporary"
    elsewhere.mkdir()
    temporary = temporary_folder(elsewhere if by_cruft else tmp_path)
    made_by: dict[str, str] = {"_commit": "abc"} if by_cruft else {}
    run_hook(installable, env={**os.environ, **temporary}, **made_by)
    assert marker.exists()


def test_the_one_command_fits_the_system(tmp_path: Path) -> None:
    message = load(render_hook(tmp_path), "hook").the_one_command
    assert message("my-model", "posix").endswith("    python3 my-model/scripts/install.py")
    assert message("my-model", "nt").endswith("    python my-model/scripts/install.py")
    assert message("/my $x;y", "posix").endswith("    python3 '/my $x;y/scripts/install.py'")
    assert message("C:/my work", "nt").endswith('    python "C:/my work/scripts/install.py"')


def test_the_folder_is_named_in_full_if_the_shell_is_elsewhere(tmp_path: Path) -> None:
    folder_to_type = load(render_hook(tmp_path), "hook").folder_to_type
    project = tmp_path / "my-model"
    assert folder_to_type(project, str(tmp_path)) == "my-model"
    assert folder_to_type(project, None) == "my-model"
    assert folder_to_type(project, str(tmp_path.parent)) == str(project)
