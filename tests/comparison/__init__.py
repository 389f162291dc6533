"""The same tubes under this project and under the public package `noob`, and what differs."""
