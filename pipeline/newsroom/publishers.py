"""The invented publishers: where each lists its articles, and how its server behaves."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import timedelta, timezone
from typing import Literal

Channel = Literal["rss", "atom", "news_sitemap", "sitemap_index"]
Validators = Literal["both", "etag", "last_modified", "none"]

INVENTED = {
    "en": "This is an invented sample page. Its people, companies and events do not exist.",
    "es": "Página de muestra inventada. Sus personas, empresas y hechos no existen. (Invented sample page.)",
    "de": "Erfundene Beispielseite: Personen, Firmen und Ereignisse gibt es nicht. (Invented sample page.)",
    "fr": "Page d'exemple inventée : ni ces personnes, ni ces entreprises, ni ces faits n'existent. "
    "(Invented sample page.)",
    "ar": "صفحة نموذجية مختلقة، لا وجود لأشخاصها وشركاتها وأحداثها. (Invented sample page.)",
    "zh": "虚构的样本页面,其中的人物、公司和事件均不存在。(Invented sample page.)",
}


@dataclass(frozen=True, slots=True)
class Publisher:
    """One invented publisher."""

    id: str
    name: str
    language: str
    channel: Channel
    listing: str
    hours_east: int
    sections: tuple[str, ...]
    validators: Validators = "both"
    robots: str | None = "User-agent: *\nAllow: /\n"
    tracking: str = ""

    @property
    def host(self) -> str:
        """Its host name."""
        return f"{self.id}.example"

    @property
    def home(self) -> str:
        """Its address, without a slash at the end."""
        return f"http://{self.host}"

    @property
    def zone(self) -> timezone:
        """Its local time."""
        return timezone(timedelta(hours=self.hours_east))

    @property
    def invented(self) -> str:
        """The line in every footer."""
        return INVENTED[self.language]


_ALL = (
    Publisher(
        "harbour-herald",
        "The Harbour Herald",
        "en",
        "rss",
        "/rss.xml",
        0,
        ("World", "UK news", "Politics", "Business", "Opinion", "Sport", "Lives", "Explainers"),
        robots="User-agent: *\nDisallow: /members/\nDisallow: /search\n",
        tracking="?utm_source=rss&utm_medium=feed&utm_campaign=front",
    ),
    Publisher(
        "meridian-wire",
        "Meridian Wire Service",
        "en",
        "atom",
        "/feed.atom",
        0,
        ("Africa", "Americas", "Asia-Pacific", "Europe", "Middle East"),
    ),
    Publisher(
        "valley-courier",
        "Miami Valley Courier",
        "en",
        "news_sitemap",
        "/news-sitemap.xml",
        -5,
        ("Local News", "Crime", "Education", "Sports", "Weather", "Nation & World", "Photos"),
        robots="# Be kind to a small paper\nUser-agent: *\nDisallow: /cart\n\n"
        "Sitemap: http://valley-courier.example/news-sitemap.xml\n",
    ),
    Publisher(
        "parliament-post",
        "The Parliament Post",
        "en",
        "sitemap_index",
        "/sitemaps/index.xml",
        -5,
        ("Politics", "World", "Opinion"),
        validators="last_modified",
        robots="User-agent: *\nCrawl-delay: 0.2\nDisallow: /account/\n"
        "Sitemap: http://parliament-post.example/sitemaps/index.xml\n",
    ),
    Publisher(
        "trade-winds",
        "Trade Winds",
        "en",
        "rss",
        "/feed/",
        1,
        ("Markets", "Commodities", "Trade", "Outlook", "Press releases"),
        validators="none",
        tracking="?utm_source=tw_feed&utm_medium=rss&fbclid=IwAR0sample",
    ),
    Publisher(
        "diario-del-puerto",
        "Diario del Puerto Viejo",
        "es",
        "rss",
        "/rss/portada.xml",
        1,
        ("Comunidad", "Economía", "Sucesos", "Internacional", "Local"),
        validators="etag",
    ),
    Publisher(
        "elbkurier",
        "Elbkurier",
        "de",
        "atom",
        "/schlagzeilen.atom",
        1,
        ("Politik", "Wirtschaft", "Meinung", "Panorama", "Regional"),
        robots=None,
    ),
    Publisher(
        "courrier-des-quais",
        "Le Courrier des quais",
        "fr",
        "rss",
        "/rss/une.xml",
        1,
        ("International", "Social", "Économie", "Culture"),
        tracking="#xtor=RSS-1",
    ),
    Publisher("sawt-al-marfa", "صوت المرفأ", "ar", "rss", "/rss", 2, ("اقتصاد", "محليات", "ثقافة")),
    Publisher("xinggang-zaobao", "星港早报", "zh", "rss", "/rss/realtime", 8, ("新加坡", "国际", "财经")),
)

PUBLISHERS: dict[str, Publisher] = {publisher.id: publisher for publisher in _ALL}
BY_HOST: dict[str, Publisher] = {publisher.host: publisher for publisher in _ALL}
