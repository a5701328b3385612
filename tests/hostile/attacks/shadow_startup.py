"""Property: sitecustomize, usercustomize, conftest and .pth files that are handed in are never run."""
FILES = {
    "sitecustomize.py": "print('BREACH sitecustomize')",
    "usercustomize.py": "print('BREACH usercustomize')",
    "conftest.py": "print('BREACH conftest')",
    "evil.pth": "import os; print('BREACH pth')",
    "__init__.py": "print('BREACH init')",
    "__main__.py": "print('BREACH main')",
    "pyvenv.cfg": "home = .",
    "setup.cfg": "[tool:pytest]\naddopts = -p evil",
}

def answer(clue): return 0.0
