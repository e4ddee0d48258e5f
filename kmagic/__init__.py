"""Kubernetes in a notebook, in Python.

```python
import kmagic

client = kmagic.Client()                     # kubeconfig rules, then in-cluster; no request yet
client.core_v1.pods("shop").list()           # typed
client.resource("deploy", namespace="shop")  # any name kubectl takes
```

In Jupyter or IPython: `%load_ext kmagic`, then `%kget pods`, `%%kapply`, `%kwatch deploy`, `kmagic.cache("pods")`.

Everything heavy is imported when it is first touched, so `import kmagic` costs next to nothing.
"""

from __future__ import annotations

import importlib
import time
from typing import TYPE_CHECKING

from kmagic import errors
from kmagic._version import __version__
from kmagic.errors import KubeError

if TYPE_CHECKING:
    from IPython.core.interactiveshell import InteractiveShell

    from kmagic.cache.client import AsyncClient as AsyncClient
    from kmagic.client.manifests import load as load
    from kmagic.config.client_config import ClientConfig as ClientConfig
    from kmagic.magics.calls import cache as cache
    from kmagic.magics.calls import logs as logs
    from kmagic.magics.calls import rollout as rollout
    from kmagic.magics.calls import watch as watch
    from kmagic.sync.client import Client as Client

__all__ = (
    "AsyncClient",
    "Client",
    "ClientConfig",
    "KubeError",
    "__version__",
    "cache",
    "errors",
    "load",
    "load_ipython_extension",
    "logs",
    "rollout",
    "unload_ipython_extension",
    "watch",
)

_HOMES = {
    "cache.client": ("AsyncClient",),
    "client.manifests": ("load",),
    "config.client_config": ("ClientConfig",),
    "magics.calls": ("logs", "rollout", "watch"),
    "sync.client": ("Client",),
}


def __getattr__(name: str) -> object:
    if name == "cache":
        return importlib.import_module("kmagic.cache")  # a package, and a call
    from kmagic._lazy import touched

    return touched(__name__, _HOMES, name)


def __dir__() -> list[str]:
    return sorted(__all__)


def load_ipython_extension(shell: InteractiveShell) -> None:
    """`%load_ext kmagic`: registers the magics and their completion; makes no request."""
    began = time.time()
    importlib.import_module("kmagic.magics.extension").load(shell, began)


def unload_ipython_extension(shell: InteractiveShell) -> None:
    """`%unload_ext kmagic`: removes the magics and stops every thread, task and watch behind them."""
    importlib.import_module("kmagic.magics.extension").unload(shell)
