"""What every test gets: engines of its own, and an ear for numbers in its log."""

pytest_plugins = ["tests.database", "tests.whole_log"]
