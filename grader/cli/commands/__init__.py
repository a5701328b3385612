"""The commands, one module each, found by file name: `command` is a click command that forwards."""
