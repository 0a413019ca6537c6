"""The files as the frames that scikit-learn learns from: what retrograde does by itself, by hand."""

import gzip

import numpy as np
import pandas as pd
import scipy.io


def table(separator, header):
    """Cells of text and numbers; columns without a header are c0, c1, …"""

    def read(path, _options):
        # pandas takes an empty cell and `NA`, among others, for missing.
        frame = pd.read_csv(path, sep=separator, header=0 if header else None, low_memory=False)
        if not header:
            frame.columns = [f"c{i}" for i in frame.columns]
        return frame

    return read


def idx_array(path):
    data = gzip.decompress(path.read_bytes())
    dimensions = data[3]
    shape = np.frombuffer(data, ">u4", dimensions, 4)
    return np.frombuffer(data, np.uint8, offset=4 + 4 * dimensions).reshape(shape)


def idx(path, options):
    """Images with the labels of another file."""
    pixels = idx_array(path)
    frame = pd.DataFrame(pixels.reshape(len(pixels), -1)).add_prefix("p")
    frame["label"] = idx_array(type(path)(options[options.index("--labels") + 1]))
    return frame


def mat_arrays(path):
    return scipy.io.loadmat(path)


def write_mat(path, arrays):
    scipy.io.savemat(path, arrays, do_compression=True)


def mat(path, _options):
    found = mat_arrays(path)
    return pd.DataFrame(found["X"]).add_prefix("X").assign(y=found["y"].ravel())
