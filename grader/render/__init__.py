"""Reports as text, files and pages.

formats/     one module a format
templates/   the HTML pages
visible      what of a report its student may see: one place
plain        short words and numbers that formats share, and texts as Markdown
statuses     what a status is called and how it is coloured
statistics   what a class's reports say about the class and its questions
data         reports as plain data
sheet        tables for spreadsheets; `fill` writes marks into one that a platform exported
pages        HTML pages from templates
console      tables and texts as a terminal shows them
changes_table, intake_table, isolation_table, late_table, models_table   what commands print that is no report
"""
