"""What a guarded function writes to its arguments, and who is told: `on_write`."""

from __future__ import annotations

from typing import Any

from cow._ground.errors import MutationError
from cow._ground.types import OnWrite
from cow._guard.arguments import Call, spell_path
from cow._guard.mutation import Watch, WriteEvent, origin, report

__all__ = ["Writes"]


class Writes:
    """Looks for the writes of a guarded function, and tells of them.

    `places`: the writes whose line is known, by parameter.
    """

    def __init__(self, func: Any, name: str, on_write: OnWrite) -> None:
        self.func = func
        self.name = name
        self.on_write = on_write
        self.places: dict[str, WriteEvent] = {}
        self.traced = False

    def watch(self, call: Call) -> Watch:
        """Return what looks for writes while the body runs."""
        trace, self.traced = not self.traced, True
        lent = set(map(id, call.loans))
        call.watched = len(call.passed)
        arrays = [
            (spell_path(path), inner, old)
            for path, inner, old in call.passed
            if id(inner) not in lent
        ]
        module = getattr(self.func, "__module__", None) or "builtins"
        return Watch(f"{module}.{self.name}", arrays, origin(self.func), trace)

    def tell(self, watch: Watch, call: Call) -> None:
        """Report the writes, or raise for the first of them."""
        known = {id(inner) for _, inner, _ in call.passed[: call.watched]}
        late = [each for each in call.passed if id(each[1]) not in known]
        watch.look_at((spell_path(path), inner, old) for path, inner, old in late)
        for event in watch.events:
            if event.kind == "write":
                self.places[event.parameter] = event
            event = self.places.get(event.parameter, event)
            # the next call will tell the line
            self.traced &= event.kind == "write"
            if self.on_write == "report":
                report(event)
                continue
            raise MutationError(
                f"{self.name}() writes to its argument {event.parameter} at "
                f"{event.filename}:{event.lineno}; its caller's array is unchanged. "
                f"Let it work on `{event.parameter}.copy()`, or use on_write='copy'"
            )
