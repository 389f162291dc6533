"""The user's code as far as it can be known without running any of it: its source is read, and stood in for.

What stands for a function has its signature, and does nothing; what stands for a class has its bases and such methods.
So all that is asked of code that is imported can be asked of it. What shows only when code runs is unknown.
"""
