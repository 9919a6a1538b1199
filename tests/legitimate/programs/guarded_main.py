"""Ends with the usual guard, which must not run."""

import argparse
import sys


def solve(seed, x_batch, y_batch, lr):
    return [float(seed), float(lr), float(y_batch.sum())]


def main():
    parser = argparse.ArgumentParser()
    parser.add_argument("--seed", type=int, default=0)
    print(solve(parser.parse_args().seed, [], [], 0.1))
    sys.exit(3)


if __name__ == "__main__":
    main()
