"""How values, forms and the reader's choice of type show on a page."""

from datetime import UTC, date, datetime, time

import pytest
from django import forms
from django.core.paginator import Paginator
from django.http import HttpResponse
from django.template import Context, Template
from django.template.loader import get_template, render_to_string
from django.test import RequestFactory
from django.utils import timezone

from huifeng.display import choice, context, views, words
from huifeng.display.forms import DateParts, Form
from huifeng.display.templatetags import display as tags


@pytest.mark.parametrize(
    ("value", "expected"),
    [
        (date(2026, 8, 27), "2026年8月27日"),
        (datetime(2026, 8, 26, 18, 0, tzinfo=UTC), "2026年8月27日"),
        ("1942", "1942年"),
        ("1942-05", "1942年5月"),
        ("1942-05-03", "1942年5月3日"),
        ("不详", "不详"),
        (None, ""),
    ],
)
def test_a_day_is_written_as_people_say_it(value, expected, settings):
    settings.TIME_ZONE = "Asia/Shanghai"
    assert words.day(value) == expected


@pytest.mark.parametrize(
    ("moment", "expected"),
    [
        (time(5, 0), "凌晨5:00"), (time(9, 12), "上午9:12"), (time(12, 30), "中午12:30"),
        (time(15, 5), "下午3:05"), (time(19, 0), "晚上7:00"), (time(0, 5), "凌晨0:05"),
    ],
)  # fmt: skip
def test_retirees_read_the_time_of_day_in_words(moment, expected):
    assert words.spoken_time(moment) == expected


def test_staff_read_24_hours():
    assert words.clock(time(9, 2)) == "09:02"


def test_a_day_of_this_year_goes_without_the_year():
    today = timezone.localdate()
    assert words.short_day(today) == f"{today.month}月{today.day}日"
    assert words.short_day(date(1999, 1, 2)) == "1999年1月2日"
    assert words.day_and_weekday(date(1999, 1, 2)) == "1999年1月2日（周六）"


@pytest.mark.parametrize(
    ("value", "expected"), [(12480, "12,480"), (0, "0"), (None, ""), ("约百", "约百"), (1234.5, "1,234.5")]
)
def test_thousands(value, expected):
    assert words.thousands(value) == expected


def test_percent_of_nothing_is_a_dash():
    assert words.percent(10932, 12480) == "87.6%"
    assert words.percent(1, 0) == "—"


def test_age_counts_birthdays():
    assert words.years_old(date(1944, 8, 28), on=date(2026, 8, 27)) == "81 岁"
    assert words.years_old(date(1944, 8, 27), on=date(2026, 8, 27)) == "82 岁"
    assert words.years_old(82) == "82 岁"
    assert words.years_old(None) == ""


@pytest.mark.parametrize(
    ("value", "grouped", "masked"),
    [
        ("13812345678", "138 1234 5678", "138****5678"),
        ("+86 138-1234-5678", "138 1234 5678", "138****5678"),
        ("１３８１２３４５６７８", "138 1234 5678", "138****5678"),
        ("053285881234", "0532-8588 1234", "****1234"),
        ("01012345678", "010-1234 5678", "010****5678"),
        ("12345", "12345", "****2345"),
        ("", "", ""),
    ],
)
def test_phones_are_grouped_and_masked(value, grouped, masked):
    assert words.phone(value) == grouped
    assert words.mask_phone(value) == masked


def test_masks_keep_enough_to_recognise_and_too_little_to_misuse():
    assert words.mask_id("370202194205031234") == "370202********1234"
    assert words.mask_id("123") == "***"
    assert words.mask_name("王建国") == "王*国"
    assert words.mask_name("王强") == "王*"
    assert words.mask_name("欧阳慧芳") == "欧**芳"


def test_number_groups():
    assert words.number_groups("FX2026083157") == "FX-2026-083157"
    assert words.number_groups("FX-2026-083157") == "FX-2026-083157"


def test_every_filter_works_in_a_template():
    source = "{{ n|thousands }} {{ p|phone }} {{ p|tel }} {{ a|age }} {{ n|percent_of:m }} {{ d|day }}"
    shown = Template("{% load display %}" + source).render(
        Context({"n": 1200, "m": 2400, "p": "13812345678", "a": 82, "d": "1942-05"})
    )

    assert shown == "1,200 138 1234 5678 tel:13812345678 82 岁 50.0% 1942年5月"


def test_an_icon_is_hidden_from_screen_readers_and_has_no_inline_style():
    drawing = tags.icon("phone")

    assert 'aria-hidden="true"' in drawing
    assert "style=" not in drawing


# the reader's choice --------------------------------------------------------------------------------------


def ask(path="/display/", cookie="", **post):
    factory = RequestFactory()
    headers = post.pop("headers", {})
    request = factory.post(path, post, headers=headers) if post else factory.get(path, headers=headers)
    if cookie:
        request.COOKIES[choice.COOKIE] = cookie
    return request


def test_nothing_is_chosen_on_a_first_visit():
    assert choice.Choice.of(ask()) == choice.Choice("standard", "normal", chosen=False)


@pytest.mark.parametrize("cookie", ["huge.high", "large", "large.pink", "<script>.normal", "."])
def test_a_cookie_nobody_wrote_counts_as_not_chosen(cookie):
    assert not choice.Choice.of(ask(cookie=cookie)).chosen


def test_a_press_changes_one_thing_and_goes_back_to_its_page():
    answer = views.choose(ask(cookie="large.high", size="xl", next="/my/?a=1"))

    assert (answer.status_code, answer["Location"]) == (302, "/my/?a=1")
    cookie = answer.cookies[choice.COOKIE]
    assert cookie.value == "xl.high"
    assert cookie["httponly"]
    assert cookie["samesite"] == "Lax"


@pytest.mark.parametrize(
    "address", ["https://evil.example/", "//evil.example/", "javascript:alert(1)", "/\\evil.example"]
)
def test_a_press_never_leads_to_another_site(address):
    assert views.choose(ask(size="xl", next=address))["Location"] == "/"
    assert views.choose(ask(size="xl", headers={"Referer": address}))["Location"] == "/"


def test_unknown_words_change_nothing():
    answer = views.choose(ask(cookie="large.high", size="huge", contrast="pink", next="/"))

    assert answer.cookies[choice.COOKIE].value == "large.high"


def test_the_script_gets_what_it_needs_to_change_the_page_in_place():
    answer = views.choose(ask(size="large", headers={"Accept": "application/json"}))

    assert b'"next_size": "xl"' in answer.content
    assert answer.cookies[choice.COOKIE].value == "large.normal"


def test_the_one_button_switch_goes_round():
    sizes = [choice.Choice(size=size).next_size for size in choice.SIZES]

    assert sizes == ["large", "xl", "standard"]


def test_the_cookie_is_secure_where_the_page_is():
    answer = HttpResponse()
    choice.Choice().keep(answer, secure=True)

    assert answer.cookies[choice.COOKIE]["secure"]


def test_pages_of_staff_are_told_by_their_path():
    assert context.display(ask("/bureau/x/"))["frame"] == "staff"
    assert context.display(ask("/my/"))["frame"] == "retiree"


# forms ----------------------------------------------------------------------------------------------------


class Sample(Form):
    widths = {"phone": 13}
    phone = forms.CharField(label="手机号", help_text="11 位数字")
    sort = forms.ChoiceField(label="类别", choices=[("a", "甲"), ("b", "乙")], widget=forms.RadioSelect)
    note = forms.CharField(label="备注", required=False, widget=forms.Textarea)
    agree = forms.BooleanField(label="我同意")
    born = DateParts(label="出生日期")


def show(bound):
    return Template("{% load display %}{% field f %}").render(Context({"f": bound}))


def test_a_field_is_label_then_hint_then_error_then_control():
    shown = show(Sample({})["phone"])

    order = [shown.index(part) for part in ("<label", "11 位数字", "错误：请填写手机号", "<input")]
    assert order == sorted(order)
    assert 'aria-invalid="true"' in shown
    assert 'aria-describedby="id_phone_helptext id_phone_error"' in shown
    assert 'id="id_phone_helptext"' in shown
    assert 'id="id_phone_error"' in shown
    assert " required" not in shown
    assert "w-13" in shown


def test_an_optional_field_says_so():
    assert "（可不填）" in show(Sample()["note"])
    assert "（可不填）" not in show(Sample()["phone"])


def test_choices_are_rows_with_the_label_around_the_control():
    shown = show(Sample({"sort": "b"})["sort"])

    assert "<legend" in shown
    assert shown.count('<label class="pick"') == 2
    assert shown.count("checked") == 1


def test_a_tick_box_is_one_row():
    assert '<label class="pick" for="id_agree"><input' in show(Sample()["agree"])


def test_the_summary_links_each_error_to_its_control():
    shown = Template("{% load display %}{% error_summary form %}").render(Context({"form": Sample({})}))

    assert "有 4 处要改一下" in shown
    assert '<a href="#id_phone">请填写手机号</a>' in shown
    assert '<a href="#id_sort_0">请选择类别</a>' in shown
    assert '<a href="#id_agree">请在方框里打勾</a>' in shown
    assert '<a href="#id_born_0">请填写出生日期</a>' in shown


def test_a_sound_form_has_no_summary():
    shown = Template("{% load display %}{% error_summary form %}").render(Context({"form": Sample()}))

    assert shown.strip() == ""


def test_what_was_written_is_kept_and_escaped():
    shown = show(Sample({"phone": '"><script>', "born_0": "19x2", "born_1": "5", "born_2": "3"})["phone"])

    assert "<script>" not in shown
    assert "&quot;&gt;&lt;script&gt;" in shown


def test_a_whole_form_renders_by_itself():
    shown = str(Sample({}))

    assert "error-summary" in shown
    assert shown.count("has-error") == 4


class Dates(Form):
    day = DateParts(label="走访日期", required=False)
    month = DateParts(label="出生年月", units="年月", required=False)
    some = DateParts(label="退休日期", partial="year", required=False)


def dates(**parts):
    form = Dates({f"{name}_{i}": part for name, given in parts.items() for i, part in enumerate(given)})
    return form, form.is_valid()


def test_three_boxes_make_a_date():
    form, _ = dates(day=("1942", "5", "3"))

    assert form.cleaned_data["day"] == date(1942, 5, 3)


def test_full_width_digits_and_written_units_are_understood():
    form, _ = dates(day=("１９４２年", " 05 月", "3日"))

    assert form.cleaned_data["day"] == date(1942, 5, 3)


@pytest.mark.parametrize(
    ("given", "expected"),
    [
        (("1999", "", ""), "1999"),
        (("1999", "7", ""), "1999-07"),
        (("1999", "7", "1"), "1999-07-01"),
        (("", "", ""), ""),
    ],
)
def test_what_is_not_known_may_stay_empty(given, expected):
    form, valid = dates(some=given)

    assert valid
    assert form.cleaned_data["some"] == expected


def test_two_boxes_make_a_month():
    form, _ = dates(month=("1942", "5"))

    assert form.cleaned_data["month"] == "1942-05"


@pytest.mark.parametrize(
    ("name", "given", "words_"),
    [
        ("day", ("1942", "", "3"), "请把月也填上"),
        ("day", ("", "5", "3"), "请把年也填上"),
        ("some", ("1999", "", "4"), "请把月也填上"),
        ("day", ("42", "5", "3"), "年份不对"),
        ("day", ("1942", "13", "3"), "月份不对"),
        ("day", ("1942", "0", "3"), "月份不对"),
        ("day", ("1941", "2", "29"), "没有这一天"),
        ("day", ("1942", "五", "3"), "月请填数字"),
    ],
)
def test_a_wrong_date_is_answered_in_plain_words(name, given, words_):
    form, valid = dates(**{name: given})

    assert not valid
    assert words_ in form.errors[name][0]


def test_each_box_has_its_own_word():
    shown = show(Dates(initial={"some": "1999-07"})["some"])

    assert shown.count("<label") == 3
    assert 'value="1999"' in shown
    assert 'value="7"' in shown
    assert "<fieldset" in shown


def test_an_unchanged_date_has_not_changed():
    data = {"day_0": "1942", "day_1": "05", "day_2": "3"}

    assert not Dates(data, initial={"day": date(1942, 5, 3)}).has_changed()
    assert Dates(data, initial={"day": date(1942, 5, 4)}).has_changed()


# paging ---------------------------------------------------------------------------------------------------


def test_paging_keeps_the_other_conditions_of_the_list():
    request = RequestFactory().get("/list/?state=open&page=2")
    shown = Template("{% load display %}{% pagination page %}").render(
        Context({"request": request, "page": Paginator(range(100), 20).page(2)})
    )

    assert "?state=open&amp;page=1" in shown
    assert "?state=open&amp;page=3" in shown
    assert "第 2 页，共 5 页" in shown


def test_one_page_needs_no_paging():
    shown = Template("{% load display %}{% pagination page %}").render(
        Context({"request": RequestFactory().get("/"), "page": Paginator(range(3), 20).page(1)})
    )

    assert shown.strip() == ""


# frames ---------------------------------------------------------------------------------------------------


def test_the_menu_a_staff_page_gives_stands_at_the_side_and_folded():
    source = '{% extends "staff_base.html" %}{% block nav %}<li>甲乙丙</li>{% endblock %}'

    shown = Template(source).render(Context({"request": RequestFactory().get("/community/")}))

    assert shown.count("<li>甲乙丙</li>") == 2


@pytest.mark.parametrize("name", ["400", "403", "403_csrf", "404", "500"])
def test_an_error_page_needs_nothing_from_a_view(name):
    shown = get_template(f"{name}.html").render()

    assert shown.count("<h1") == 1
    assert 'href="tel:12345"' in shown


def test_a_broken_rule_is_a_page_or_with_htmx_one_notice():
    request = RequestFactory().get("/")
    page = render_to_string("rule_broken.html", {"message": "不可以"}, request)
    request.htmx = True
    notice = render_to_string("rule_broken.html", {"message": "不可以"}, request)

    assert "<html" in page
    assert "<html" not in notice
    assert 'role="alert"' in notice
    assert "不可以" in notice
