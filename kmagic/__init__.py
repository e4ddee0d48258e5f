"""kmagic: Kubernetes in a notebook."""
