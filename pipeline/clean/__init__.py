"""Clean: pages to articles. Pure: the same page gives the same record on any machine and on any day.

::

    page ─decoding→ text ─document→ one tree ─┬ title, authors, dates, metadata, address, kind   what it says of itself
         ─plain_text, row→ (no HTML)          ├ body, furniture                                  its text, as paragraphs
                                              └ verdict                                          an article, or why not

The only home of trafilatura. A page that is no article is a `Reject` with a reason and the words it was judged by.
"""

from pipeline.clean.step import clean

__all__ = ["clean"]
