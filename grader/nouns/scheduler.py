"""A cluster that runs student code."""

from __future__ import annotations

from grader.nouns.base import Noun


class Scheduler(Noun):
    """A Dask scheduler, and whether the network between here and its workers may be trusted.

    Attributes:
        address: for example `tls://host:8786`.
        trust_network: whether staff said that nobody else can reach or read this network; then TLS is not asked for.
    """

    address: str
    trust_network: bool = False
