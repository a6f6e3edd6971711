"""How a job that fails is run again: what broke it may be over in a moment, or in an hour."""

from procrastinate import RetryStrategy

# After 2, 4, 8 … seconds, the last time after more than an hour: a restart of the database, a lock held too long, a night's
# maintenance. Jobs of the clock too: of one that comes once a night the work of a day would be left undone. Jobs are repeatable, so another run does no harm; what still fails then stands in `orderwerk check`.
AGAIN = RetryStrategy(max_attempts=12, exponential_wait=2)
