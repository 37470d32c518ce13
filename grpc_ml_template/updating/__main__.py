"""``python -m grpc_ml_template.updating``: an update that is interrupted says so in one line."""

import signal
import sys

if __name__ == "__main__":
    signal.signal(signal.SIGTERM, signal.default_int_handler)  # Which tidies up.
    try:
        from .command import main

        main()
    except KeyboardInterrupt:
        sys.exit("make update: interrupted; nothing is changed")
