"""Really trained miniatures of ERNIE 4.5 and ERNIE 3.0, and the recipe that trained them."""
