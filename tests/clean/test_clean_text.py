"""The text: paragraphs, clean characters, the right charset, without the page's furniture."""

from __future__ import annotations

import unicodedata

import pytest
from invented import BODY, cleaned, html, meta, paragraphs

GERMAN = [
    "Der Leuchtturm am Kap Orrin brennt wieder. Elf Jahre lang war es dunkel über der Mündung, und die Fischer mußten "
    "sich nach den Lichtern der Raffinerie richten.",
    "„Für uns ist das größer als Weihnachten“, sagte Käthe Möller, die den Schlüssel drehte – um genau neun Uhr.",
]
CHINESE = [
    "停用十一年的奥林角灯塔星期日晚上九点重新点亮，半个镇子的居民站在防波堤上观看。渔民从二〇一九年冬天起就要求恢复灯光。",
    "守塔人马尔塔说：“父亲关掉了它，我把它带回来。”修复工程耗资四百万克朗，由彩票基金支付，历时两年才完成。",
]
ARABIC = [
    "أضيئت منارة رأس أورين مساء الأحد بعد أحد عشر عاما من الظلام، ووقف نصف أهل البلدة على كاسر الأمواج لمشاهدتها.",
    "وقالت الحارسة مارتا فنويك إن والدها أطفأها. وبلغت كلفة الترميم أربعة ملايين كرونة دفعها اليانصيب.",
]
FRENCH = [
    "Le phare du cap Orrin s'est rallumé dimanche soir après onze années d'obscurité, devant la moitié du village.",
    "« Mon père l'avait éteint », a déclaré la gardienne, Marta Fenwick. Les pêcheurs la réclamaient depuis 2019.",
]
SPANISH = [
    "El faro del cabo Orrin volvió a encenderse el domingo por la noche tras once años de oscuridad, ante el pueblo.",
    "«Mi padre lo apagó», dijo la farera, Marta Fenwick. Los pescadores pedían la luz desde el invierno de 2019.",
]


def test_paragraphs_are_separated_by_blank_lines() -> None:
    assert cleaned(html()).text == "\n\n".join(BODY)


@pytest.mark.parametrize(
    ("language", "texts"),
    [("de", GERMAN), ("zh", CHINESE), ("ar", ARABIC), ("fr", FRENCH), ("es", SPANISH), ("en", BODY)],
)
def test_articles_of_many_languages_come_out_whole(language: str, texts: list[str]) -> None:
    article = cleaned(html(paragraphs(*texts), lang="und", title=texts[0][:12]))
    assert article.text == "\n\n".join(texts)
    assert article.language == language


def test_words_are_counted_by_script() -> None:
    assert cleaned(html(paragraphs("Nine lamps burn. " * 10))).word_count == 30
    assert cleaned(html(paragraphs("九盏灯亮着。" * 12))).word_count == 30


def test_lists_quotes_and_subheadings_are_paragraphs() -> None:
    body = (
        paragraphs(BODY[0])
        + "<h2>What it cost</h2>"
        + "<ul><li>Lamp: two million crowns</li><li>Stairs: one million crowns</li></ul>"
    )
    body += f"<blockquote><p>{BODY[1]}</p></blockquote>" + paragraphs(*BODY[2:])
    parts = cleaned(html(body)).text.split("\n\n")
    assert parts == [BODY[0], "What it cost", "- Lamp: two million crowns\n- Stairs: one million crowns", *BODY[1:]]


def test_the_headline_is_not_repeated_in_the_text() -> None:
    body = paragraphs("Lighthouse reopens", "By Marta Fenwick, March 1, 2026", *BODY)
    article = cleaned(html(body, head='<meta name="author" content="Marta Fenwick">'))
    assert article.text.startswith(BODY[0])


def test_captions_newsletters_and_related_links_stay_out() -> None:
    body = (
        paragraphs(*BODY[:2])
        + '<figure><img src="a.jpg"><figcaption>The lamp room in 1931.</figcaption></figure>'
        + '<div class="newsletter"><p>Get our morning letter by e-mail.</p></div>'
        + '<p>Read also: <a href="/w">Whale song heard off the cape</a></p>'
        + '<p><a href="/x">Crane falls into the harbour again</a></p>'
        + paragraphs(*BODY[2:])
    )
    assert cleaned(html(body)).text == "\n\n".join(BODY)


def test_text_is_composed_and_without_invisible_characters() -> None:
    dirty = (
        unicodedata.normalize("NFD", "Café Zoë")
        + " soft\u00adhyphen zero\u200bwidth \u202bmarks\u202c and\u00a0spaces \x07 \ue001 &#150; dash. "
    )
    text = cleaned(html(paragraphs(dirty + BODY[0], *BODY[1:]))).text
    assert text.startswith("Café Zoë softhyphen zerowidth marks and spaces – dash. The lighthouse")
    assert unicodedata.is_normalized("NFC", text)


def test_joiners_stay_where_a_script_needs_them() -> None:
    persian = (
        "فانوس دریایی دماغه اورین یکشنبه‌شب پس از یازده سال تاریکی دوباره روشن شد و نیمی از مردم شهر آن را تماشا کردند. "
        * 2
    )
    assert "یکشنبه\u200cشب" in cleaned(persian, content_type="text/plain").text


def test_mojibake_is_mended_in_text_and_title() -> None:
    garbled = [
        text.encode().decode("windows-1252", "ignore")
        for text in ("“Für uns ist das größer als Weihnachten”, sagte sie.", *GERMAN[:1])
    ]
    article = cleaned(
        html(paragraphs(*garbled, *GERMAN), title="Leuchtturm für alle".encode().decode("windows-1252"), lang="de")
    )
    assert article.title == "Leuchtturm für alle"
    assert "Für uns ist das größer" in article.text
    assert "mußten" in article.text
    assert "Ã" not in article.text


def test_bytes_in_windows_1252_are_read_as_such_whatever_the_header_says() -> None:
    raw = html(paragraphs(*GERMAN), lang="de", title="Kap Örrin").encode("windows-1252")
    for charset in ("utf-8", None, "iso-8859-1", "no-such-charset"):
        article = cleaned(raw, charset=charset)
        assert article.text == "\n\n".join(GERMAN)
        assert article.title == "Kap Örrin"


def test_utf_8_is_read_as_such_whatever_the_header_and_the_page_say() -> None:
    head = '<meta charset="iso-8859-1">'
    assert cleaned(html(paragraphs(*GERMAN), head=head, lang="de"), charset="windows-1251").text == "\n\n".join(GERMAN)


def test_the_charset_that_the_page_names_is_used() -> None:
    raw = html(
        paragraphs(*CHINESE), head='<meta http-equiv="Content-Type" content="text/html; charset=gb2312">'
    ).encode("gb18030")
    assert cleaned(raw).text == "\n\n".join(CHINESE)
    assert cleaned(raw, charset="utf-8").text == "\n\n".join(CHINESE)
    arabic = html(paragraphs(*ARABIC), head='<meta charset="windows-1256">').encode("windows-1256")
    assert cleaned(arabic).text == "\n\n".join(ARABIC)


def test_stray_bytes_in_utf_8_cost_only_themselves() -> None:
    raw = html(paragraphs(*GERMAN)).encode().replace(b"dunkel", b"\x93dunkel\x94")
    assert "“dunkel” über der Mündung" in cleaned(raw).text


def test_utf_16_with_a_mark_is_read() -> None:
    assert cleaned(html(paragraphs(*GERMAN)).encode("utf-16")).text == "\n\n".join(GERMAN)


def test_an_undeclared_type_is_judged_by_the_bytes() -> None:
    assert cleaned(html(), content_type=None).extraction_method == "blocks"
    assert cleaned(html(), content_type="application/octet-stream").extraction_method == "blocks"


def test_the_declared_language_decides_between_near_relations() -> None:
    text = "Fyret ved Kap Orrin lyser igjen etter elleve år i mørke, og halve byen sto på moloen for å se på."
    assert cleaned(
        html(paragraphs(text, f"Slik var det: {text}"), lang="no", head=meta(og__locale="nb_NO"))
    ).language in ("no", "nb")
    assert cleaned(html(lang="fr")).language == "en"
