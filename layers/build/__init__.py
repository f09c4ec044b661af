"""From a plan folder to an edition: locate, check, assemble."""
