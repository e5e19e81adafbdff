"""Every rule bites one wrong client and leaves the others alone; grading is a pure function."""

from __future__ import annotations

from dataclasses import replace

import pytest
from hypothesis import given
from hypothesis import strategies as st

from pardot_mock.conduct import RULES, Call, Evidence, Level, Status, judge
from tests.unit.conduct.journals import START, WRONG, Script, alongside, begun, right

OPS = st.sampled_from(["login", "create", "read", "query", "download"])
CODES = st.sampled_from([None, None, None, 1, 15, 16, 66, 109, 122, 175, 178, 183, 184])
STATES = st.sampled_from(["", "Waiting", "Processing", "Complete", "Failed"])


@st.composite
def journals(draw: st.DrawFn) -> Evidence:
    """Any journal whatsoever, in the order of time."""
    script = Script()
    for _ in range(draw(st.integers(0, 25))):
        script.wait(draw(st.sampled_from([0, 0, 1, 20, 40, 4000, 90_000])))
        op, export = draw(OPS), draw(st.integers(1, 3))
        if op == "create" and draw(st.booleans()):
            script.create(export, files=2)
            continue
        facts = {"error_code": draw(CODES), "state": draw(STATES), "expired": draw(st.booleans())}
        script.call(op, export=export, **facts)
    return script.evidence()


def broken(evidence: Evidence) -> list[str]:
    return [finding.rule.id for finding in judge(evidence).failed]


@given(journals())
def test_the_same_evidence_always_gets_the_same_grade(evidence: Evidence) -> None:
    assert judge(evidence) == judge(evidence)


@given(journals())
def test_every_rule_says_something_and_names_only_calls_that_exist(evidence: Evidence) -> None:
    grade = judge(evidence)
    ids = {call.id for call in evidence.calls}
    assert [finding.rule for finding in grade.findings] == list(RULES)
    for finding in grade.findings:
        assert set(finding.entries) <= ids
        assert finding.message
        assert bool(finding.entries) == (finding.status is Status.FAIL)


@given(
    st.lists(STATES.filter(bool), min_size=1, max_size=10),
    st.lists(STATES.filter(bool), min_size=1, max_size=10),
    st.integers(10, 60),
    st.randoms(),
)
def test_the_order_of_unrelated_calls_does_not_matter(
    one: list[str], other: list[str], gap: int, chance: object
) -> None:
    mine, theirs = alongside(1, one, gap), alongside(2, other, gap)
    mixed: list[Call] = []
    left, right_ = list(mine), list(theirs)
    while left or right_:
        first = bool(left) and (not right_ or chance.random() < 0.5)  # type: ignore[attr-defined]
        mixed.append(left.pop(0) if first else right_.pop(0))
    apart = broken(Evidence((*mine, *theirs)))
    assert broken(Evidence(tuple(mixed))) == apart


def test_a_right_client_breaks_no_rule_and_shows_most_of_them() -> None:
    grade = judge(right().evidence())
    assert str(grade) == "no rule of conduct was broken"
    untouched = {f.rule.id for f in grade.findings if f.status is Status.NOT_EXERCISED}
    assert untouched == {
        "ends-with-the-rows-of-the-truth",
        "high-water-marks-not-offsets",
        "leaves-expired-exports-alone",
        "no-unchanged-repeats",
        "sends-the-business-unit",
        "stops-on-refused-login",
    }


def test_there_is_a_wrong_client_for_every_rule() -> None:
    assert sorted(WRONG) == sorted(rule.id for rule in RULES)
    assert len({rule.id for rule in RULES}) == len(RULES)


@pytest.mark.parametrize("rule", WRONG)
def test_a_client_with_one_mistake_breaks_its_rule_and_no_other(rule: str) -> None:
    evidence = WRONG[rule]().evidence()
    assert broken(evidence) == [rule]


def test_an_empty_journal_exercises_nothing() -> None:
    assert {f.status for f in judge(Evidence(())).findings} == {Status.NOT_EXERCISED}


def test_the_grade_is_ok_at_the_level_that_was_asked_for() -> None:
    grade = judge(WRONG["reads-by-get"]().evidence())
    assert grade.ok(Level.MUST)
    assert not grade.ok(Level.SHOULD)
    assert not judge(WRONG["first-poll-not-at-once"]().evidence()).ok(Level.MUST)


def test_a_narrow_account_does_not_blame_a_client_for_code_66() -> None:
    evidence = replace(WRONG["keeps-within-five-calls"]().evidence(), places=2)
    assert broken(evidence) == []


def test_a_key_may_be_renewed_shortly_before_it_ends() -> None:
    assert broken(begun().wait(3300).login().evidence()) == []
    assert broken(begun().wait(3200).login().evidence()) == ["login-once-per-key"]


def test_a_failure_says_what_when_and_what_to_change() -> None:
    (finding,) = judge(WRONG["polls-no-faster-than-documented"]().evidence()).failed
    assert finding.message.startswith(f"once, first by the read of export 1 at {START:%Y-%m-%d}")
    assert "wait 30 seconds or more" in finding.message


def test_a_bearer_token_may_be_renewed_once_for_a_call() -> None:
    script = Script()
    for _ in range(2):
        script.call("query", auth="bearer", unit=True, error_code=184)
    assert broken(script.evidence()) == []
    script.call("query", auth="bearer", unit=True, error_code=184)
    assert broken(script.evidence()) == ["renews-only-once"]


def test_calls_that_were_under_way_when_the_key_died_are_no_mistake() -> None:
    def refused(count: int) -> Evidence:
        script = begun().wait(3600)
        for number in range(count):
            script.call("query", body=str(number), error_code=1)
        script.login()
        for number in range(count):
            script.call("query", body=str(number))
        return script.evidence()

    assert broken(refused(5)) == []
    assert broken(refused(6)) == ["no-calls-with-a-dead-key"]


def test_a_second_between_three_attempts_is_a_pause() -> None:
    script = begun().read(1, state="", status=0).read(1, state="", status=0)
    assert broken(script.wait(1).read(1, "Complete").evidence()) == []


def test_the_version_may_change_only_when_the_service_asks_for_it() -> None:
    asked = begun().read(1, state="", error_code=89).read(1, "Complete", version="3", body="v3")
    assert broken(asked.evidence()) == []
    other = begun().read(1, state="", error_code=183).wait(1).read(1, "Complete", version="3")
    assert broken(other.evidence()) == ["keeps-to-one-version"]


def test_reading_an_export_after_its_create_was_refused_is_going_on_blindly() -> None:
    script = Script().login().call("create", error_code=153).call("read", export=7, error_code=109)
    assert broken(script.evidence()) == ["notices-errors"]
