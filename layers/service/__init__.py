"""Layers as columns, index and encoded features: what live services answer from. No Flask."""
