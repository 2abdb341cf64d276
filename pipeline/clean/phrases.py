"""The words by which walls, error pages and cuts are known, in the languages of the sources: one pattern a line."""

from __future__ import annotations

import re


def _any(patterns: str) -> re.Pattern[str]:
    """One pattern for all lines; a space stands for any white space, an apostrophe for either sort."""
    each = [line.strip() for line in patterns.splitlines() if line.strip()]
    return re.compile("|".join(pattern.replace(" ", r"\s+").replace("'", "['’]") for pattern in each), re.I)


BOT_WALL = _any(r"""
    checking (?:if the site connection is secure|your browser)
    verif(?:y|ying) (?:that )?you are (?:a )?human
    verify you're (?:a )?human
    are you a (?:robot|human)
    you(?: are|'re) not a (?:robot|bot)\b
    prove (?:that )?you(?: are|'re) (?:human|no robot|not a robot)
    enable javascript and cookies
    javascript and cookies (?:enabled|to continue)
    please enable (?:js|javascript) and disable any ad ?blocker
    attention required! \| cloudflare
    ddos protection by
    just a moment\.\.\.
    \bcaptcha\b
    unusual (?:traffic|activity) from your
    access to this page has been denied
    pardon our interruption
    security check to access
    bist du ein mensch
    sie kein roboter sind
    überprüf\w* .{0,20}browser
    vérifi\w+ que vous (?:êtes|n'êtes pas) (?:un )?(?:humain|robot|être humain)
    no (?:soy|eres|es) un robot
    verificar que (?:es|eres) (?:un )?humano
    comprobando (?:su|tu) navegador
    لست (?:برنامج )?روبوت
    请完成安全验证
    人机验证
    请输入验证码
    安全验证
""")
CONSENT = _any(r"""
    before you continue to
    we (?:and our partners )?(?:use|value|care about) (?:cookies|your privacy)
    we and our (?:\d+ )?partners
    accept (?:all )?cookies
    accept all
    reject all
    manage (?:my )?(?:preferences|choices|consent|cookies)
    cookie (?:policy|settings|preferences)
    your privacy (?:choices|is important)
    (?:alle )?cookies (?:akzeptieren|zulassen)
    alle akzeptieren
    datenschutzeinstellungen
    einwilligung
    mit werbung (?:weiterlesen|lesen)
    zustimmen und weiter
    accepter (?:tous les )?cookies
    tout (?:accepter|refuser)
    continuer sans accepter
    gérer mes (?:choix|cookies)
    votre consentement
    aceptar (?:todas )?(?:las )?cookies
    aceptar (?:todo|y continuar)
    rechazar todo
    configurar cookies
    su consentimiento
    ملفات تعريف الارتباط
    接受所有\s*cookie
    cookie\s*设置
""")
ERROR_PAGE = _any(r"""
    \b(?:error )?404\b
    page (?:not|can(?:no|')t be|could not be) found
    (?:page|article|story) you (?:requested|were looking for)
    (?:page|article|story) (?:is )?no longer (?:available|exists?)
    this page (?:does not|doesn't) exist
    not found$
    ^(?:internal )?server error
    \b50[0234] (?:internal|bad|service|gateway)
    service (?:temporarily )?unavailable
    something went wrong
    seite (?:wurde )?nicht (?:gefunden|verfügbar)
    seite existiert nicht
    page (?:non trouvée|introuvable)
    cette page n'existe (?:pas|plus)
    página no (?:encontrada|existe|disponible)
    no (?:se )?(?:ha )?encontr\w+ la página
    página não encontrada
    pagina non trovata
    pagina niet gevonden
    الصفحة (?:المطلوبة )?غير (?:موجودة|متوفرة)
    (?:页面|网页|頁面)(?:不存在|未找到|找不到)
    找不到(?:页面|網頁|该页)
""")
SUBSCRIBE = _any(r"""
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
RELATED = _any(r"""
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
_MORE = _any(r"""
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
