#!/usr/bin/env python3
"""Asks about many domains on a cluster: each partition of a list goes through one `smtplint mx`.

    python3 mx-on-spark.py LIST RESULTS [--partitions NUMBER] [FLAGS OF smtplint mx ...]

LIST has a line for each domain, its name alone or an object of JSON with a `domain`. RESULTS is a folder that
Spark makes; its files hold a line of JSON (`smtplint/mx/1`) for each domain. The command has to be there on every
worker: in PATH, or where the variable SMTPLINT says. Each partition keeps to `--jobs`, and with `--probe` to
`--connections`: so many partitions at a time, so many times as much.
"""

import argparse
import os
import shlex

from pyspark.sql import SparkSession


def main() -> None:
    parser = argparse.ArgumentParser(description="smtplint mx on the partitions of a list", allow_abbrev=False)
    parser.add_argument("list", help="domains, a line each")
    parser.add_argument("results", help="the folder that is made for what is found")
    parser.add_argument("--partitions", type=int, default=8, help="how many times the command runs")
    ours, flags = parser.parse_known_args()

    program = os.environ.get("SMTPLINT", "smtplint")
    command = shlex.join([program, "mx", "--quiet", "--from", "-", *flags])
    # Workers start the command with these variables and no others.
    environment = {"PATH": os.environ.get("PATH", os.defpath)}

    spark = SparkSession.builder.appName("smtplint mx").getOrCreate()
    lines = spark.sparkContext.textFile(ours.list).distinct().repartition(ours.partitions)
    # Where the command fails the partition does, and Spark tries it again.
    lines.pipe(command, env=environment, checkCode=True).saveAsTextFile(ours.results)
    spark.stop()


if __name__ == "__main__":
    main()
