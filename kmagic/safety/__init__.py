"""The rules of changes: the pinned target and its protection level, the policy, and masking's salt."""

__all__ = ()
