"""The objects of the synthetic world: one class per object, one method per column."""
