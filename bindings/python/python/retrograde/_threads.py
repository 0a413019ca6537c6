"""How many threads a computation takes; its numbers are the same with any."""

import os
import threading
from functools import cache

from joblib.parallel import get_active_backend
from threadpoolctl import ThreadpoolController

# The core's word for as many as there are cores.
ALL = 0


def threads(estimator):
    """Those of `n_jobs`, else as many as others leave."""
    return left() if estimator.n_jobs is None else counted(int(estimator.n_jobs))


def counted(n_jobs):
    """`n_jobs` as joblib counts: −1 are all cores, −2 all but one."""
    if n_jobs == 0:
        raise ValueError("n_jobs == 0 has no meaning; give a number of threads, -1 for all or None")
    if n_jobs < -1:
        return max(1, (os.cpu_count() or 1) + 1 + n_jobs)
    # More than the core has use for, and no more than it can be told.
    return ALL if n_jobs == -1 else min(n_jobs, 1 << 16)


def left():
    """What `joblib.parallel_config` says; else 1 in a worker that shares its process, or has no limit of its own; else all that
    `OMP_NUM_THREADS` and `threadpoolctl.threadpool_limits` let take part."""
    backend, n_jobs = get_active_backend()
    if n_jobs is not None:
        return counted(n_jobs)
    limit = min([*_environment(), *_openmp()], default=ALL)
    limit = ALL if limit >= (os.cpu_count() or 1) else limit
    if backend.nesting_level:
        # joblib gives its processes a limit each, and its threads none.
        is_thread = threading.current_thread() is not threading.main_thread()
        return 1 if is_thread or not _environment() else limit
    return limit


def _environment():
    """The limit that the environment has, as a list of one or none."""
    first = os.environ.get("OMP_NUM_THREADS", "").partition(",")[0]
    return [int(first)] if first.isdecimal() and int(first) > 0 else []


def _openmp():
    """How many threads OpenMP would take here: the limits of threadpoolctl are told to it."""
    return [library.num_threads for library in _libraries()]


@cache
def _libraries():
    # scikit-learn is there by now, and its OpenMP with it; looking for it takes milliseconds.
    return ThreadpoolController().select(user_api="openmp").lib_controllers
