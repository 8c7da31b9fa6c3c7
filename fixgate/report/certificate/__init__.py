"""A certificate rendered: terminal, JSON, JUnit and HTML, each with the runs as evidence."""
