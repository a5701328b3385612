"""Property: modules in the handed-in folder that are named like libraries shadow nothing the grader uses."""
FILES = {
    "json.py": "raise SystemExit(0)",
    "torch.py": "raise SystemExit(0)",
    "typing.py": "raise SystemExit(0)",
    "numpy.py": "raise SystemExit(0)",
    "safetensors.py": "raise SystemExit(0)",
    "grader.py": "raise SystemExit(0)",
    "inspect.py": "raise SystemExit(0)",
    "traceback.py": "def print_exc(): pass",
    "encodings.py": "",
}
import json, sys

def answer(clue): return json.dumps([sys.flags.safe_path])
