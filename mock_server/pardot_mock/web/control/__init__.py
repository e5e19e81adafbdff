"""The control plane below `/_mock/`: what testers use. Never journaled, never counted."""
