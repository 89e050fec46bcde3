import xml.etree.ElementTree as ET

import pytest

from pumpflix.lib.drawing import FRAMES, OutputPanel, Scene, poster, poster_strip
from pumpflix.lib.drawing.palette import LIT, ROLES, SILHOUETTES, TINTS, silhouette_of, tint_of
from pumpflix.lib.tests.drawing.scenes import scene

RUN = "Start:1 -> Read:42 -> Sort:9 -> Send:9"
NAMESPACE = {"svg": "http://www.w3.org/2000/svg"}


def texts(svg: str) -> list[str]:
    return [text.text or "" for text in ET.fromstring(svg).findall(".//svg:text", NAMESPACE)]


@pytest.mark.parametrize("frame", FRAMES)
@pytest.mark.parametrize("text", [RUN, "A", "A -> B -> A", "A:0 -> B:0", "A -> B -> B -> C"])
def test_every_frame_is_well_formed(frame, text):
    ET.fromstring(poster(scene(text), category="money", frame=frame))


def test_an_empty_scene_is_a_dark_sheet():
    assert "<rect" in poster(Scene(()))


def test_at_rest_nothing_is_lit():
    assert LIT not in poster(scene(RUN))


def test_the_lamp_lights_the_trigger_alone():
    assert poster(scene(RUN), frame="lamp").count(f'fill="{LIT}"') == 1


def test_half_way_the_count_of_what_moved_on_is_shown():
    assert texts(poster(scene(RUN), frame="half")) == ["1"]


def test_the_full_frame_shows_every_count_but_the_last():
    assert texts(poster(scene(RUN), frame="full")) == ["1", "42", "9"]


def test_the_last_frame_shows_the_real_output():
    output = OutputPanel("2 mails", (("pay@brook.example", "Firm"), ("a@b.example", "Final")))
    shown = texts(poster(scene(RUN), frame="final", output=output))
    assert "2 mails" in shown
    assert "Final" in shown


def test_output_cannot_break_out_of_the_picture():
    output = OutputPanel("<script>", (("&<b>", '"'),))
    assert "<script>" not in poster(scene(RUN), frame="final", output=output)


def test_the_tint_is_that_of_the_job():
    assert TINTS["watch"].tint in poster(scene(RUN), category="watch")


def test_unknown_jobs_and_roles_have_a_look_too():
    assert tint_of("nothing") not in TINTS.values()
    assert silhouette_of("nothing") == SILHOUETTES["shape"]


def test_each_role_has_its_own_silhouette():
    assert len({silhouette_of(role) for role in ROLES}) == len(ROLES) == 6


def test_wider_wires_carry_more_items():
    few, many = poster(scene("A:1 -> B")), poster(scene("A:9000 -> B"))
    assert 'stroke-width="4.4"' in many
    assert 'stroke-width="4.4"' not in few


def test_a_strip_shows_each_of_its_posters_by_name_with_ids_of_its_own():
    strip = poster_strip({name: poster(scene(RUN), category="money", key=f"-{name}") for name in ("one", "two")})
    root = ET.fromstring(strip)
    assert [view.get("viewBox") for view in root.findall("svg:view", NAMESPACE)] == ["0 0 320 180", "0 200 320 180"]
    ids = [one.get("id") for one in root.iter() if one.get("id")]
    assert len(set(ids)) == len(ids) == 6
    assert "url(#glow-two)" in strip
