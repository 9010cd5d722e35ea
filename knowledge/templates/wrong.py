"""
misconception: todo-misconception
fails: [solve-gives-the-right-value]
"""


def solve(x):
    return None
