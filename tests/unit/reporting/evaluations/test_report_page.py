"""The shell of all reports: nothing from outside, nothing unescaped, nothing left open."""

from rendered import Reader

from earwitness.reporting.evaluations import _page
from earwitness.reporting.evaluations._figures import BONA_FIDE, INK, drawing

EVIL = "<script>alert(1)</script>\u202e\x1b[31m'\"&"


def flat(name: str = "one"):
    def paint(figure):
        axes = figure.subplots()
        axes.plot([0, 1], [0, 1], color=BONA_FIDE)
        axes.set_title(EVIL)

    return drawing(name, EVIL, EVIL, paint, note=EVIL)


def everything() -> str:
    parts = [
        _page.banner("bad", EVIL, [EVIL]),
        _page.section(
            EVIL,
            _page.table([EVIL, "n"], [[EVIL, "1"]], numbers=[1], caption=EVIL),
            _page.facts([(EVIL, EVIL)]),
            _page.prose(EVIL),
            _page.folded(EVIL, _page.figure(flat(), number=1)),
            lead=EVIL,
        ),
        _page.figure(flat("two")),
    ]
    return _page.page(EVIL, _page.joined(parts), kicker=EVIL, lead=EVIL)


def test_text_from_outside_is_text_wherever_it_stands() -> None:
    text = everything()
    seen = Reader(text)
    assert "script" not in {tag for tag, _ in seen.tags}
    assert "alert(1)" in seen.shown
    assert "\u202e" not in seen.shown
    assert "\x1b" not in text


def test_a_page_is_whole_and_loads_nothing() -> None:
    seen = Reader(everything())
    assert (seen.open, seen.unbalanced) == ([], [])
    links = [
        value
        for tag, attributes in seen.tags
        for name, value in attributes.items()
        if name in ("src", "href", "xlink:href", "srcset", "data", "action")
    ]
    assert all((link or "").startswith(("#", "data:")) for link in links)
    policies = [a for _, a in seen.tags if a.get("http-equiv") == "Content-Security-Policy"]
    assert "default-src 'none'" in str(policies)
    assert "url(http" not in everything()


def test_ids_of_two_figures_do_not_meet() -> None:
    seen = Reader(everything())
    ids = [attributes["id"] for _, attributes in seen.tags if "id" in attributes]
    assert len(ids) == len(set(ids))
    assert {a["xlink:href"] for _, a in seen.tags if "xlink:href" in a} <= {f"#{i}" for i in ids}


def test_a_figure_in_a_page_follows_light_and_dark_and_one_scale() -> None:
    wide, narrow = (
        _page.inline(drawing("x", "t", "w", lambda figure: figure.subplots(), width=width))
        for width in (7.0, 3.5)
    )
    assert INK.lower() not in wide.lower()
    assert "var(--ink)" in wide
    assert "max-width:46.20rem" in wide
    assert "max-width:23.10rem" in narrow
    assert ' height="' not in wide.partition(">")[0]


def test_markup_is_not_escaped_twice_and_text_joined_to_it_is() -> None:
    assert _page.joined([_page.prose("a < b")]).count("&lt;") == 1
    assert "&lt;b&gt;" in _page.prose(_page.Markup("<b>") + "x")


def test_a_number_keeps_its_unit_on_its_line() -> None:
    assert "17.6\u00a0%" in _page.prose("EER 17.6 %")


def test_an_alarm_is_announced_and_a_note_is_not() -> None:
    assert 'role="alert"' in _page.banner("bad", "x")
    assert 'role="note"' in _page.banner("doubt", "x")


def test_the_words_of_a_table_stand_over_it_on_a_narrow_screen_too() -> None:
    made = _page.table(["a"], [["1"]], caption="All of it")
    assert made.index("All of it") < made.index('<div class="scroll"')
