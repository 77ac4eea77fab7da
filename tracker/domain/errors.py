class DomainError(Exception):
    """A rule of meaning was broken. Services raise subclasses; the outer layers turn them into words once."""
