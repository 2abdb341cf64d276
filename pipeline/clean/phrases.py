"""The words by which paywalls, lines to other articles and cuts are known: a pattern a line, in many languages."""

from __future__ import annotations

import re


def any_of(patterns: str) -> re.Pattern[str]:
    """One pattern for all lines; a space stands for any white space (` ?`: or none), an apostrophe for either sort."""
    each = [
        line.strip().replace(" ?", r"\s*").replace(" ", r"\s+").replace("'", "['’]") for line in patterns.splitlines()
    ]
    return re.compile("|".join(filter(None, each)), re.I)


SUBSCRIBE = any_of(r"""
    subscribe (?:now |today )?to (?:continue|read|keep|unlock|access|get)
    (?:already|not yet) a subscriber
    (?:article|story|content) is (?:only |exclusively )?(?:available )?(?:exclusive )?(?:for|to) (?:our )?subscribers
    (?:article|story|content) is (?:only |exclusively )?(?:available )?(?:exclusive )?(?:for|to) (?:our )?members
    subscriber[- ]only
    for subscribers only
    exclusive to subscribers
    to (?:continue|keep) reading
    to read the (?:full|rest|whole)
    (?:sign in|log in|register) to (?:continue|read|keep)
    unlock (?:this|the full|unlimited)
    start your (?:free )?trial
    subscribe for (?:full|unlimited)
    you(?: have|'ve) (?:reached|read) your (?:last |limit )
    become a (?:subscriber|member) to
    weiterlesen mit
    jetzt (?:abonnieren|weiterlesen|freischalten)
    (?:nur|exklusiv) für abonnent
    sie haben (?:bereits )?(?:schon )?ein abo
    mit (?:einem )?abo (?:weiter)?lesen
    um (?:den|diesen) artikel (?:weiter|zu lesen|vollständig)
    réservé aux? (?:abonné|nos abonné)
    abonnez-vous (?:pour|dès)
    déjà abonné
    pour lire la suite
    il vous reste \d+ ?% de cet article
    la suite est réservée
    suscr[íi]b(?:ete|ase) (?:para|y sigue)
    (?:solo|exclusivo) para suscriptores
    para (?:seguir|continuar) leyendo
    ya (?:soy|eres|es) suscriptor
    contenido (?:exclusivo|solo) para
    exclusivo para assinantes
    abbonati per
    riservato agli abbonati
    للمشتركين فقط
    اشترك (?:الآن )?ل(?:قراءة|متابعة)
    (?:订阅|登录)后?(?:即可)?(?:阅读|查看)(?:全文|更多)
    仅限(?:订阅|会员)
    付费(?:内容|阅读)
    (?:会员|訂閱)專(?:享|屬)
""")
RELATED = any_of(r"""
    (?:also|next) read
    read (?:also|next|more(?: (?:here|about this))?)
    see also
    related(?: (?:stor(?:y|ies)|articles?|news|content|coverage))?
    more on this(?: story)?
    recommended(?: for you)?
    you (?:may|might) also (?:like|be interested in)
    don't miss
    (?:à )?lire aussi
    à lire
    sur le même sujet
    lesen sie (?:auch|mehr|hier|dazu)(?: [\w-]+)?
    mehr (?:zum thema|dazu|lesen)
    auch interessant
    das könnte sie auch interessieren
    zum thema
    le[ae] (?:también|tambien|además)
    noticias? relacionadas?
    te puede interesar
    más (?:información|noticias)
    leia (?:também|mais)
    leggi anche
    lees ook
    läs också
    les også
    læs også
    اقرأ (?:أيضا|أيضًا|أيضاً|المزيد)
    相关(?:阅读|新闻|报道)
    延伸阅读
    推荐阅读
""")
_MORE = any_of(r"""
    read more
    (?:continue|keep) reading
    read the full (?:story|article)
    weiterlesen
    mehr lesen
    lire la suite
    seguir leyendo
    sigue leyendo
    leer más
    اقرأ المزيد
    阅读全文
    查看全文
""")
# The end of a text that somebody cut.
CUT = re.compile(
    r"(?:\[\s*(?:\+\s*\d+ chars|…|\.\.\.)\s*\]|…|\.\.\.|(?<!\w)(?:" + _MORE.pattern + r")\s*[.…»>→]*)\s*$",
    re.IGNORECASE,
)
