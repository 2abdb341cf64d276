"""What every worker would load, loaded once by the fork server, from which workers are forked: imports and lexicons.

Measured on the 433 pages of ../shared/data/extraction: a worker from nothing spends 5 s before its first page.
Nothing else imports this module: it makes its process deaf to Ctrl-C, which the command line answers for all.
"""

import signal

signal.signal(signal.SIGINT, signal.SIG_IGN)

from pipeline.batch import derive  # noqa: E402
from pipeline.clean import warm as warm_clean  # noqa: E402
from pipeline.extract import warm as warm_extract  # noqa: E402

__all__ = ["derive"]

warm_clean()
warm_extract()
