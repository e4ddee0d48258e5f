"""What tests of your own code need: a cluster in this process, a clock you move, recorded calls and planned failures."""
