"""Assets: objects that a tube owns, each with a scope that says how long it lives."""
