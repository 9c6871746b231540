"""pandas and numpy on a file of doubles. Arguments: deviation | quantile | sort | versions, the file, a result file.

Prints processor and elapsed seconds of one run after one that does not count; the results go to the result file.
"""
import sys
import time

import numpy
import pandas

WINDOW, LENGTH = 250, 1000


def deviation(values):
    return pandas.Series(values).rolling(WINDOW).std().to_numpy()


def quantile(values):
    return pandas.Series(values).rolling(WINDOW).quantile(0.01).to_numpy()


def sort(values):
    return numpy.sort(values.reshape(-1, LENGTH), axis=1)


if sys.argv[1] == "versions":
    print(f"pandas {pandas.__version__}, numpy {numpy.__version__}, Python {sys.version.split()[0]}")
    sys.exit()

task = {"deviation": deviation, "quantile": quantile, "sort": sort}[sys.argv[1]]
values = numpy.fromfile(sys.argv[2])
task(values)
busy, wall = time.process_time(), time.perf_counter()
result = task(values)
busy, wall = time.process_time() - busy, time.perf_counter() - wall
result.tofile(sys.argv[3])
print(f"{busy:.9f} {wall:.9f}")
