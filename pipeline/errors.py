"""Every exception Newsledger raises on purpose, and whether trying again can help.

::

    NewsledgerError                 one clear line for the user; exit status 1
     ├── ConfigurationError         a setting, a register or a schema file is wrong     never retried
     │    └── UnknownSource         no source of that id is registered                  never retried
     ├── InputError                 what was handed in cannot be used                    never retried
     │    ├── NotAnArchive          not a WARC, or one that breaks off                   never retried
     │    ├── UnknownBatch          no such batch, or not the name of one                never retried
     │    └── QueryError            SQL that does not run                                never retried
     ├── ValidationError            a critical expectation failed; nothing was published never retried
     │    └── ConservationError     rows in are not rows out plus rejects                never retried
     └── StoreError                 the lake, archive or state could not be read or written     retried
          └── BatchBusy             another run is working on the batch                         retried

An expected failure of one URL, page or row is never an exception: it is a ``Reject`` or a fetch ``outcome``.
What HTTP answers is retried by fetch itself, within its batch.
"""


class NewsledgerError(Exception):
    """Whatever Newsledger raises on purpose. Its text is one line that a user can act on."""

    retryable = False


class ConfigurationError(NewsledgerError):
    """A setting, a register of sources or a schema file is wrong."""


class UnknownSource(ConfigurationError):
    """No source of that id is registered."""


class InputError(NewsledgerError):
    """What was handed in cannot be used."""


class NotAnArchive(InputError):
    """The file is no WARC, or one that breaks off."""


class UnknownBatch(InputError):
    """There is no such batch, or the text is not the name of one."""


class QueryError(InputError):
    """The SQL does not run."""


class ValidationError(NewsledgerError):
    """A critical expectation failed; nothing of the batch was published."""


class ConservationError(ValidationError):
    """Counts do not add up: something vanished or was counted twice."""


class StoreError(NewsledgerError):
    """The lake, the archive or the state could not be read or written."""

    retryable = True


class BatchBusy(StoreError):
    """Another run is working on the batch."""
