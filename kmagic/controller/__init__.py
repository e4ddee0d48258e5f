"""Acting on what a cache says: work queues, leader election, events, the controller loop."""
