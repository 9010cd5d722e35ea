"""Formula answers: read safely, compared at points, proved equal by SymPy, and told apart.

`notation` turns what was typed into one plain form, `tree` reads that under limits, `points`
evaluates it, `proof` asks SymPy in a process of its own, `comparison` gives the verdict.
"""
