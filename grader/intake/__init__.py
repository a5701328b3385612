"""Taking submissions in: whatever was downloaded becomes one `Submission` a person and attempt.

gather       all paths of a command, each by its own source (`sources/`)
handin       one hand-in as a source finds it
listing      a source's outer layer as a folder
collect      hand-ins → submissions; `boundary` lets what goes wrong in one stop nobody else
identity     whose a hand-in is; `people` reads names and times, `roster` the class list
stray        what lay in a download and was neither taken nor refused
claims       several hand-ins of one student: attempts, or a conflict
keeping      the copy that is kept and runs
modules      which file answers which chapter
own_folder, checkout, gradescope_container   one person's work, where no source is asked

confined     asks a reader's child, which runs the functions of the modules below
filling      the files of a hand-in in one folder
unpack       archives into folders; `bounds` says how much of anything
repository   a student's git repository, as data
metadata     that of a Gradescope export
package      whether a hand-in holds what the course asks for besides the module
"""
