"""Commands: one module each, found by its file name; `grader/cli/commands/NAME.py` is `grader NAME`,
with `-` for `_`.

A module defines `command`, a click command of that name:

    import click

    from grader.cli import options

    @click.command("count")
    @options.course_option
    def command(course_folder: Path) -> None:
        '''Count the chapters of a course.'''
        from grader.course.load import load_course

        click.echo(len(load_course(course_folder).chapters))

- It only forwards: it reads words, calls one thing of the grader, prints what that gives, and exits with 0, 1 (the work
  that was looked at lacks something) or 2 (the command itself cannot work).
- What it needs is imported inside the function: `grader --help` imports every command, and has to answer at once.
- A `GraderError` may pass through: `grader.cli.main` prints it and exits with 2. Words that are wrong are
  `options.refusal(say(...))`.
- Options that several commands share are in `grader.cli.options`. Help is English here and translated by the catalogue.
  An option whose help names plug-ins is a `grader.cli.listing.Listing`.
"""
