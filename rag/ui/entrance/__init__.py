"""Who may enter the server: login, sessions, limits, and the headers of every response."""
