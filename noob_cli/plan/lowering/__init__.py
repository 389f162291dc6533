"""Lowering: from the graph of a tube to its plan.

What its functions have in common is what they are given: the `Scope` of the tube, which has what holds each value; its
`Storing`, what an epoch is going to store; a node; and the frame, the loops in which that has its turn, the outermost
first, or none.
"""
