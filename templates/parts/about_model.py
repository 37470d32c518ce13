    """The model in {{ s.source.origin | docstring }}, run by {{ runner }}.

    Attributes:
        version: Identifies the trained model: the start of its checksum. Sent with every prediction.
        runtime: What runs it, with version.
    """
