"""What the language server says, asked by a real client over a real process."""
