"""
misconception: category-gradient-is-a-mean
fails: [step-adds-up-uses]
"""

import numpy as np


def learn_codes(values, at_least=1):
    names, counts = np.unique(values, return_counts=True)
    return {name: code for code, name in enumerate(names[counts >= at_least].tolist(), start=1)}


def encode(values, codes):
    return np.array([codes.get(name, 0) for name in values.tolist()], dtype=int)


def look_up(tables, codes):
    return np.concatenate([table[column] for table, column in zip(tables, codes.T)], axis=1)


def step(table, codes, upstream, rate):
    gradient = np.zeros_like(table)
    np.add.at(gradient, codes, upstream)
    uses = np.maximum(np.bincount(codes, minlength=len(table)), 1)
    return table - rate * gradient / uses[:, None]
