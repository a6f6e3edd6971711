"""Each invariant broken on purpose, once in the code or in the schema: a test has to notice."""
