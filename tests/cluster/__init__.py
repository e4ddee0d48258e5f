"""A real Kubernetes control plane for tests: built once from Go modules, started in seconds, killed at will."""
