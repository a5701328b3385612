"""Reports as text, files and pages: one module a format, its file name is the format's name.

A format has one function `render(reports, *, course, language, …)`.
"""
