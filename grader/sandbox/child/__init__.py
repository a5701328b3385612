"""The untrusted side of the sandbox: it runs in the process that student code runs in, and decides nothing."""
