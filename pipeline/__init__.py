"""Newsledger: a news-monitoring pipeline whose corpus can be audited.

::

    sources ─discover→ links ─fetch→ pages ║ ─clean→ articles ─extract→ mentions, events ─validate→ ─publish→ lake
                                           ║                  lake ─group→ families, stories, occurrences
      collect: touches the web, archives   ║   derive: pure, repeated as often as you like
      what it got, never repeated          ║

      every step → a counted outcome or a reject with a coded reason; the ledger adds up

Rooms, from the street inwards (imports point down this list):

====================  ==========================================================================================
``cli``               ``newsledger …``: one command a verb
``show, progress``    what its commands print
``registering``       finding sources for the register; ``sources`` and ``opml`` are its files, ``sources.toml`` ships
``demo``              the sample newsroom through the real DAGs, to answers
``training``          what trains the models that ship; nothing of the pipeline imports it
``batch``             what a batch is; runs one step for one batch (knows both the steps and the storage)
``collect``           discover, fetch, archive: the web, and nothing else
``clean``             page → article
``extract``           article → mentions, events
``group``             articles → families, stories, occurrences
``lake``              store, validate, publish: Parquet
``warehouse``         SQL over the lake
``addresses, ids``    when two URLs are one article; what ids are made of
``records``           one typed record a table, generated from ``schemas/``
``schema``            the only reader of ``schemas/``
``settings, errors``  every setting; every exception
``newsroom``          invented publishers on loopback, for ``demo`` and the tests
====================  ==========================================================================================
"""

__version__ = "0.1.0"
