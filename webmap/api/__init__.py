"""What programs ask for: JSON and downloads."""
