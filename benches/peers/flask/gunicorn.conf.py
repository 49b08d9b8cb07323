"""Runs the Flask peer under gunicorn. ../README.md compares sync and gthread workers."""

import os

bind = os.environ["BIND"]
workers = 4
worker_class = os.environ.get("WORKER_CLASS", "gthread")
threads = int(os.environ.get("POOL", "1"))
keepalive = 75
backlog = 2048
accesslog = None
loglevel = "warning"
worker_tmp_dir = "/dev/shm"
