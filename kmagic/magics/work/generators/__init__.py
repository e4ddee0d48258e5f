"""Objects made of a few flags, as kubectl's generators make them: pure functions, one file a kind of object.

Each returns the object as ``kubectl create --dry-run=client -o yaml`` prints it; what cannot be made of what was given
is a `GeneratorError` in kubectl's words.
"""

__all__ = ()
