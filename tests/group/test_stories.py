"""Stories: one happening, whoever reports it."""

from __future__ import annotations

from datetime import timedelta

import pytest
from group_building import BRIDGE, DAM, DAM_ELSEWHERE, MONDAY, Grouped, article

DAM_TITLE, OTHER_TITLE = "Council votes to reopen the Hollen dam", "Majority in Ostmark to fill the Hollen reservoir"


def reports() -> list:
    return [
        article("a", DAM, title=DAM_TITLE),
        article("b", DAM.replace("on Monday ", ""), title="Water again for Tarn", by="echo", hours=2),
        article("c", DAM_ELSEWHERE, title=OTHER_TITLE, by="post", hours=9),
        article("d", BRIDGE, title="Karlsborg bridge shut to lorries and buses", by="post", hours=3),
    ]


def test_independent_reports_of_one_happening_are_one_story_and_two_families():
    articles = reports()
    found = Grouped(articles)
    assert found.one_story(*articles[:3])
    assert found.one_family(*articles[:2])
    assert not found.one_family(articles[0], articles[2])


def test_another_story_of_the_same_beat_stays_apart():
    dam, *_, bridge = reports()
    assert not Grouped(reports()).one_story(dam, bridge)


def test_a_story_is_named_by_its_first_article_and_counts_what_it_holds():
    articles = reports()
    found = Grouped(articles)
    story = found.titles[articles[0].article_id]
    assert found.stories[articles[2].article_id].story_id == articles[0].article_id
    assert (story.article_count, story.family_count, story.source_count) == (3, 2, 3)
    assert (story.first_seen_at, story.last_seen_at) == (MONDAY, MONDAY + timedelta(hours=9))
    leads = {a.article_id: a.title for a in (articles[0], articles[2])}
    assert story.title == leads[story.lead_article_id], "a lead is an original"


def test_every_article_has_a_story_and_every_story_a_title():
    found = Grouped(reports())
    assert {s.story_id for s in found.stories.values()} == set(found.titles)
    assert sum(t.article_count for t in found.titles.values()) == len(found.stories) == 4
    assert all(0 <= s.score <= 1 for s in found.stories.values())


@pytest.mark.parametrize(("hours", "joined"), [(90, True), (97, False)])
def test_the_window_is_honoured(hours: float, joined: bool):
    one = article("a", DAM, title=DAM_TITLE)
    later = article("c", DAM_ELSEWHERE, title=OTHER_TITLE, by="post", hours=hours)
    assert Grouped([one, later], window_days=4).one_story(one, later) is joined


def test_reports_in_two_languages_are_linked_by_the_names_they_share():
    german = """Im Rat von Ostmark hat Petra Lindqvist ihre Mehrheit gefunden: Der Stausee hinter der Talsperre
Hollen wird wieder gefüllt, drei Jahre nachdem Risse entdeckt worden waren.

Ruben Okafor, der für die Gewerkschaft spricht, hält das für verfrüht. Im Tarn freuen sich dagegen
die Bauern, die ihr Wasser zuletzt mit Lastwagen holen mussten."""
    other = """In Nyhamn hat die Feuerwehr am Montag einen Brand in einer Lagerhalle gelöscht. Verletzt wurde
niemand, sagte Einsatzleiter Jonas Feld.

Die Halle gehört der Reederei Brandt, die dort Ersatzteile aufbewahrt. Den Schaden schätzt sie auf
zwei Millionen Kronen."""
    english = article("a", DAM, title=DAM_TITLE)
    same = article("b", german, title="Talsperre Hollen wird gefüllt", by="kurier", language="de")
    unlike = article("c", other, title="Brand in Nyhamn", by="kurier", language="de")
    found = Grouped([english, same, unlike, article("d", BRIDGE, title="Karlsborg bridge shut", by="post")])
    assert found.one_story(english, same)
    assert not found.one_story(english, unlike)


def test_small_words_alone_make_no_story():
    texts = [
        "Le musée de la ville a ouvert hier une salle consacrée aux automates, que les enfants remontent eux-mêmes.",
        "La récolte des olives a commencé plus tôt que prévu, et les moulins de la côte travaillent déjà de nuit.",
        "Les cheminots ont repris le travail après un accord sur les horaires, que la direction juge équilibré.",
    ]
    articles = [article(str(n), t, title=t[:30], language="fr", hours=n) for n, t in enumerate(texts)]
    assert len(Grouped(articles).titles) == 3
