"""The kinds of node: what `type` may name, what it takes, what it emits, and how it is run."""
