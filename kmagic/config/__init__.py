"""Where the server is and who we are: kubeconfig files and in-cluster files become one `ClientConfig`. No requests."""

from __future__ import annotations

__all__ = ()
