"""Reports as text, files and pages.

formats/     one module a format
templates/   the HTML pages
visible      what of a report its student may see: one place
"""
