"""What a worker and its supervisor say to each other, a line a word."""

# From a worker, on its stdout: the model is loaded; it listens; it is alive; it loads a model.
READY, LISTENING, ALIVE, LOADING = b"ready\n", b"listening\n", b"alive\n", b"loading\n"
# To a worker, on its stdin, which ends with the supervisor: it may listen.
LISTEN = b"listen\n"
