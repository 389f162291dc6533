"""What a tube file says: its models, its YAML with positions, and where tubes are found."""
