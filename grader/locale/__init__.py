"""Message catalogues, one folder a language, and the tool that keeps them in step with the code (`make messages`)."""
