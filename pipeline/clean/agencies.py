"""News agencies: which of them wrote or carried a text, by a byline (`dpa/AFP`) or a dateline (`TOKYO (AP) —`)."""

from __future__ import annotations

import re
from collections.abc import Iterable

from pipeline.clean.tidy import squash

# The short name, and what else it is called. Short names are known by their capitals.
_NAMES: dict[str, tuple[str, ...]] = {
    "AP": ("Associated Press", "The Associated Press", "美联社", "美聯社"),
    "Reuters": ("Thomson Reuters", "Reuters Staff", "路透社", "路透", "رويترز", "Рейтер", "ロイター"),
    "AFP": ("Agence France-Presse", "Agence France Presse", "法新社", "أ ف ب", "فرانس برس"),
    "dpa": ("Deutsche Presse-Agentur", "DPA", "dpa-AFX", "dpa/tmn"),
    "EFE": ("Agencia EFE", "Efe"),
    "Xinhua": ("Xinhua News Agency", "XINHUA", "新华社", "新華社", "新华网"),
    "CNS": ("China News Service", "中新社", "中新网"),
    "CNA": ("中央社", "中央通訊社"),
    "Kyodo": ("Kyodo News", "共同", "共同通信", "共同通信社"),
    "Jiji": ("Jiji Press", "JIJI", "時事", "時事通信", "時事通信社"),
    "Yonhap": ("Yonhap News Agency", "YONHAP", "연합뉴스"),
    "Newsis": ("뉴시스",),
    "TASS": ("ТАСС", "ITAR-TASS"),
    "RIA Novosti": ("РИА Новости",),
    "Interfax": ("Интерфакс",),
    "Ukrinform": ("Укринформ", "Укрінформ"),
    "UNIAN": ("УНИАН", "УНІАН"),
    "BelTA": ("БелТА", "БЕЛТА"),
    "UPI": ("United Press International",),
    "PA": ("PA Media", "Press Association", "The Press Association", "PA News Agency"),
    "PTI": ("Press Trust of India",),
    "ANI": ("Asian News International",),
    "IANS": ("Indo-Asian News Service",),
    "UNB": ("United News of Bangladesh",),
    "BSS": ("Bangladesh Sangbad Sangstha",),
    "APP": ("Associated Press of Pakistan",),
    "Bernama": ("BERNAMA",),
    "Antara": ("ANTARA",),
    "TTXVN": ("Thông tấn xã Việt Nam", "VNA"),
    "APA": ("Austria Presse Agentur",),
    "SDA": ("Keystone-SDA", "sda", "ATS", "Keystone-ATS", "Schweizerische Depeschenagentur"),
    "epd": ("Evangelischer Pressedienst",),
    "KNA": ("Katholische Nachrichten-Agentur",),
    "SID": ("Sport-Informations-Dienst",),
    "dts": ("dts Nachrichtenagentur",),
    "Belga": ("BELGA", "Agence Belga"),
    "ANP": ("Algemeen Nederlands Persbureau",),
    "Ritzau": ("RITZAU", "/ritzau/"),
    "NTB": ("Norsk Telegrambyrå",),
    "TT": ("TT Nyhetsbyrån",),
    "STT": ("Suomen Tietotoimisto",),
    "PAP": ("Polska Agencja Prasowa",),
    "ČTK": ("Česká tisková kancelář",),
    "TASR": (),
    "MTI": (),
    "Hina": ("HINA",),
    "Tanjug": ("TANJUG", "Танјуг"),
    "Beta": ("BETA",),
    "BTA": ("БТА",),
    "Agerpres": ("AGERPRES",),
    "BNS": ("Baltic News Service",),
    "ELTA": (),
    "LETA": (),
    "ANSA": ("Ansa",),
    "Adnkronos": ("ADNKRONOS",),
    "AGI": ("Agenzia Italia",),
    "LaPresse": (),
    "Lusa": ("LUSA", "Agência Lusa"),
    "Europa Press": ("EUROPA PRESS", "EP"),
    "Agência Brasil": (),
    "Estadão Conteúdo": (),
    "Folhapress": ("FOLHAPRESS",),
    "Anadolu": ("Anadolu Agency", "Anadolu Ajansı", "AA"),
    "DHA": ("Demirören Haber Ajansı",),
    "İHA": ("İhlas Haber Ajansı", "IHA"),
    "ΑΠΕ-ΜΠΕ": ("AMNA", "ΑΠΕ"),
    "IRNA": ("ایرنا",),
    "ISNA": ("ایسنا",),
    "WAFA": ("وفا",),
    "SANA": ("سانا",),
    "SPA": ("واس", "Saudi Press Agency"),
    "WAM": ("وام",),
    "MENA": ("أ ش أ", "Middle East News Agency"),
    "Petra": ("بترا",),
    "NAN": ("News Agency of Nigeria",),
    "GNA": ("Ghana News Agency",),
    "ANGOP": (),
    "AAP": ("Australian Associated Press",),
    "The Canadian Press": ("Canadian Press", "La Presse canadienne"),
    "Bloomberg": ("Bloomberg News",),
}
_EXACT = {written: short for short, others in _NAMES.items() for written in (short, *others)}
# Longer names are known however they are written.
_FOLDED = {squash(written): short for written, short in _EXACT.items() if len(written) > 5}
TRAILING_AGENCY = re.compile(
    rf"\s+((?:The )?(?:{'|'.join(each for each in _EXACT if ' ' in each and each.isascii())}))$"
)
"""An agency's full name behind another name, without a mark between."""
_JOINT = re.compile(r"\s*(?:[/,;|&+]|\s[-–—]\s|\b(?:and|und|et|y|e|with|mit|avec|con|com|via)\b)\s*", re.I)
# `TOKYO (AP) —`, `Berlin (dpa/lbw) -`, `BEIJING, March 3 (Xinhua) --`, `Madrid, 3 mar (EFE).-`
_DATELINE = re.compile(r"^[^\n()（]{0,70}[(（]([^()（）\n]{2,40})[)）]\s*(?:[-–—:.=]|$)")
# `新华社北京3月1日电`, `연합뉴스`, `ТАСС`: written before the place.
_LEADING = re.compile(r"^[\W_]*(新华社|新華社|中新社|中央社|法新社|路透社)")
# `(서울=연합뉴스)`
_PLACED = re.compile(r"^[(（][^()（）=\n]{1,12}=([^()（）=\n]{2,20})[)）]")
# `… (dpa)`, `… /AFP`, `© AFP`: at the end of the text.
_CLOSING = re.compile(r"[(（\[]([^()（）\[\]\n]{2,40})[)）\]]\s*$")


def agency(name: str) -> str | None:
    """The short name of the agency that a name means, or None."""
    name = name.strip(" .:-–—@()[]")
    return _EXACT.get(name) or _FOLDED.get(squash(name))


def of_byline(names: Iterable[str]) -> list[str]:
    """Short names of the agencies among names such as `dpa`, `AFP/Reuters` or `Mit Material der dpa`."""
    return _each(part for name in names for part in (name, *_JOINT.split(name)))


def agencies(names: Iterable[str], text: str) -> list[str]:
    """Short names of the agencies that the authors or the text's own dateline and last words name, each once."""
    said: list[str] = list(names)
    first, last = text.partition("\n\n")[0][:200], text[-200:].rpartition("\n\n")[2]
    if leading := _LEADING.match(first):
        said.append(leading[1])
    for match in (_DATELINE.match(first), _PLACED.match(first), _CLOSING.search(last)):
        if match:
            said.append(match[1])
    return of_byline(said)


def _each(names: Iterable[str]) -> list[str]:
    return list(dict.fromkeys(short for name in names if (short := agency(name))))
