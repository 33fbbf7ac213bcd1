"""Running a server: what it counts, what it tells of its health, and how it stops."""
