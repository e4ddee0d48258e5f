"""The tests mirror kmagic/ file for file; beside them stand conformance, cluster, browser, notebooks, shape and bench."""
