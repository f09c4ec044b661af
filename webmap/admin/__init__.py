"""Who may change something: people, sessions, and the pages for those who are signed in."""
