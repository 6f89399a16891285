"""Which connector fills which port: the only place that knows both."""


def plug_in() -> None:
    """Called once at start-up."""
