"""What a page is: an article, or not one, and why. The checks are made in the order of `CHECKS`."""

from __future__ import annotations

from collections.abc import Callable

from pipeline.clean import fronts, jsonld, phrases, walls
from pipeline.clean.case import Case, Ground

__all__ = ["CHECKS", "NOT_OF_ITS_ADDRESS", "Case", "access", "access_of", "check"]

# Below these many words the rest of what is sold may be missing.
_PART_WORDS = 300

NOT_OF_ITS_ADDRESS = {"bot_wall", "consent_wall", "region_wall", "login_wall", "error_page"}
"""Reasons of pages that stand in for any article: they are not the one whose address they answer."""


def check(case: Case) -> Ground | None:
    """The first ground for rejecting the page, None for an article."""
    for each in CHECKS:
        if ground := each(case):
            evidence = ground.evidence or case.document.visible or case.document.head_title or case.document.markup
            return ground._replace(evidence=evidence[:300])
    return None


def _no_text(case: Case) -> Ground | None:
    return Ground("no_text", "no text was found in the document", case.document.visible) if not case.words else None


def _too_short(case: Case) -> Ground | None:
    if case.words >= case.min_words:
        return None
    return Ground("too_short", f"{case.words} words, fewer than {case.min_words}", case.text)


CHECKS: tuple[Callable[[Case], Ground | None], ...] = (
    walls.bot_wall, walls.region_wall, walls.removed_page, walls.error_page, walls.login_wall, fronts.search_page,
    walls.paywalled, fronts.gallery, walls.consent_wall, fronts.home_page, fronts.section_front, _no_text, _too_short,
)  # fmt: skip


def access(case: Case) -> tuple[str, str | None]:
    """Whether the whole text was to be had, and by what that is known; None for a text that nothing speaks against."""
    end = cut(case.text)
    # A long text may end in dots for effect.
    if case.words > _PART_WORDS and not end.strip(". …"):
        end = ""
    said = "; ".join(filter(None, (case.is_unpaid, case.asks_to_subscribe)))
    if said:
        article = case.document.article or {}
        body = jsonld.text(article.get("articleBody"))
        # Many publishers of paid texts send them whole.
        if end or case.asks_to_subscribe or case.words < _PART_WORDS or len(body) > 1.5 * len(case.text):
            return "paywalled", said
        if (declared := jsonld.number(article.get("wordCount"))) > 1.5 * case.words:
            return "paywalled", f"{said}; {case.words} of {declared:.0f} words"
    return ("truncated", f"ends in {end}") if end else ("open", None)


def access_of(text: str) -> tuple[str, str | None]:
    """The same of a text without a page: it is whole, or ends as one does that was cut."""
    end = cut(text)
    return ("truncated", f"ends in {end}") if end else ("open", None)


def cut(text: str) -> str:
    """The end of a text that ends as one does that was cut; "" of another."""
    match = phrases.CUT.search(text[-120:])
    return match[0].strip() if match else ""
