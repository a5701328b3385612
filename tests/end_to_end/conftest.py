"""What tests of whole commands share."""

from __future__ import annotations

from collections.abc import Iterator

import pytest
from support import warm_servers


@pytest.fixture(scope="module")
def kept_warm(tmp_path_factory: pytest.TempPathFactory) -> Iterator[None]:
    """Self-checks of a module share a loaded fork-server, as a student's do; it ends with the module."""
    folder = tmp_path_factory.mktemp("run")
    with pytest.MonkeyPatch.context() as patch:
        patch.setenv("XDG_RUNTIME_DIR", str(folder))
        patch.setenv("GRADER_KEEP_WARM", "600")
        yield
    warm_servers.end(folder)
