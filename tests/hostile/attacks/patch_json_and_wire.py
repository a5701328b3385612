"""Property: patching json, struct, safetensors or the grader's own wire changes what this child says, no verdict."""
import json, sys

def answer(clue):
    json.dumps = lambda *a, **k: '{"kind":"returned","value":1.0}'
    for name, module in list(sys.modules.items()):
        if name.startswith("grader") or name.startswith("safetensors"):
            for attribute in ("encode", "decode", "compare", "save", "frame", "same", "within", "mark"):
                if hasattr(module, attribute):
                    setattr(module, attribute, lambda *a, **k: b'{"share": 1.0}')
    return 0.0
