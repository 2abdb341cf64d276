"""Families: one text, whoever carries it."""

from __future__ import annotations

import pytest
from group_building import BRIDGE, DAM, DAM_ELSEWHERE, NOTICE, Grouped, article, prose, source

WIRE = source("wire", agency=True)
PARAGRAPHS = DAM.split("\n\n")


def syndicated() -> dict[str, str]:
    """What four papers make of a wire story."""
    return {
        "herald": "OSTMARK — " + DAM.replace('"', "”"),
        "courier": "\n\n".join(PARAGRAPHS[:3]),
        "post": "After three dry years, a dam is to be filled again. Councillors decided so on Monday.\n\n"
        + "\n\n".join(PARAGRAPHS[1:5]),
        "echo": DAM + "\n\nShares of Hollen Kraft rose 2 percent after the vote, Echo data showed.",
    }


def wire_story() -> list:
    papers = [
        article(by, text, by=by, title=f"{by} headline", hours=n) for n, (by, text) in enumerate(syndicated().items())
    ]
    return [article("1", "OSTMARK, March 2 (Wire) - " + DAM, by="wire", title="Council reopens dam", hours=5), *papers]


def test_a_wire_story_and_four_papers_are_one_family_with_the_agency_as_original():
    articles = wire_story()
    found = Grouped(articles, sources=[WIRE])
    assert found.one_family(*articles)
    wire, *papers = (found.families[a.article_id] for a in articles)
    assert (wire.role, wire.similarity, wire.family_id) == ("original", 1.0, articles[0].article_id)
    assert [p.role for p in papers] == ["copy"] * 4
    assert all(0.7 < p.similarity <= 1 for p in papers)


def test_without_an_agency_the_earliest_is_the_original():
    articles = wire_story()
    found = Grouped(articles)
    assert {f.family_id for f in found.families.values()} == {articles[1].article_id}


def test_equal_times_are_settled_by_the_article_id():
    articles = [article("a", DAM, by="one"), article("b", DAM, by="two"), article("c", DAM, by="three")]
    assert {f.family_id for f in Grouped(articles).families.values()} == {min(a.article_id for a in articles)}


def test_similarity_is_the_share_of_the_copy_that_stands_in_the_original():
    original = article("a", prose(1, 300), hours=0)
    longer = article("b", prose(1, 300) + "\n\n" + prose(2, 100), by="echo", hours=1)
    found = Grouped([original, longer])
    assert found.one_family(original, longer)
    assert found.families[longer.article_id].similarity == pytest.approx(0.75, abs=0.03)


def test_a_short_cut_of_a_long_text_is_a_copy():
    whole = article("a", prose(3, 900), hours=0)
    cut = article("b", prose(3, 900)[:420], by="echo", hours=1)
    assert Grouped([whole, cut]).one_family(whole, cut)


def test_independent_reports_are_no_copies():
    one, other = article("a", DAM), article("b", DAM_ELSEWHERE, by="echo")
    assert not Grouped([one, other]).one_family(one, other)


def test_an_article_alone_is_a_family_of_its_own():
    alone = article("a", "Short.")
    row = Grouped([alone]).families[alone.article_id]
    assert (row.family_id, row.role, row.similarity) == (alone.article_id, "original", 1.0)


def test_a_shared_notice_joins_nothing():
    one, other = article("a", BRIDGE + "\n\n" + NOTICE), article("b", DAM_ELSEWHERE + "\n\n" + NOTICE, by="echo")
    assert not Grouped([one, other]).one_family(one, other)


def test_stubs_that_are_mostly_a_notice_of_the_house_stay_apart():
    stubs = [article(f"s{n}", prose(n, 28) + "\n\n" + NOTICE, title=prose(n, 6), by="gazette") for n in range(10, 15)]
    assert len({f.family_id for f in Grouped(stubs).families.values()}) == len(stubs)


def test_a_text_put_out_again_and_again_is_one_family_all_the_same():
    again = [
        article(f"u{n}", DAM + f"\n\nUpdate {n}.", title="Council reopens the Hollen dam", hours=n) for n in range(4)
    ]
    assert Grouped(again).one_family(*again)


def test_a_digest_of_two_stories_does_not_join_them():
    one, other = article("a", DAM), article("b", BRIDGE, by="echo", hours=1)
    digest = article("c", "In brief.\n\n" + DAM + "\n\n" + BRIDGE + "\n\n" + prose(7, 200), by="post", hours=2)
    again = article("d", digest.text, by="herald", hours=3)
    found = Grouped([one, other, digest, again])
    assert not found.one_family(one, other)
    assert not found.one_family(one, digest)
    assert found.one_family(digest, again)


@pytest.mark.parametrize(("hours", "joined"), [(95, True), (97, False)])
def test_the_window_is_honoured(hours: float, joined: bool):
    one, later = article("a", DAM), article("b", DAM, by="echo", hours=hours)
    assert Grouped([one, later], window_days=4).one_family(one, later) is joined


def test_a_chain_of_reprints_does_not_reach_beyond_the_window():
    chain = [article("a", DAM, by=f"paper{n}", hours=72 * n) for n in range(4)]
    found = Grouped(chain, window_days=4)
    assert found.one_family(*chain[:2])
    assert not found.one_family(chain[0], chain[2])


def test_an_undated_article_counts_from_its_fetch():
    dated = article("a", DAM)
    undated = article("b", DAM, by="echo", published=False, fetched_hours=200)
    assert not Grouped([dated, undated]).one_family(dated, undated)


def test_chinese_copies_are_found():
    text = (
        "市议会星期一投票决定重新启用霍伦水坝，三年前大坝出现裂缝，工程师被迫放空水库。林德奎斯特议员对记者说，"
        "修复费用达到三千一百万克朗，是最初估算的两倍。农民们在旁听席上欢呼，他们多年来一直用卡车买水。"
    )
    other = (
        "本市地铁四号线星期一早上因信号故障停运两小时，数千名乘客改乘公交车。运营公司表示将向持月票的乘客退还部分票款，"
        "并承诺在夏季之前更换老旧的信号设备，避免类似的事故再次发生。"
    )
    one = article("a", text, language="zh", title="水坝重新启用")
    copy = article("b", "本报讯　" + text[:90], language="zh", by="echo", title="议会批准")
    unlike = article("c", other, language="zh", by="post", title="地铁停运")
    found = Grouped([one, copy, unlike])
    assert found.one_family(one, copy)
    assert not found.one_family(one, unlike)


def test_only_the_newest_version_of_an_article_counts():
    first = article("a", DAM, by="gazette", fetched_hours=1)
    corrected = article("a", BRIDGE, by="gazette", fetched_hours=5)
    copy = article("b", DAM, by="echo")
    found = Grouped([corrected, first, copy])
    assert len(found.families) == 2
    assert found.families[first.article_id].version_id == corrected.version_id
    assert not found.one_family(first, copy)
