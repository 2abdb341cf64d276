"""Invented publishers' ways of printing a page: what surrounds a text, in several languages and by several makers."""

# A page a line.
# ruff: noqa: E501
from __future__ import annotations

from collections.abc import Callable
from html import escape

from invented import html as plain

WORDS = {
    "en": ("Home", "World", "Sport", "Culture", "Subscribe", "Sign in", "Search", "Cookie settings", "All rights reserved"),
    "de": ("Start", "Politik", "Sport", "Kultur", "Abo", "Anmelden", "Suche", "Datenschutz", "Alle Rechte vorbehalten"),
    "fr": ("Accueil", "Monde", "Sport", "Culture", "S’abonner", "Se connecter", "Recherche", "Cookies", "Tous droits réservés"),
    "es": ("Portada", "Mundo", "Deportes", "Cultura", "Suscríbete", "Entrar", "Buscar", "Cookies", "Todos los derechos reservados"),
    "ar": ("الرئيسية", "العالم", "رياضة", "ثقافة", "اشترك", "دخول", "بحث", "الخصوصية", "جميع الحقوق محفوظة"),
    "zh": ("首页", "国际", "体育", "文化", "订阅", "登录", "搜索", "隐私", "版权所有"),
    "ru": ("Главная", "Мир", "Спорт", "Культура", "Подписка", "Войти", "Поиск", "Конфиденциальность", "Все права защищены"),
}  # fmt: skip


def _links(lang: str) -> list[str]:
    return [f'<a href="/{number}">{word}</a>' for number, word in enumerate(WORDS[lang][:7])]


def broadsheet(title: str, body: str, lang: str, head: str) -> str:
    """Clean HTML5: header, nav, main, article, footer; a banner on top that asks for consent."""
    *_, privacy, rights = WORDS[lang]
    return (
        f'<!DOCTYPE html><html lang="{lang}"><head><meta charset="utf-8"><title>{escape(title)} | The Gazette</title>{head}'
        '<meta property="og:site_name" content="The Gazette"></head><body>'
        '<div id="cmp" role="dialog" hidden><p>We use cookies to measure our reach.</p><button>Accept all</button></div>'
        f'<header><a href="/">The Gazette</a><nav><ul><li>{"</li><li>".join(_links(lang))}</li></ul></nav></header>'
        f'<main id="content"><article><h1>{escape(title)}</h1>{body}</article></main>'
        f'<footer><a href="/privacy">{privacy}</a><p>© 2026 Gazette. {rights}.</p></footer></body></html>'
    )


def portal(title: str, body: str, lang: str, head: str) -> str:
    """Boxes in boxes, no element that says what it is, a column of headlines beside the text."""
    beside = "".join(f'<div class="r-i"><a href="/n/{n}.shtml">{WORDS[lang][n % 4]} {n}</a></div>' for n in range(1, 7))
    return (
        f'<html lang="{lang}"><head><title>{escape(title)}_The Gazette</title>{head}</head><body class="p-{lang}">'
        f'<div class="top"><div class="nav">{" | ".join(_links(lang))}</div></div><div class="wrap"><div class="l">'
        f'<h1 class="tt">{escape(title)}</h1><div class="cnt">{body}</div></div><div class="r">{beside}</div></div>'
        f'<div class="ft">{WORDS[lang][7]} | {WORDS[lang][8]}</div></body></html>'
    )


def blog(title: str, body: str, lang: str, head: str) -> str:
    """A theme of blocks with a search form and a newsletter's form in the footer."""
    return (
        f'<!doctype html><html lang="{lang}"><head><meta name="generator" content="PressWord 6">{head}'
        f'<title>{escape(title)} – The Gazette</title></head><body class="single wp-theme"><div class="site">'
        f'<header class="wp-block-template-part"><p class="site-title"><a href="/">The Gazette</a></p>{" ".join(_links(lang))}'
        f'</header><main class="wp-block-group"><h1 class="wp-block-post-title">{escape(title)}</h1>'
        f'<div class="entry-content">{body}</div></main><footer><form role="search"><input type="search" name="s">'
        f'<button>{WORDS[lang][6]}</button></form><form><input type="email"><button>{WORDS[lang][4]}</button></form>'
        f"<p>{WORDS[lang][8]}</p></footer></div></body></html>"
    )


def old(title: str, body: str, lang: str, head: str) -> str:
    """Tables and upper case, as papers' first systems made them."""
    return (
        f"<HTML><HEAD><TITLE>The Gazette - {escape(title)}</TITLE>{head}</HEAD><BODY BGCOLOR=#ffffff><TABLE WIDTH=800><TR>"
        f"<TD COLSPAN=2>{' - '.join(_links(lang))}</TD></TR><TR><TD WIDTH=150><A HREF=/>The Gazette</A></TD><TD>"
        f"<H1>{escape(title)}</H1>{body}</TD></TR></TABLE><HR><CENTER>{WORDS[lang][8]}</CENTER></BODY></HTML>"
    )


def bare(title: str, body: str, lang: str, head: str) -> str:
    """Nothing but the message: what proxies, walls and servers send."""
    return f'<!DOCTYPE html><html lang="{lang}"><head><title>{escape(title)}</title>{head}</head><body>{body}</body></html>'


def gazette(title: str, body: str, lang: str, head: str) -> str:
    """The page that the other tests use."""
    return plain(body, head=head, title=title, lang=lang)


Printer = Callable[[str, str, str, str], str]
PRINTERS: tuple[Printer, ...] = (broadsheet, portal, blog, old)


def said(*texts: str) -> str:
    """Paragraphs."""
    return "".join(f"<p>{text}</p>" for text in texts)


def cards(*titles: str, teaser: str = "", tag: str = "h2") -> str:
    """Headlines that lead to articles, each in a card, with a teaser."""
    below = f'<div class="dek"><p>{teaser}</p></div>' if teaser else ""
    return "".join(
        f'<div class="card"><{tag}><a href="/a/{number}">{title}</a></{tag}>{below}</div>'
        for number, title in enumerate(titles, 1)
    )


def items(*titles: str) -> str:
    """Headlines in a list, without headings."""
    return "<ul>" + "".join(f'<li><a href="/a/{n}.html">{title}</a></li>' for n, title in enumerate(titles)) + "</ul>"


def figures(count: int, caption: str = "") -> str:
    """Pictures with captions."""
    return "".join(f'<figure><img src="/{n}.jpg"><figcaption>{caption} {n}</figcaption></figure>' for n in range(count))
