"""The program that dies: one story from order to refund, through the API and the job queue, in one process.

Reads a line of JSON for each run from its standard input, lives it in a child of its own, and answers with how that ended.
"""

import json
import os
import sys

import django


def main() -> None:
    """Serve runs until the input ends."""
    django.setup()
    from lab.crashes import life, points

    points.watch()
    for line in sys.stdin:
        pid = os.fork()
        if pid == 0:
            life.live(json.loads(line))
            os._exit(0)
        _, status = os.waitpid(pid, 0)
        print(
            json.dumps(-os.WTERMSIG(status) if os.WIFSIGNALED(status) else os.WEXITSTATUS(status)),
            flush=True,
        )


if __name__ == "__main__":
    main()
