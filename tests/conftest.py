"""Fixtures every test folder shares: the real control plane, the sandbox, and both in turn."""

from __future__ import annotations

pytest_plugins = ()
