"""What is left of a submission's budget while its calls are run."""

from __future__ import annotations

from collections.abc import Sequence

from grader.nouns.outcome import Outcome, TimedOut
from grader.nouns.question import Budget


class Allowance:
    """A budget that calls draw on, job after job."""

    def __init__(self, budget: Budget) -> None:
        self._budget = budget
        self._wall, self._cpu, self._kept = budget.wall, budget.cpu, budget.kept

    @property
    def is_spent(self) -> bool:
        """Return whether no time is left."""
        return self._wall <= 0 or self._cpu <= 0

    @property
    def left(self) -> Budget:
        """Return what is left; read it only while something is left."""
        return Budget(wall=self._wall, cpu=self._cpu, kept=self._kept)

    @property
    def used_up(self) -> TimedOut:
        """Return the outcome of a call that was stopped, or never made, because the budget is spent."""
        whole = self._budget
        computed_more = self._cpu / whole.cpu <= self._wall / whole.wall
        return TimedOut(resource="budget", limit=whole.cpu if computed_more else whole.wall)

    def charge(self, outcomes: Sequence[Outcome]) -> tuple[Outcome, ...]:
        """Subtract what outcomes cost; return them, with the whole budget as the limit of those that it stopped."""
        for outcome in {id(outcome): outcome for outcome in outcomes}.values():
            self._wall -= outcome.charge.wall
            self._cpu -= outcome.charge.cpu
            if self._kept is not None:
                self._kept = max(self._kept - outcome.charge.kept, 0)
        return tuple(map(self._told, outcomes))

    def _told(self, outcome: Outcome) -> Outcome:
        if isinstance(outcome, TimedOut) and outcome.resource == "budget":
            return outcome.model_copy(update={"limit": self.used_up.limit})
        return outcome

    def allows(self, outcomes: Sequence[Outcome]) -> bool:
        """Return whether what some outcomes cost can be spent once more."""
        once_more = Allowance(self._budget)
        once_more._wall, once_more._cpu, once_more._kept = self._wall, self._cpu, self._kept
        once_more.charge(outcomes)
        return not once_more.is_spent
