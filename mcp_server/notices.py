"""Notices that a resource has changed, sent to those alone whose resource it is."""

from __future__ import annotations

from collections.abc import Callable

from mcp.server.subscriptions import InMemorySubscriptionBus, ResourceUpdated, ServerEvent

from mcp_server.learners import current_name


class NoticesOfLearners(InMemorySubscriptionBus):
    """A learner's progress has the same address as another's; its notices reach its owner alone."""

    def subscribe(self, listener: Callable[[ServerEvent], None]) -> Callable[[], None]:
        """Register a listener for the learner of this request."""
        mine = current_name()

        def deliver(event: ServerEvent) -> None:
            if not isinstance(event, ResourceUpdated) or current_name() == mine:
                listener(event)

        return super().subscribe(deliver)
