"""A webshop that sells and the payment providers Mollie and Stripe, as doubles, beside an installation on this machine.

    python -m lab.sandbox --folder .orderwerk --port 8000 --mollie-port 9001 --stripe-port 9002 [--every 20] [--most 500] [--seed 0]

`./orderwerk demo --sandbox` starts it. Orders come in through the API, some paid, some paid later by a message of the provider.
A refund goes to the double and takes a while; now and then an answer is lost after the money moved, a message comes twice, late or
never, a refund fails. What the doubles know is kept in `sandbox.pickle` of the folder, every two seconds and in the end: for trying, a
power cut may cost that much.
"""

import argparse
import random
import signal
import threading
from contextlib import ExitStack
from pathlib import Path

from lab.sandbox.api import Api, token_of
from lab.sandbox.memory import recall, remember
from lab.sandbox.outside import Outside
from tests.doubles.mollie import MollieDouble
from tests.doubles.stripe import StripeDouble
from tests.doubles.wire import serving

_STEP_SECONDS = 2.0


def main() -> None:
    """Play the world outside until told to stop."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)  # fmt: skip
    parser.add_argument("--folder", type=Path, required=True, help="the installation's data folder")
    parser.add_argument("--port", type=int, required=True, help="where its API answers")
    parser.add_argument("--mollie-port", type=int, required=True)
    parser.add_argument("--stripe-port", type=int, required=True)
    parser.add_argument(
        "--every", type=float, default=20, help="seconds from one order to the next"
    )
    parser.add_argument("--most", type=int, default=500, help="orders in all")
    parser.add_argument("--seed", type=int)
    options = parser.parse_args()
    stop = threading.Event()
    for number in (signal.SIGTERM, signal.SIGINT, signal.SIGHUP):
        signal.signal(number, lambda *_: stop.set())

    file = options.folder / "sandbox.pickle"
    mollie, stripe = MollieDouble(), StripeDouble()
    recall(file, mollie, stripe)
    with ExitStack() as stack:
        stack.enter_context(serving(mollie, options.mollie_port))
        stack.enter_context(serving(stripe, options.stripe_port))
        api = Api(options.port, lambda: token_of(options.folder))
        if not api.wait(stop):
            return
        outside = Outside(
            api, {"mollie": mollie, "stripe": stripe}, random.Random(options.seed), say
        )
        outside.open_accounts()
        steps = 0
        while not stop.wait(_STEP_SECONDS):
            if steps % max(1, round(options.every / _STEP_SECONDS)) == 0 and outside.payments < options.most:  # fmt: skip
                outside.sell()
            outside.go_on()
            remember(file, mollie, stripe)
            steps += 1
        remember(file, mollie, stripe)


def say(sentence: str) -> None:
    """Tell on the terminal what went on outside."""
    print(f"sandbox: {sentence}", flush=True)


if __name__ == "__main__":
    main()
