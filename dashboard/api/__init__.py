"""What the pages show, for programs: JSON under `/api/v1`, read alone.

`table.RESOURCES` declares every resource: its path, its parameters, the question that it puts to `Data`, and the model that it answers with.
Routes (`answering`), the OpenAPI document (`describing`) and docs/api.md are made from it.
"""
