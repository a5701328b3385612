"""Notebooks handed in as work: read as text and turned into a module. Saved outputs are never trusted.

read      the file → numbered cells (nbformat; version 3 is converted)
magics    one cell's source → Python of the same lines: magics, shell lines and help are left out
answers   markdown under a question's heading → its free-text answer
convert   the file → the module that stands for it, and its source as it is read; in a reader's child
unpack    a submission with a notebook → a folder to run in its place
cells     what runs in the confined child: each statement by itself, so that a failing one loses nothing else
notes     remarks about it for the report
"""
