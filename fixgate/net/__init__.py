"""The only home of sockets, clocks, files and threads."""
