"""Speed and quality beside a named peer, as ratios measured in one run. `make bench` runs all."""
