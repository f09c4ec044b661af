"""What a thing looks like."""
