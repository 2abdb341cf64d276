"""What stands in an article's place is told apart: walls, forms, errors, removals. What only speaks of them is not."""

# A page a line.
# ruff: noqa: E501
from __future__ import annotations

import re

import pytest
from invented import BODY, cleaned, ld, meta, rejected
from printing import PRINTERS, Printer, bare, blog, broadsheet, old, portal, said

NOINDEX = '<meta name="robots" content="noindex,nofollow">'
PASSWORD = '<form method="post"><input type="email" name="u"><input type="password" name="p"><button>→</button></form>'
ADDRESS = "http://gazette.example/world/2026/03/01/lighthouse-reopens"
LOCKED = ld(headline="The harbour’s secret ledger", isAccessibleForFree=False)

# reason, printer, language, title, body, head
FORMS: list[tuple[str, Printer, str, str, str, str]] = [
    ("bot_wall", bare, "en", "Just a moment...", '<div id="w"></div><noscript>Enable JavaScript and cookies to continue</noscript>', NOINDEX),
    ("bot_wall", bare, "en", "gazette.example", "<p id='cmsg'>Please enable JS and disable any ad blocker</p><script src='https://ct.captcha-delivery.com/c.js'></script>", ""),
    ("bot_wall", bare, "en", "Access Denied", "<h1>Access Denied</h1>You don't have permission to access \"http://gazette.example/world\" on this server.<p>Reference #18.2d351ab8.1557333295.a4e16ab</p>", ""),
    ("bot_wall", bare, "en", "", "<iframe src='/_Incapsula_Resource?SWUDNSAI=31'>Request unsuccessful. Incapsula incident ID: 1-2</iframe>", NOINDEX),
    ("bot_wall", broadsheet, "en", "Before you read on", said("Press & Hold to confirm you are a human (and not a bot).", "Reference ID 7f3a"), ""),
    ("bot_wall", bare, "en", "Making sure you're not a bot!", "<h1>Making sure you're not a bot!</h1><p>Loading… You are seeing this because this site weighs what each visitor asks of it.</p>", ""),
    ("bot_wall", bare, "en", "Too many requests", "<h1>Too many requests</h1><p>Slow down, then try once more.</p>", ""),
    ("bot_wall", portal, "zh", "访问验证", said("为了您的账号安全，请先完成安全验证，向右拖动滑块填充拼图。"), ""),
    ("bot_wall", bare, "ru", "Вы не робот?", "<p>Нам очень жаль, но запросы с вашего устройства похожи на автоматические. Подтвердите, что вы не робот.</p><input type=checkbox> Я не робот", ""),
    ("bot_wall", blog, "de", "Sicherheitsprüfung", said("Bitte bestätigen Sie, dass Sie kein Roboter sind. Danach geht es weiter."), ""),
    ("bot_wall", bare, "ar", "تحقق", said("يرجى التحقق من أنك إنسان قبل المتابعة إلى الموقع."), ""),

    ("consent_wall", bare, "en", "The Gazette", said("Before you continue to the Gazette", "We and our 142 partners store and/or access information on a device.") + "<button>Reject all</button><button>Accept all</button>", NOINDEX),
    ("consent_wall", bare, "de", "Gazette – Zustimmung", said("Mit Werbung weiterlesen: Besuchen Sie uns wie gewohnt mit Werbung und Tracking.", "Oder lesen Sie die Gazette im Pur-Abo ohne Tracking für 3,99 Euro.") + "<button>Akzeptieren und weiter</button>", ""),
    ("consent_wall", portal, "fr", "Votre choix", said("Avec votre consentement, nos partenaires et nous utilisons des cookies.") + '<a href="#">Continuer sans accepter</a> <button>Tout accepter</button>', ""),
    ("consent_wall", blog, "es", "Su privacidad", said("Nosotros y nuestros socios utilizamos cookies; necesitamos su consentimiento para mostrarle publicidad.") + "<button>Rechazar todo</button><button>Aceptar todo</button>", ""),
    ("consent_wall", bare, "nl", "Gazette", said("Deze website gebruikt cookies en vergelijkbare technieken om advertenties te tonen.") + "<button>Akkoord</button> <button>Cookies weigeren</button>", ""),
    ("consent_wall", bare, "it", "Gazzetta", said("Accetta e continua a leggere gratis, oppure abbonati e naviga senza pubblicità.") + "<button>Accetta e continua</button><button>Rifiuta tutti</button>", ""),

    ("region_wall", bare, "en", "451: Unavailable due to legal reasons", said("We recognize you are attempting to access this website from a country belonging to the European Economic Area (EEA) and therefore access cannot be granted at this time."), ""),
    ("region_wall", broadsheet, "en", "Lighthouse reopens", said("This content is not available in your region."), ""),
    ("region_wall", portal, "de", "Leuchtturm", said("Dieser Beitrag ist in Ihrem Land leider nicht verfügbar."), ""),
    ("region_wall", blog, "fr", "Le phare", said("Ce contenu n’est pas disponible dans votre pays."), ""),
    ("region_wall", old, "es", "El faro", said("Este contenido no está disponible en su país por motivos de derechos."), ""),

    ("login_wall", broadsheet, "en", "Log in", said("Welcome back.") + PASSWORD, NOINDEX),
    ("login_wall", portal, "de", "Anmelden", PASSWORD + said("Noch kein Konto? Registrieren Sie sich in einer Minute."), ""),
    ("login_wall", blog, "fr", "Se connecter", said("Entrez votre adresse e-mail et votre mot de passe pour retrouver votre journal.") + PASSWORD, ""),
    ("login_wall", old, "es", "Iniciar sesión", PASSWORD, ""),
    ("login_wall", portal, "zh", "用户登录", said("手机号登录 验证码登录") + PASSWORD, ""),
    ("login_wall", broadsheet, "ar", "تسجيل الدخول", PASSWORD, ""),
    ("login_wall", broadsheet, "en", "Crossword archive", said("Please sign in to see the archive."), ""),

    ("error_page", broadsheet, "en", "404 – page not found", said("Try the search, or go back to where you came from."), ""),
    ("error_page", blog, "en", "Oops! That page can’t be found.", said("It looks like nothing was found at this location. Maybe try a search?"), ""),
    ("error_page", bare, "en", "502 Bad Gateway", "<center><h1>502 Bad Gateway</h1></center><hr><center>nginx</center>", ""),
    ("error_page", bare, "en", "The Gazette", "<h2>We’ll be back soon</h2><p>The Gazette is down for scheduled maintenance.</p>", ""),
    ("error_page", bare, "en", "Gazette", "<h2>Application error: a client-side exception has occurred (see the browser console).</h2>", ""),
    ("error_page", portal, "de", "Seite nicht gefunden", said("Die angeforderte Seite gibt es nicht. Vielleicht hilft die Suche."), ""),
    ("error_page", old, "fr", "Page introuvable", said("Erreur 404. La page que vous cherchez a peut-être changé d’adresse."), ""),
    ("error_page", blog, "es", "Página no encontrada", said("Lo sentimos. Vuelva a la portada."), ""),
    ("error_page", portal, "zh", "您访问的页面不存在", said("五秒后将自动跳转至首页。"), ""),
    ("error_page", broadsheet, "ar", "الصفحة غير موجودة", said("عد إلى الصفحة الرئيسية."), ""),

    ("removed_page", broadsheet, "en", "The harbour’s secret ledger", said("This article has been removed following a legal complaint. We apologise for any inconvenience."), ld(headline="The harbour’s secret ledger")),
    ("removed_page", portal, "en", "This story is no longer available", said("Stories of our agencies are kept for thirty days."), ""),
    ("removed_page", blog, "de", "Das Kontobuch des Hafens", said("Dieser Artikel ist leider nicht mehr verfügbar.", "Beiträge dürfen wir aus rechtlichen Gründen nur ein Jahr lang zeigen."), ""),
    ("removed_page", old, "fr", "Le registre du port", said("Cet article a été supprimé à la demande de son auteur."), ""),
    ("removed_page", broadsheet, "es", "El libro del puerto", said("Esta noticia ya no está disponible."), ""),
    ("removed_page", portal, "zh", "提示", said("抱歉，该文章已被删除。"), ""),
    ("removed_page", bare, "ru", "Газета", said("Эта статья удалена по требованию правообладателя."), ""),

    ("no_text", bare, "en", "The Gazette", '<div id="root"></div><script src="/app.js"></script>', ""),
    ("no_text", bare, "en", "", "", ""),
    ("no_text", bare, "en", "Lighthouse", '<img src="/page-1.jpg"><img src="/page-2.jpg">', ""),
    ("no_text", bare, "fr", "Le phare", '<iframe src="https://player.example/1"></iframe>', ""),
    ("no_text", bare, "de", "Leuchtturm", "<frameset cols='20%,80%'><frame src=a><frame src=b></frameset>", ""),

    ("too_short", broadsheet, "en", "Lighthouse", said("Closed on Mondays, as it was in the keeper’s day."), ""),
    ("too_short", portal, "de", "Leuchtturm", said("Das Video zeigt den Leuchtturm am Kap Orrin in der Nacht zum Montag."), ""),
    ("too_short", blog, "fr", "Le phare", said("Le phare a été rallumé dimanche soir, après onze ans."), ""),
    ("too_short", old, "es", "El faro", said("El faro volvió a encenderse el domingo por la noche."), ""),
    ("too_short", portal, "zh", "灯塔", said("灯塔星期日晚上重新点亮，镇上一半的人前来观看。"), ""),

    ("paywalled", broadsheet, "en", "The harbour’s secret ledger", said(BODY[0]), LOCKED),
    ("paywalled", portal, "en", "The harbour’s secret ledger", said(BODY[0], "Subscribe to continue reading."), meta(og__type="article")),
    ("paywalled", blog, "de", "Das Kontobuch des Hafens", said("Jahrelang führte der Hafenmeister zwei Bücher, und niemand wollte wissen, warum das zweite im Keller lag.", "Jetzt weiterlesen mit dem Abo."), ""),
    ("paywalled", old, "fr", "Le registre du port", said("Pendant des années, le capitaine du port a tenu deux registres, et personne ne voulait savoir pourquoi le second dormait à la cave.", "La suite est réservée aux abonnés."), ""),
    ("paywalled", broadsheet, "en", "The harbour’s secret ledger", said(BODY[0][:60]) + '<div class="paywall-box"><p>One paper, every morning, from two crowns a week.</p></div>', meta(og__type="article")),
    ("paywalled", portal, "zh", "港口的秘密账本", said("多年来，港口主任一直保留着两本账，没有人愿意知道第二本为什么放在地下室里。", "订阅后阅读全文"), ""),
    ("paywalled", broadsheet, "en", "The harbour’s secret ledger", said(BODY[0]), ld(headline="The harbour’s secret ledger", hasPart={"@type": "WebPageElement", "isAccessibleForFree": "False", "cssSelector": ".gate"})),
    ("paywalled", broadsheet, "en", "The harbour’s secret ledger", said(BODY[0]), meta(article__content_tier="locked", og__type="article")),
]  # fmt: skip


@pytest.mark.parametrize(
    ("reason", "printer", "lang", "title", "body", "head"), FORMS, ids=[f"{row[0]}-{row[2]}-{row[3][:20]}" for row in FORMS]
)  # fmt: skip
def test_it_is_rejected_for_what_it_is(
    reason: str, printer: Printer, lang: str, title: str, body: str, head: str
) -> None:
    reject = rejected(printer(title, body, lang, head), url=ADDRESS)
    assert reject.reason == reason, reject
    assert reject.evidence
    # Whoever answers for any page is not the article that was asked for.
    assert (reject.article_id is None) == (
        reason in {"bot_wall", "consent_wall", "region_wall", "login_wall", "error_page"}
    )


def test_each_reason_has_five_forms_and_more() -> None:
    found = [row[0] for row in FORMS]
    assert all(found.count(reason) >= 5 for reason in found)


CAPTCHA = [
    "The town library has put a captcha before its catalogue, after a robot asked for the same atlas nine thousand times.",
    "“Are you a robot?” the page now asks, and shows pictures of buoys. Librarian Odile Marsh says that complaints are few.",
]
ERRORS = [
    "A 404 page is what readers see when there is nothing to be seen, and the Gazette’s is to be redrawn by pupils.",
    "The best of twelve drawings shows a lighthouse keeper who looks for a page under his bed, and finds a herring there.",
]
CONSENT = [
    "The data office wants “Reject all” to be as large as “Accept all”, and will fine sites whose cookie settings hide it.",
    "Three papers of the coast have until May to redraw their banners; the Gazette’s, it said, had been found to be in order.",
]
REMOVAL = [
    "The harbour board has deleted a page about dredging from its site, and a minister had to say on Monday who asked for it.",
    "“The article was removed by mistake,” the board said, and put it back in the afternoon, with the figures unchanged.",
]
SUBSCRIBERS = [
    "The Orrin Opera has more subscribers than seats, and will ask those who subscribe to read the small print from autumn on.",
    "Those who become a member before June keep their row. The house has 412 seats, of which eleven have no view of the stage.",
]
LOGINS = [
    "Pupils of three schools could not sign in to their exams on Monday, when the ministry’s servers went down for an hour.",
    "Log in and hope, was what teachers told them. The ministry spoke of a cable that a digger had found before its owners did.",
]
REGIONS = [
    "The series about the lighthouse is not sold abroad, and viewers on the islands read that it is out of reach for them.",
    "The broadcaster promised to show it to all from Friday on, when the rights that a distributor holds will have run out.",
]
BRIEF = [
    "The ferry Calypso was towed to port on Monday with 212 passengers aboard, after smoke was seen in its engine room.",
    "No one was hurt, the coast guard said.",
]
NEAR = {
    "captcha": ("Robots at the library door", CAPTCHA),
    "404 pages": ("Why 404 pages are becoming an art form", ERRORS),
    "404 people": ("404 people brought to safety from a burning ferry", BRIEF * 2),
    "consent": ("“Accept all” will have to shrink", CONSENT),
    "removal": ("Who had the article removed?", REMOVAL),
    "subscriptions": ("The opera asks its subscribers to read", SUBSCRIBERS),
    "login": ("Exams without a login", LOGINS),
    "regions": ("Out of reach for islanders", REGIONS),
    "brief": ("Ferry towed to port", BRIEF),
    "denied": ("Access denied to the old mole, keepers and anglers complain", BRIEF),
    "maintenance": ("Maintenance of the lock takes a year longer", BRIEF),
    "not found": ("Missing sailor not found on third day of search", BRIEF),
}


@pytest.mark.parametrize("printer", PRINTERS, ids=lambda printer: printer.__name__)
@pytest.mark.parametrize("near", NEAR)
def test_what_only_speaks_of_it_is_an_article(near: str, printer: Printer) -> None:
    title, body = NEAR[near]
    assert body[0][:40] in cleaned(printer(title, said(*body), "en", "")).text


def test_a_long_banner_and_a_hidden_form_over_an_article_do_no_harm() -> None:
    banner = (
        '<div class="cmp"><p>We and our 700 partners store and/or access information on a device, such as cookies, and '
        "process personal data. With your permission we may use precise data on where you are. You can accept all or "
        "reject all, or manage preferences, at any time and on this site only.</p><button>Accept all</button></div>"
        f'<div class="modal"><h2>Sign in</h2>{PASSWORD}</div>'
    )
    for printer in PRINTERS:
        page = printer("Lighthouse reopens", said(*BODY), "en", "")
        article = cleaned(re.sub('<(header|div class="top"|TABLE)', lambda match: banner + match[0], page, count=1))
        assert "Cape Orrin" in article.text
        assert "partners" not in article.text
