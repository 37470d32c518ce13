"""``make update SOURCE=...``: a new model takes the place of the one that a project was made for."""

import json
import os
import shutil
import sys
from pathlib import Path
from types import SimpleNamespace
from typing import Any, cast

import pytest
from baking import run
from living import LivingProject, git, template_in_git
from recorded import MODELS, model_of

from grpc_ml_template.project.retraining import Side, retrained
from grpc_ml_template.sources.common.signature import Part
from grpc_ml_template.updating.asking import tell_known

TENSOR, AGAIN, MORE = (model_of(f"onnx_iris_{name}") for name in ("tensor", "again", "more"))


@pytest.fixture(scope="session")
def template(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The template in Git."""
    return template_in_git(tmp_path_factory.mktemp("template") / "template")


def made_for(template: Path, folder: Path, source: Path, **answers: str) -> LivingProject:
    """Return a project that is made for a model, whose probe has asked about the flowers."""
    folder.mkdir(exist_ok=True)
    config = folder / "config.yaml"
    config.write_text(json.dumps({"cookiecutters_dir": str(folder), "replay_dir": str(folder)}))
    given = {"source": str(source), "model_name": "Iris", "install": "no", **answers}
    options = ["--no-input", "--config-file", str(config), "--output-dir", str(folder / "made")]
    arguments = [f"{name}={value}" for name, value in given.items()]
    command = [sys.executable, "-m", "cookiecutter", str(template), *options]
    run(*command, *arguments, cwd=folder)
    [project] = (folder / "made").iterdir()
    rows = json.loads((MODELS / "onnx_iris_tensor" / "answers.json").read_text())["rows"]
    if source == TENSOR:
        golden = {"made_by": "", "rows": [{"instance": {"x": row["X"]}} for row in rows]}
        (project / "src" / "iris" / "golden.json").write_text(json.dumps(golden))
    in_project(project, "-m", "iris", "probe")
    living = LivingProject(project)
    if (project / "model").exists():  # It is ignored, and too large.
        git(project, "rm", "-r", "--quiet", "--cached", "model")
        living.commit()
    return living


def in_project(folder: Path, *arguments: str) -> str:
    """Run Python in a project."""
    env = {**os.environ, "PYTHONPATH": str(folder / "src"), "PYTHONDONTWRITEBYTECODE": "1"}
    return run(sys.executable, *arguments, cwd=folder, env=env)


@pytest.fixture(scope="session")
def baked(tmp_path_factory: pytest.TempPathFactory, template: Path) -> Path:
    """A project for a model, to make copies of."""
    return made_for(template, tmp_path_factory.mktemp("baked"), TENSOR).folder


@pytest.fixture
def project(tmp_path: Path, baked: Path) -> LivingProject:
    """A project for a model."""
    run("cp", "-r", str(baked), str(tmp_path / "iris"), cwd=tmp_path)
    shutil.rmtree(tmp_path / "iris" / ".git")
    return LivingProject(tmp_path / "iris")


def golden_of(project: LivingProject) -> list[dict[str, dict[str, object]]]:
    """Return the golden rows of a project."""
    rows: list[dict[str, dict[str, object]]] = json.loads(project.read("src/PACKAGE/golden.json"))[
        "rows"
    ]
    return rows


def undo(project: LivingProject, output: str) -> None:
    """Run the command that an update says undoes it."""
    [command] = [line.removeprefix("Undo it:") for line in output.splitlines() if "Undo it" in line]
    run("sh", "-c", command.strip(), cwd=project.folder)


def library_answers(name: str) -> list[dict[str, object]]:
    """Return what a library has answered to the flowers, for a model that is kept."""
    answers = json.loads((MODELS / name / "answers.json").read_text())["answers"]
    labels = {"onnx_iris_again": 3, "onnx_iris_more": 4}[name]
    names = ["-10", "0", "10", "20"][:labels]
    return [
        {
            **answer,
            "probabilities": pytest.approx(dict(zip(names, answer["probabilities"], strict=True))),
        }
        for answer in answers
    ]


def run_tests(project: LivingProject, *names: str) -> None:
    """Run some of a project's own tests."""
    tests = [f"tests/{name}.py" for name in names]
    in_project(project.folder, "-m", "pytest", "-q", "-p", "no:cacheprovider", *tests)


# The same schema


def test_a_model_that_was_trained_anew_changes_nothing_but_itself_and_its_answers(
    project: LivingProject,
) -> None:
    output = project.update("--source", str(AGAIN))
    assert "probabilities moved by at most 0.6 (mean 0.32)" in output
    assert "label differs" not in output
    assert "What callers notice" not in output
    assert project.status().split() == ["M", "src/iris/golden.json", "M", "src/iris/model.onnx"]
    assert (project.folder / "src/iris/model.onnx").read_bytes() == AGAIN.read_bytes()
    assert [row["answer"] for row in golden_of(project)] == library_answers("onnx_iris_again")
    run_tests(project, "test_golden")


def test_the_command_that_is_told_brings_the_earlier_model_and_its_answers_back(
    project: LivingProject,
) -> None:
    before = project.read("src/PACKAGE/golden.json")
    undo(project, project.update("--source", str(MORE)))
    assert not project.status()
    assert (project.folder / "src/iris/model.onnx").read_bytes() == TENSOR.read_bytes()
    assert project.read("src/PACKAGE/golden.json") == before


def test_the_same_model_changes_nothing(project: LivingProject, tmp_path: Path) -> None:
    assert "There is nothing to change." in project.update("--source", str(TENSOR))
    shutil.copy(TENSOR, tmp_path / "another_name.onnx")
    output = project.update("--source", str(tmp_path / "another_name.onnx"))
    assert "There is nothing to change." in output
    assert not project.status()


def test_golden_rows_that_were_never_made_are_made_and_undone(project: LivingProject) -> None:
    (project.folder / "src/iris/golden.json").unlink()
    project.commit()
    output = project.update("--source", str(AGAIN))
    assert "A  src/iris/golden.json" in project.status()
    assert "moved" not in output
    undo(project, output)
    assert not project.status()


# Another schema


def test_a_label_more_gets_a_number_and_all_others_keep_theirs(project: LivingProject) -> None:
    output = project.update("--source", str(MORE))
    assert 'label: "20" is new: clients made before raise an error where it is the' in output
    assert "label differs in 1 of 5 golden rows" in output
    assert "probabilities moved by at most 0.15 (mean 0.027)" in output
    assert project.read("schema/outputs.txt").startswith(
        'label: enum("-10" @1, 0 @2, 10 @3, 20 @4) @1\n'
    )
    assert [row["answer"] for row in golden_of(project)] == library_answers("onnx_iris_more")
    run_tests(project, "test_golden", "test_contract", "test_predict")
    project.commit()
    output = project.update("--source", str(TENSOR))
    assert 'label: "20" is predicted no more' in output
    assert "10 @3, -20 @4" in project.read("schema/outputs.txt")
    run_tests(project, "test_golden", "test_contract")


def test_what_people_have_made_of_the_schema_and_of_the_model_is_kept(
    project: LivingProject,
) -> None:
    project.edit("src/PACKAGE/model.py", "intra_op_num_threads = 1", "intra_op_num_threads = 2")
    project.commit()
    project.edit("schema/inputs.txt", 'x as "X": float[4] @1', 'x as "X": float[4] 0..9 @1 "In cm"')
    project.edit("schema/outputs.txt", "label: enum", "# What it is.\nlabel: enum")
    project.update("--accept-breaking")
    project.commit()
    # Not committed, and not in any model.
    project.write("schema/inputs.txt", project.read("schema/inputs.txt") + 'who: string = ""\n')
    project.update("--source", str(MORE))
    inputs = ['x as "X": float[4] 0..9 @1 "In cm"', 'who: string = "" @2']
    assert project.read("schema/inputs.txt").splitlines() == inputs
    assert project.read("schema/outputs.txt").startswith("# What it is.\nlabel: enum(")
    assert "intra_op_num_threads = 2" in project.read("src/PACKAGE/model.py")
    run_tests(project, "test_golden", "test_contract")


@pytest.mark.slow
def test_a_model_that_takes_something_else_is_served_if_that_is_accepted(
    tmp_path: Path, template: Path
) -> None:
    project = made_for(template, tmp_path, model_of("onnx_columns"))
    output = project.refusal("--source", str(TENSOR))
    assert "x is new and required: clients that do not send it are refused" in output
    project.update("--source", str(TENSOR), "--accept-breaking")
    inputs = ['x as "X": float[4] @4', "-age @1", "-kids @2", "-city @3"]
    assert project.read("schema/inputs.txt").splitlines() == inputs
    assert "-no @1, -yes @2" in project.read("schema/outputs.txt")
    run_tests(project, "test_golden", "test_contract", "test_predict")


@pytest.mark.slow
def test_another_shape_is_refused_and_a_field_beside_the_earlier_one_is_taken(
    tmp_path: Path, template: Path
) -> None:
    project = made_for(template, tmp_path, model_of("onnx_regressor"))
    output = project.refusal("--source", str(TENSOR), "--accept-breaking")
    assert "x was float[2] and is float[4]: clients would read one as the other" in output
    project.edit("schema/inputs.txt", 'x as "X": float[2] @1', 'x_2 as "X": float[4]')
    output = project.update("--source", str(TENSOR), "--accept-breaking")
    assert project.read("schema/inputs.txt").splitlines() == ['x_2 as "X": float[4] @2', "-x @1"]
    assert "golden row 0 does not fit any more, and is dropped: x_2: required" in output
    assert "instance" in golden_of(project)[0]
    run_tests(project, "test_golden", "test_contract", "test_predict")


# What is not done


@pytest.mark.parametrize(
    ("source", "words"),
    [
        ("/no/such/model.onnx", 'source: "/no/such/model.onnx": it cannot be read'),
        ("https://host/model.onnx", "is an address, not a path; download it first"),
        (str(MODELS / "onnx_iris_again" / "answers.json"), "source: "),
        (str(MODELS.parent / "samples" / "SAMPLE"), "is a sample, no model; name a model"),
    ],
)
def test_what_is_no_model_is_told_in_one_line(
    project: LivingProject, tmp_path: Path, source: str, words: str
) -> None:
    if source.endswith("SAMPLE"):
        source = str(tmp_path / "rows.csv")
        Path(source).write_text("a,b\n1,2\n3,4\n")
    output = project.refusal("--source", source)
    assert words in output
    assert len(output.strip().splitlines()) == 2


def test_a_project_without_a_model_from_a_file_is_told(tmp_path: Path, template: Path) -> None:
    command = [sys.executable, "-m", "cookiecutter", str(template), "--no-input"]
    run(*command, "install=no", "--output-dir", str(tmp_path), cwd=tmp_path)
    project = LivingProject(tmp_path / "iris-classifier")
    output = project.refusal("--source", str(AGAIN))
    assert "the project was not made for a model from a file" in output


def test_a_model_that_could_run_code_is_not_asked_unless_that_is_trusted(
    project: LivingProject,
) -> None:
    before = project.read("src/PACKAGE/golden.json")
    output = project.update("--source", str(model_of("sklearn_iris")), "--accept-breaking")
    assert "it is not asked yet, since loading it could run what is in it, and imports" in output
    assert "(TRUST=yes asks it); then: .venv/bin/iris probe" in output
    assert "pyproject.toml has changed: make install" in output
    assert project.read("src/PACKAGE/golden.json") == before
    assert not (project.folder / "src/iris/model.onnx").exists()
    assert "joblib" in project.read("src/PACKAGE/model.py")
    undo(project, output)
    assert not project.status()
    trusted = project.update(
        "--source", str(model_of("sklearn_iris")), "--accept-breaking", "--trust"
    )
    assert "it is not asked yet, since it needs" in trusted


def test_a_model_of_ones_own_is_left_and_that_is_said(project: LivingProject) -> None:
    own = "class Model:\n    version = runtime = '1'\n"
    project.write("src/PACKAGE/model.py", own)
    project.commit()
    output = project.update("--source", str(model_of("sklearn_iris")), "--accept-breaking")
    assert "model.py is yours, and left as it is; it now:\n  has to call the new model" in output
    assert project.read("src/PACKAGE/model.py") == own


# Where the files of models are


def larger(source: Path, target: Path) -> Path:
    """Write an ONNX model with a description that makes it too large for Git."""
    size = 51 * 2**20
    length = bytes([size & 127 | 128, size >> 7 & 127 | 128, size >> 14 & 127 | 128, size >> 21])
    target.write_bytes(source.read_bytes() + b"\x32" + length + b"x" * size)
    return target


@pytest.mark.slow
def test_a_large_model_is_put_beside_the_earlier_one(tmp_path: Path, template: Path) -> None:
    first = larger(TENSOR, tmp_path / "first.onnx")
    project = made_for(template, tmp_path, first)
    before = project.read("src/PACKAGE/model.py")
    again = larger(AGAIN, tmp_path / "again.onnx")
    output = project.update("--source", str(again))
    [new] = (path for path in (project.folder / "model").iterdir() if path.name != "model.onnx")
    assert new.read_bytes() == again.read_bytes()
    assert f"model/{new.name} is new, and not in Git" in output
    assert "model/model.onnx is left for an undo; remove it once this is to stay" in output
    assert f'"{new.name}"' in project.read("src/PACKAGE/model.py")
    run_tests(project, "test_golden")
    undo(project, output)
    assert project.read("src/PACKAGE/model.py") == before
    run_tests(project, "test_golden")
    assert "There is nothing to change." in project.update("--source", str(first))
    (project.folder / "model" / "model.onnx").unlink()  # As in a clone.
    output = project.update("--source", str(first))
    assert "There is nothing to change.\nmodel/model.onnx is new, and not in Git\n" in output
    assert (project.folder / "model" / "model.onnx").read_bytes() == first.read_bytes()
    assert "model.onnx is left for" in project.update("--source", str(AGAIN))
    assert (project.folder / "src/iris/model.onnx").read_bytes() == AGAIN.read_bytes()


@pytest.mark.slow
def test_files_of_a_model_that_are_gone_are_removed(tmp_path: Path, template: Path) -> None:
    project = made_for(template, tmp_path, model_of("onnx_external"))
    listed = git(project.folder, "ls-files", "src/iris/model-files").split()
    assert listed == ["src/iris/model-files/model.onnx", "src/iris/model-files/weights/w.bin"]
    output = project.update("--source", str(TENSOR), "--accept-breaking")
    assert not (project.folder / "src/iris/model-files").exists()
    assert (project.folder / "src/iris/model.onnx").exists()
    undo(project, output)
    assert git(project.folder, "ls-files", "src/iris/model-files").split() == listed
    assert not (project.folder / "src/iris/model.onnx").exists()


# Keeps what a file holds elsewhere, as Git LFS does, and only a name in Git.
CLEAN = 'cat > "{0}/new"; name=$(sha256sum < "{0}/new" | cut -c1-64); mv "{0}/new" "{0}/$name"; echo $name'
SMUDGE = 'read name; cat "{0}/$name"'


def test_a_model_that_git_keeps_elsewhere_is_kept_there(
    project: LivingProject, tmp_path: Path
) -> None:
    store = tmp_path / "store"
    store.mkdir()
    git(project.folder, "config", "filter.elsewhere.clean", CLEAN.format(store))
    git(project.folder, "config", "filter.elsewhere.smudge", SMUDGE.format(store))
    project.write(".gitattributes", "*.onnx filter=elsewhere\n")
    git(project.folder, "rm", "--quiet", "--cached", "src/iris/model.onnx")
    project.commit()
    assert len(git(project.folder, "show", "HEAD:src/iris/model.onnx")) == 65
    output = project.update("--source", str(AGAIN))
    assert "probabilities moved by at most 0.6" in output
    assert (project.folder / "src/iris/model.onnx").read_bytes() == AGAIN.read_bytes()
    assert len(git(project.folder, "show", ":src/iris/model.onnx")) == 65
    assert " M" not in project.status()
    undo(project, output)
    assert (project.folder / "src/iris/model.onnx").read_bytes() == TENSOR.read_bytes()


# The text of a schema


def side(before: dict[str, Part], *after: Part, gone: tuple[str, ...] = ()) -> Side:
    """Return what a model takes."""
    return Side("inputs", before, after, gone)


def test_the_precision_of_the_contract_stays() -> None:
    before = {"x": Part("x", "double", (4,))}
    text = "x: double[4] @1"
    assert retrained(text, side(before, Part("x", "float", (4,)))) == text
    assert retrained(text, side(before, Part("x", "float", (5,)))) == "x: float[5] @1"


def test_lines_keep_what_is_said_in_them_but_for_the_type_that_is_another() -> None:
    text = 'age as "Age (y)": int8 0..99 @3 = 30 "In years"  # By Ada.\n'
    before = {"Age (y)": Part("Age (y)", "int8")}
    found = retrained(text, side(before, Part("Age (y)", "int32")))
    assert found == text.replace("int8", "int32")


def test_a_type_of_the_projects_own_stays_as_long_as_the_models_does() -> None:
    before = {"age": Part("age", "double")}
    assert retrained("age: int32 0..99", side(before, Part("age", "double"))) == "age: int32 0..99"


def test_labels_in_an_order_of_the_projects_own_stay_in_it() -> None:
    before = {"tier": Part("tier", "enum", labels=("free", "pro"))}
    after = Part("tier", "enum", labels=("basic", "pro"))
    text = "tier: enum(pro @2, free @1, -old @3) @1"
    assert retrained(text, side(before, after)) == "tier: enum(pro @2, basic, -old @3) @1"


def test_what_is_gone_leaves_its_line_and_what_is_new_comes_last() -> None:
    text = "# All:\na: float @1 # First.\nb: float, own: string @4; c: float\n-d @5\n"
    before = {name: Part(name, "float") for name in "abc"}
    found = retrained(text, side(before, Part("b", "float"), Part("B b", "bool")))
    assert found == '# All:\nb: float, own: string @4; \nb_b as "B b": bool\n-d @5\n'


def test_a_name_that_was_used_once_is_not_used_again() -> None:
    found = retrained("a: float\n-b @2", side({}, Part("b", "float"), gone=("b",)))
    assert found == 'a: float\nb_2 as "b": float\n-b @2'


def test_a_default_goes_that_the_model_does_not_take_any_more() -> None:
    before = {name: Part(name, "double", default="nan") for name in "ab"}
    after = (Part("a", "double"), Part("b", "double", default="nan"))
    text = 'a: double 0..9 @1 = nan "As = 3"\nb: double = nan @2'
    found = retrained(text, side(before, *after))
    assert found == 'a: double 0..9 @1 "As = 3"\nb: double = nan @2'


def test_remarks_of_the_models_follow_it_and_those_of_people_stay() -> None:
    before = {name: Part(name, "string", about="Trained with a") for name in "xy"}
    after = [Part(name, "string", about="Trained with a, b") for name in "xy"]
    text = 'x: string "Trained with a" @1\ny: string "The city" @2'
    found = retrained(text, side(before, *after))
    assert found == 'x: string "Trained with a, b" @1\ny: string "The city" @2'


def test_a_probe_makes_new_rows_of_what_the_new_model_was_trained_with(tmp_path: Path) -> None:
    path = tmp_path / "golden.json"
    signature = SimpleNamespace(inputs=(Part("a", "string", known=("x", "y")), Part("b", "float")))
    for before in (None, '{"made_by": "m", "known": {"a": ["w"]}, "rows": [{"instance": {}}]}'):
        if before:
            path.write_text(before)
        tell_known(cast(Any, SimpleNamespace(signature=signature)), path)
        content = json.loads(path.read_text())
        assert content["known"] == {"a": ["x", "y"]}
        assert len(content["rows"]) == bool(before)
