import pytest
from django.core.exceptions import PermissionDenied
from django.core.management import call_command

from huifeng.accounts.models import User
from huifeng.audit.models import AuditEntry
from huifeng.codes import actions, labels
from huifeng.codes.models import CodeValue
from huifeng.errors import RuleBroken
from tests.communities.factories import UserFactory

pytestmark = pytest.mark.django_db

ROWS = [
    {
        "list": "rank",
        "code": "county_1",
        "label": "正县（处）级",
        "roll_up": "county",
        "aliases": "正处级|调研员",
    },
    {"list": "rank", "code": "clerk", "label": "科员及以下", "roll_up": "section", "aliases": ""},
]


@pytest.fixture(autouse=True)
def _remember_nothing():
    labels.forget()
    yield
    labels.forget()


@pytest.fixture
def system() -> User:
    return User.objects.system()


def test_loading_adds_every_word_in_the_order_of_the_file():
    done = actions.load(ROWS)

    assert done == actions.Loaded(new=2, changed=0, unchanged=0)
    assert labels.choices("rank") == [("county_1", "正县（处）级"), ("clerk", "科员及以下")]


def test_loading_twice_changes_nothing():
    actions.load(ROWS)

    assert actions.load(ROWS) == actions.Loaded(new=0, changed=0, unchanged=2)


def test_loading_keeps_the_label_and_the_switch_a_bureau_changed(system):
    actions.load(ROWS)
    word = CodeValue.objects.get(code="clerk")
    actions.edit_value(word.pk, by=system, label="科员", aliases=["办事员"], is_active=False)

    actions.load(ROWS)

    word.refresh_from_db()
    assert (word.label, word.aliases, word.is_active) == ("科员", ["办事员"], False)


def test_loading_adds_aliases_and_never_deletes():
    actions.load(ROWS)

    actions.load([ROWS[0] | {"aliases": "正处"}])

    assert CodeValue.objects.get(code="county_1").aliases == ["正处级", "调研员", "正处"]
    assert CodeValue.objects.filter(code="clerk").exists()


@pytest.mark.parametrize("word", ["正县（处）级", "正县(处)级", " 正处级 ", "调研员", "county_1"])
def test_a_word_people_write_is_understood(word):
    actions.load(ROWS)

    assert labels.code_for("rank", word) == "county_1"


def test_a_word_nobody_knows_has_no_code():
    actions.load(ROWS)

    assert labels.code_for("rank", "司令") is None


def test_a_code_that_is_not_in_the_list_is_its_own_label():
    assert labels.label("rank", "unheard") == "unheard"


def test_labels_cost_one_query_however_many_are_asked_for(django_assert_num_queries):
    actions.load(ROWS)
    labels.forget()

    with django_assert_num_queries(1):
        for _ in range(100):
            labels.label("rank", "clerk")


def test_a_word_switched_off_keeps_its_label_and_cannot_be_chosen(system):
    actions.load(ROWS)
    word = CodeValue.objects.get(code="clerk")

    actions.edit_value(word.pk, by=system, label=word.label, aliases=[], is_active=False)

    assert labels.label("rank", "clerk") == "科员及以下"
    assert not labels.is_known("rank", "clerk")


def test_another_process_sees_a_change_when_it_looks_at_the_stamp_again(system, monkeypatch):
    actions.load(ROWS)
    labels.label("rank", "clerk")
    kept = labels._memory.lists
    actions.add_value("rank", "extra", "特别", by=system)
    labels.tell_everybody()
    labels._memory.lists = kept  # as a process that wrote nothing

    monkeypatch.setattr(labels, "_LOOK_AGAIN", -1)

    assert labels.label("rank", "extra") == "特别"


def test_adding_a_word_is_audited(system):
    actions.load(ROWS)

    value = actions.add_value("rank", "extra", "特别", by=system, roll_up="county")

    assert labels.label("rank", "extra") == "特别"
    assert labels.roll_up("rank", "extra") == "county"
    assert AuditEntry.objects.get(action="code.added").target_id == str(value.pk)


def test_adding_a_word_twice_adds_it_once(system):
    actions.load(ROWS)
    actions.add_value("rank", "extra", "特别", by=system)
    actions.add_value("rank", "extra", "特别", by=system)

    assert AuditEntry.objects.filter(action="code.added").count() == 1


def test_a_code_is_not_used_for_two_words(system):
    actions.load(ROWS)

    with pytest.raises(RuleBroken, match="换一个代码"):
        actions.add_value("rank", "clerk", "别的", by=system)


def test_a_word_that_is_there_is_not_added_under_another_code(system):
    actions.load(ROWS)

    with pytest.raises(RuleBroken, match="不用再加"):
        actions.add_value("rank", "clerk2", "科员及以下", by=system)


def test_a_word_needs_a_list_that_exists(system):
    with pytest.raises(RuleBroken, match="没有这个代码表"):
        actions.add_value("nothing", "a", "b", by=system)


def test_who_has_no_right_adds_and_edits_nothing():
    actions.load(ROWS)
    stranger = UserFactory()
    word = CodeValue.objects.get(code="clerk")

    with pytest.raises(PermissionDenied):
        actions.add_value("rank", "extra", "特别", by=stranger)
    with pytest.raises(PermissionDenied):
        actions.edit_value(word.pk, by=stranger, label="x", aliases=[], is_active=True)


def test_the_command_takes_in_the_lists_of_every_room():
    call_command("load_codes", verbosity=0)

    assert CodeValue.objects.filter(list="ethnicity").count() == 56
    assert CodeValue.objects.filter(list="need").count() == 28
    assert CodeValue.objects.filter(list="return_reason").count() == 6
    assert labels.code_for("political_status", "共产党员") == "cpc"


def test_no_alias_in_the_file_stands_for_two_words():
    call_command("load_codes", verbosity=0)

    for name in CodeValue.objects.values_list("list", flat=True).distinct():
        values = CodeValue.objects.filter(list=name)
        words = [word for value in values for word in (value.label, *value.aliases)]
        assert len(words) == len(set(words)), name
