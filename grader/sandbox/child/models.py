"""The models that a worker holds: loaded from bindings, in the process that will run student code or fork it."""

from __future__ import annotations

import contextlib
from collections.abc import Iterable, Mapping
from pathlib import Path
from typing import Any

from grader.sandbox.kernel.environment import binding_parts


class LoadedModels:
    """Models, tokenizers and configurations by logical name, each loaded once, when first asked for.

    Weights are float32, in eval mode, with `requires_grad` and attention as transformers sets them.

    Args:
        bindings: logical name to `{"kind", "directory", "config"}`, paths as text or None.
    """

    def __init__(self, bindings: Mapping[str, Mapping[str, str | None]]) -> None:
        self._bindings = bindings
        self._loaded: dict[tuple[str, str], Any] = {}

    def get(self, name: str, part: str) -> Any:
        """Return the `model`, `tokenizer` or `config` of a logical name.

        Raises:
            KeyError: the name is not bound.
            ValueError: the binding has no such part.
        """
        if (name, part) not in self._loaded:
            self._loaded[name, part] = _load(self._bindings[name], part)
        return self._loaded[name, part]

    def load(self, needed: Iterable[tuple[str, str]]) -> None:
        """Load the given parts now."""
        for name, part in needed:
            self.get(name, part)

    def load_all(self) -> None:
        """Load every part that every binding has."""
        self.load((name, part) for name, binding in self._bindings.items() for part in binding_parts(binding))

    def close(self) -> None:
        """Refuse to load anything from now on."""
        self._bindings = {}

    def directories(self) -> set[str]:
        """Return the folders that the models' weights are loaded from."""
        return {str(Path(folder).resolve()) for binding in self._bindings.values() if (folder := binding["directory"])}

    def models(self) -> list[Any]:
        """Return the models loaded so far."""
        return [value for (_, part), value in self._loaded.items() if part == "model"]

    def warm(self) -> None:
        """Run one forward pass, and decode one token where a model can: lazy set-up is then done before a fork."""
        import torch

        for (name, part), model in list(self._loaded.items()):
            if part != "model":
                continue
            tokenizer = self._loaded.get((name, "tokenizer"))
            ids = tokenizer("a", return_tensors="pt")["input_ids"] if tokenizer else torch.zeros(1, 1, dtype=torch.long)
            if ids.shape[1] == 0:
                continue
            with torch.no_grad():
                model(input_ids=ids)
                if model.can_generate():
                    model.generate(ids, max_new_tokens=2, do_sample=False)


def _load(binding: Mapping[str, str | None], part: str) -> Any:
    with _quiet():
        if part == "config":
            from transformers import AutoConfig

            source = str(binding["config"] or binding["directory"])
            return AutoConfig.from_pretrained(source, local_files_only=True)
        if part not in binding_parts(binding):
            raise ValueError(f"a binding of kind {binding['kind']} has no {part}")
        if part == "tokenizer":
            from transformers import AutoTokenizer

            return AutoTokenizer.from_pretrained(binding["directory"], local_files_only=True)
        return _model(binding)


def _model(binding: Mapping[str, str | None]) -> Any:
    import torch
    import transformers

    auto = {"causal_lm": transformers.AutoModelForCausalLM, "masked_lm": transformers.AutoModelForMaskedLM}
    loader: Any = auto[str(binding["kind"])]
    return loader.from_pretrained(binding["directory"], dtype=torch.float32, local_files_only=True).eval()


@contextlib.contextmanager
def _quiet() -> Any:
    """No progress bars: what is printed belongs to the student."""
    from transformers.utils import logging

    logging.disable_progress_bar()
    yield
