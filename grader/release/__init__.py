"""What leaves the course team's hands: the student kit and the Gradescope autograder.

course_files   the course without what students must not see
frozen_keys    the key of the public cases, computed once with the reference that stays behind
package        the grader's own source, and how it is installed
kit            all of it in one folder
gradescope     an autograder zip
notebooks      the notebook beside every chapter's template
"""
