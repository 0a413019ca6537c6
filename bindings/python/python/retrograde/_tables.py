"""Tables with gaps and categories, and how their columns become inputs: by the encoder of the command's models."""

from dataclasses import dataclass
from numbers import Integral

import numpy as np
from scipy import sparse

from retrograde import _core

# The core's sign of a missing date.
NO_DATE = np.iinfo(np.int64).min
# The most levels of a category that have an input of their own.
MAX_LEVELS = 64


@dataclass
class Column:
    """A column as the core takes it."""

    name: str
    kind: str
    values: np.ndarray
    levels: list | None = None

    def is_empty(self):
        """Whether all values are missing."""
        if self.kind == "number":
            return bool(np.isnan(self.values).all())
        return bool((self.values == (NO_DATE if self.kind == "date" else -1)).all())

    def for_core(self):
        if self.kind == "category":
            return self.name, self.levels, self.values
        return self.name, self.values


def is_dataframe(X):
    """Whether X has named columns: of pandas, polars or pyarrow."""
    return module_of(X) in ("pandas", "polars", "pyarrow") and hasattr(X, "columns")


def module_of(X):
    return type(X).__module__.partition(".")[0]


def column_names(X):
    """The names of a dataframe's columns, as texts."""
    names = X.column_names if module_of(X) == "pyarrow" else X.columns
    return [str(name) for name in names]


def columns_of(X, categorical):
    """The columns of X, those whose place is in `categorical` as categories; "from_dtype" asks their types."""
    if sparse.issparse(X):
        raise TypeError(
            "sparse X has neither gaps nor categories; leave out allow_nan and categorical_features, or pass a dense array"
        )
    if not is_dataframe(X):
        return _columns_of_array(np.asarray(X), categorical)
    names = column_names(X)
    return [
        _column(name, values, categorical == "from_dtype", categorical != "from_dtype" and i in categorical)
        for i, (name, values) in enumerate(zip(names, _series(X)))
    ]


def _series(X):
    """The columns of a dataframe, in order."""
    if module_of(X) == "pandas":
        return [X.iloc[:, i] for i in range(X.shape[1])]
    return list(X.get_columns() if module_of(X) == "polars" else X.columns)


def _columns_of_array(X, categorical):
    if X.ndim != 2:
        raise ValueError(f"Expected 2D array, got {X.ndim}D array instead")
    places = () if categorical == "from_dtype" else categorical
    return [
        category(f"x{i}", X[:, i]) if i in places else number(f"x{i}", X[:, i]) for i in range(X.shape[1])
    ]


def _column(name, series, by_dtype, is_category):
    """A column of a dataframe; what it holds is asked of its type unless it was said to be a category."""
    kind, values = _plain(series)
    if is_category or kind == "category":
        if not (is_category or by_dtype):
            raise ValueError(
                f"the column {name!r} holds no numbers: name it in categorical_features, or pass "
                "categorical_features='from_dtype'"
            )
        return category(name, values)
    if kind == "date":
        return date(name, values)
    return number(name, values)


def _plain(series):
    """number, date or category by the type of a series, and its values as a NumPy array."""
    module = module_of(series)
    if module == "polars":
        import polars as pl

        if series.dtype in (pl.Date, pl.Datetime):
            return "date", series.cast(pl.Datetime("us")).to_numpy()
        if series.dtype.is_numeric():
            return "number", series.cast(pl.Float64).to_numpy()
        return "category", np.array(series.cast(pl.String).to_list(), dtype=object)
    if module == "pyarrow":
        import pyarrow as pa

        kind = series.type
        if pa.types.is_timestamp(kind) or pa.types.is_date(kind):
            return "date", series.cast(pa.timestamp("us")).to_numpy()
        if pa.types.is_integer(kind) or pa.types.is_floating(kind) or pa.types.is_decimal(kind):
            return "number", series.cast(pa.float64()).to_numpy()
        return "category", np.array(series.to_pylist(), dtype=object)
    import pandas as pd

    kind = series.dtype
    if isinstance(kind, pd.DatetimeTZDtype):
        series = series.dt.tz_convert("UTC").dt.tz_localize(None)
        return "date", series.to_numpy()
    if pd.api.types.is_datetime64_any_dtype(kind):
        return "date", series.to_numpy()
    if pd.api.types.is_bool_dtype(kind):
        return "category", series.astype(object).to_numpy()
    if pd.api.types.is_numeric_dtype(kind):
        return "number", series.to_numpy(dtype=np.float64, na_value=np.nan)
    return "category", series.astype(object).to_numpy()


def number(name, values):
    """A column of numbers; NaN is missing."""
    try:
        values = np.asarray(values, dtype=np.float64)
    except (TypeError, ValueError) as error:
        raise ValueError(
            f"the column {name!r} holds no numbers: {error}; name it in categorical_features"
        ) from error
    if np.isinf(values).any():
        raise ValueError(f"Input X contains infinity or a value too large for dtype('float64') (column {name!r}).")
    return Column(name, "number", np.ascontiguousarray(values))


def date(name, values):
    """A column of moments; NaT is missing."""
    values = np.asarray(values).astype("datetime64[us]")
    # NumPy's NaT is the core's sign already.
    return Column(name, "date", np.ascontiguousarray(values.view(np.int64)))


def category(name, values):
    """A column of texts; None, NaN and NA are missing. Levels come in the order in which they first appear."""
    codes, levels, known = np.empty(len(values), dtype=np.int32), [], {}
    for i, value in enumerate(values):
        # Not equal to itself: NaN, NaT; pandas' NA answers neither yes nor no.
        if value is None or type(value).__name__ == "NAType" or value != value:
            codes[i] = -1
            continue
        code = known.get(text := written(value))
        if code is None:
            code = known[text] = len(levels)
            levels.append(text)
        codes[i] = code
    return Column(name, "category", codes, levels)


def written(value):
    """A level as the command writes it: 1 for 1.0, true for True."""
    if isinstance(value, (bool, np.bool_)):
        return "true" if value else "false"
    if isinstance(value, (float, np.floating)) and float(value).is_integer() and abs(value) < 2**53:
        return str(int(value))
    return str(value)


def places(categorical_features, names):
    """Which columns are categories: places from 0, or "from_dtype"."""
    if categorical_features is None:
        return ()
    if isinstance(categorical_features, str):
        if categorical_features == "from_dtype":
            return "from_dtype"
        raise ValueError(
            f"categorical_features must be None, 'from_dtype' or a list, got {categorical_features!r}"
        )
    given = list(categorical_features)
    if given and all(isinstance(item, (bool, np.bool_)) for item in given):
        if len(given) != len(names):
            raise ValueError(
                f"categorical_features set as a boolean mask should have shape ({len(names)},), got: ({len(given)},)"
            )
        return tuple(int(i) for i in np.flatnonzero(given))
    found = []
    for item in given:
        if not isinstance(item, (str, Integral)):
            raise ValueError(
                f"categorical_features must be an array-like of bool, int or str, got {type(item).__name__}: {item!r}"
            )
        if isinstance(item, str):
            if item not in names:
                known = ", ".join(names[:8])
                raise ValueError(
                    f"categorical_features names {item!r}, which is no column of the training data: {known}"
                )
            found.append(names.index(item))
        elif 0 <= int(item) < len(names):
            found.append(int(item))
        else:
            raise ValueError(
                f"categorical_features set as integer indices should be in [0, {len(names) - 1}], got {item}"
            )
    return tuple(sorted(set(found)))


def fit(columns):
    """An encoder of these columns, learned from all rows."""
    if all(column.is_empty() for column in columns):
        raise ValueError("X has no values: everything in it is missing")
    # The estimator encodes the target; the file's description of it comes when there is a file.
    return _core.Encoder.fit([column.for_core() for column in columns], [_free(columns)], MAX_LEVELS)


def _free(columns):
    """A name that no column has."""
    name, taken = "target", {column.name for column in columns}
    while name in taken:
        name += "_"
    return name


def known_columns(X, encoder, names):
    """The columns that an encoder was learned from, as it takes them; `names` are those of the training's columns in order."""
    kinds = dict(encoder.columns)
    if is_dataframe(X):
        have = column_names(X)
        missing = [name for name in kinds if name not in have]
        if missing:
            raise ValueError(
                f"X has no column {missing[0]!r}, which the network was trained on; it has {', '.join(have[:8])}"
            )
        series = dict(zip(have, _series(X)))
        return [_as(kind, name, _plain(series[name])[1]) for name, kind in kinds.items()]
    X = np.asarray(X)
    if X.ndim != 2 or X.shape[1] != len(names):
        raise ValueError(f"X has shape {X.shape}; expected {len(names)} columns, as in the training")
    return [_as(kind, name, X[:, names.index(name)]) for name, kind in kinds.items()]


def _as(kind, name, values):
    if kind == "number":
        return number(name, values)
    return date(name, values) if kind == "date" else category(name, values)


def transform(encoder, columns, dtype):
    """The inputs of every row."""
    return encoder.transform([column.for_core() for column in columns], np.dtype(dtype) == np.float32)
