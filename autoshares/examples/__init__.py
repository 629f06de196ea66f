"""Short programs to start from: `python -m autoshares.examples.NAME`. The tests run each of them."""
