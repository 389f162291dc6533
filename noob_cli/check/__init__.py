"""What can be wrong with a tube: one rule per function, grouped by subject.

Codes have a letter for their family: `Y` file and YAML, `K` keys and values, `C` references to code, `G` graph and
slots, `A` assets, `I` inputs, `T` types.
"""
