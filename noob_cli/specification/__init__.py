"""What a tube file says: its models, its YAML with positions, and where tubes are found.

Annotations are not strings where there are models: pydantic would compile each at the start of a run.
"""
