"""The trusted side of the sandbox: it starts children, talks to them, measures them and ends them."""
