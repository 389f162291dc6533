"""The page of a tube: what it is told, its server, and the page in a real browser."""
