"""What stands in an article's place: walls before it, forms, errors, and word that it was taken away."""

from __future__ import annotations

import re
from itertools import islice

from pipeline.clean import wall_words as words
from pipeline.clean.case import WALL_WORDS, Case, Ground
from pipeline.clean.tidy import count_words, line

# With fewer words than this there is nothing beside a message.
_MESSAGE_WORDS = 60
_TEASER_WORDS = 80
_REMOVAL_WORDS = 100
_APART = 15
_FEW_HEADLINES = 3
# Left by the makers of challenges. What they also put into pages that are whole (a check of the browser in passing,
# the captcha of a newsletter's form) is not among them.
_CHALLENGE = re.compile(
    r"_cf_chl_opt|/orchestrate/|_Incapsula_Resource|captcha-delivery\.com|px-captcha|_pxCaptcha|"
    r"token\.awswaf\.com|AwsWafIntegration|sgcaptcha|ddos-guard\.net/check|geetest\.com|/_sec/cp_challenge|"
    r"id=.anubis_challenge",
)
_WIDGET = re.compile(r"recaptcha|hcaptcha|turnstile|captcha", re.I)
_CONSENT_ADDRESS = re.compile(
    r"^(?:consent|collectconsent|cookie-?wall|cookie-?consent|privacy-?(?:gate|wall)|pur-?abo|consent-?wall)$"
)
_LOGIN_ADDRESS = re.compile(
    r"^(?:log-?in|sign-?in|signon|sso|auth|authenticate|anmelden|anmeldung|connexion|iniciar-?sesion|inloggen|"
    r"accedi|logowanie|vhod)(?:\.\w{2,5})?$"
)
_PAYWALL_BOX = re.compile(
    r"paywall|regwall|pay-?gate|subscri(?:be|ption|ber)-?(?:wall|gate|only)|premium-?(?:wall|gate)", re.I
)


def bot_wall(case: Case) -> Ground | None:
    """A page that asks for proof that one is no robot, or says that one is taken for one."""
    if case.words >= WALL_WORDS or case.document.declares_article or case.words_around >= 2 * WALL_WORDS:
        return None
    detail = "the page asks to prove that one is no robot"
    shown = f"{case.document.head_title} {case.around}"
    if match := words.BOT_WALL.search(shown):
        return Ground("bot_wall", detail, around(shown, match))
    if heading := case.heading(words.BOT_WORDS):
        return Ground("bot_wall", detail, f"{heading}: {case.around}")
    few = case.words_around < _MESSAGE_WORDS
    if few and (match := words.BOT_WORDS.search(case.around)) and _WIDGET.search(case.document.markup):
        return Ground("bot_wall", detail, around(case.around, match))
    if few and (match := _CHALLENGE.search(case.document.markup)):
        return Ground("bot_wall", "a challenge to robots, and little else", around(case.document.markup, match))
    return None


def consent_wall(case: Case) -> Ground | None:
    """A page that asks for consent and holds little else; a banner over an article is none."""
    if case.words >= WALL_WORDS or case.document.article is not None or case.words_around >= 4 * WALL_WORDS:
        return None
    found = {line(match[0]).casefold() for match in words.CONSENT.finditer(case.around)}
    is_address = any(_CONSENT_ADDRESS.match(each) for each in case.folders) or re.match(
        r"https?://(?:consent|cmp|myprivacy|guce)\.", case.document.url
    )
    if len(found) < (1 if is_address else 2):
        return None
    # A brief about consent has no button for it; a banner stands beside a text that says something else.
    asks = not case.text or any(words.CONSENT.search(part) for part in case.text.split("\n\n"))
    # Few links lead out of a wall.
    if is_address or (asks and len(case.linked_headlines) < _FEW_HEADLINES and _is_alone(case)):
        return Ground("consent_wall", "the page asks for consent and holds little else", "; ".join(sorted(found)))
    return None


def _is_alone(case: Case) -> bool:
    """Whether consent can be given, and each paragraph stands in the box of the button for it, or in one beside."""
    tree = case.document.tree
    boxes = {box for control in case.controls(words.CONSENT) for box in control.iterancestors()}
    if any(True for _ in tree.iter("main", "article", "nav")):
        # The body is a box where there is nothing else to hold the question.
        boxes -= {tree, *tree.iter("body")}
    return bool(boxes) and all(
        any(box in boxes for box in islice(element.iterancestors(), 2))
        for element in tree.iter("p")
        if count_words(line(element.text_content())) >= _APART
    )


def region_wall(case: Case) -> Ground | None:
    """A page that says that it is not shown in the visitor's part of the world."""
    if case.words >= _TEASER_WORDS or case.document.article is not None:
        return None
    shown = case.text if case.words >= case.min_words else case.around
    match = words.REGION_WALL.search(shown)
    if match and count_words(shown) < WALL_WORDS:
        return Ground("region_wall", "not shown where the visitor is", around(shown, match))
    return None


def removed_page(case: Case) -> Ground | None:
    """A page that says that the article was taken away; its headline and its data may be there still."""
    if case.words >= _REMOVAL_WORDS:
        return None
    detail = "says that the article was taken away"
    if heading := case.heading(words.REMOVED):
        return Ground("removed_page", detail, heading)
    if part := case.opening(words.REMOVED):
        return Ground("removed_page", detail, part)
    if case.words < case.min_words and (match := words.REMOVED.search(case.around)):
        return Ground("removed_page", detail, around(case.around, match))
    return None


def error_page(case: Case) -> Ground | None:
    """An error page that answered 200."""
    if case.words >= 2 * WALL_WORDS or case.document.article is not None:
        return None
    # Below an error's heading there may be teasers; paragraphs of prose are an article about errors.
    if case.words >= WALL_WORDS and (case.has_prose or case.longest_paragraph >= _MESSAGE_WORDS):
        return None
    if heading := case.heading(words.ERROR_HEADING):
        return Ground("error_page", "an error page that answered 200", heading)
    if case.document.declares_article:
        return None
    if case.words < _MESSAGE_WORDS and (part := case.opening(words.ERROR_PAGE, 20)):
        return Ground("error_page", "an error page that answered 200", part)
    if case.words < case.min_words and case.words_around < WALL_WORDS:
        shown = case.around
        if match := words.ERROR_PAGE.search(shown):
            return Ground("error_page", "an error page that answered 200", around(shown, match))
    return None


def login_wall(case: Case) -> Ground | None:
    """A page where one has to log in."""
    if case.words >= WALL_WORDS or case.document.declares_article:
        return None
    heading = case.heading(words.LOGIN)
    is_address = any(_LOGIN_ADDRESS.match(each) for each in case.folders[-2:])
    if (heading or is_address) and (case.has_field("password", "email") or case.words < _MESSAGE_WORDS):
        return Ground("login_wall", "a form to log in", heading or f"{case.document.url}: {case.around}")
    if case.words < case.min_words and (match := words.LOGIN_ASK.search(case.text or case.around)):
        return Ground("login_wall", "asks to log in", around(case.text or case.around, match))
    return None


def paywalled(case: Case) -> Ground | None:
    """A teaser, or less, of what is sold."""
    if case.words >= _TEASER_WORDS:
        return None
    if case.is_unpaid:
        return Ground("paywalled", f"{case.is_unpaid}, {case.words} words of text", case.text or case.around)
    if case.asks_to_subscribe and (case.document.declares_article or case.words):
        return Ground(
            "paywalled",
            f"asks to subscribe ({case.asks_to_subscribe}), {case.words} words of text",
            case.text or case.around,
        )
    if case.document.declares_article and case.breaks_off and (box := _paywall_box(case)):
        return Ground("paywalled", f"a paywall ({box[0]}), {case.words} words of text", box[1])
    return None


def _paywall_box(case: Case) -> tuple[str, str] | None:
    """The name and the words of a box that is named a paywall and says something."""
    if not _PAYWALL_BOX.search(case.document.markup):
        return None
    for element in case.document.tree.iter("div", "section", "aside"):
        name = f"{element.get('id') or ''} {element.get('class') or ''}".strip()
        if _PAYWALL_BOX.search(name) and 3 <= count_words(shown := line(element.text_content())) < WALL_WORDS:
            return name[:60], shown
    return None


def around(text: str, match: re.Match[str]) -> str:
    """The match with a few words before and after."""
    return line(text[max(0, match.start() - 100) : match.end() + 150])
