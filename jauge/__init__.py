"""The program: the verbs of the command line, what runs beside what, and a demo estate."""

import os

# Read by OpenBLAS when numpy is imported. Each of its threads takes 40 MB of addresses, which a process under a
# limit of them (ulimit -v) has not, and nothing here multiplies matrices.
os.environ.setdefault("OPENBLAS_NUM_THREADS", "1")
