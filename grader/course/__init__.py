"""A course read from its files: specifications, the models they name, the cases each student is given."""
