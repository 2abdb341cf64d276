"""What every worker would load, loaded once by the fork server, from which workers are forked: imports and lexicons.

Measured on the 433 pages of ../shared/data/extraction: a worker from nothing spends 5 s before its first page.
"""

from pipeline.batch import derive
from pipeline.clean import warm as warm_clean
from pipeline.extract import warm as warm_extract

__all__ = ["derive"]

warm_clean()
warm_extract()
