"""Figures by address: what ``planmap figure`` draws, in processes of their own."""
