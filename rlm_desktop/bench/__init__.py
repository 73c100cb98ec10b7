"""Benches: how quick this program is, measured beside its peers on the same computer.

One module or package for each task of ``rlm-desktop bench``. A task yields `Section`s as they are finished, so that
an interrupted bench keeps what it has measured.
"""
