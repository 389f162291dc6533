"""The language server: what an editor asks of tubes that are open in it. It imports nothing of the user's code."""
