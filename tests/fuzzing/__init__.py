"""Random mutations of tubes: whatever a file says, what is said of it is a diagnostic, in bounded time and memory."""
