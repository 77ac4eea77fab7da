from typing import Any

from rest_framework.metadata import SimpleMetadata


class Summary(SimpleMetadata):
    """What OPTIONS answers: the name of an address, and what it takes. Its fields stand in the schema, which knows them
    also where a view has no rows of its own."""

    def determine_actions(self, request: Any, view: Any) -> dict[str, Any]:
        return {}
