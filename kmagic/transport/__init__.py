"""The only package that opens sockets or spawns processes."""
