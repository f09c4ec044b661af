"""Scanned maps put into a plan folder, fitted, warped and traced."""
