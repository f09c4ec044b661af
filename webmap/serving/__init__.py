"""HTTP without plan words: settings, messages, errors, headers, bodies."""
