"""Imports what is not installed here; no function of the file can be reached."""

import a_package_that_is_not_installed as helper

ANSWERS = {}


def token_ids(tokenizer, first, second):
    return tokenizer.convert_tokens_to_ids([first, second])
