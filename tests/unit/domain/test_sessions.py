"""Who is locked out after which failed logins."""

from __future__ import annotations

from hypothesis import given
from hypothesis import strategies as st

from pardot_mock.domain.sessions import Sessions

logins = st.lists(st.tuples(st.integers(1, 2), st.booleans()), max_size=20)


@given(logins)
def test_a_user_is_locked_by_as_many_failures_in_a_row_as_the_threshold_says(
    attempts: list[tuple[int, bool]],
) -> None:
    sessions, in_a_row = Sessions(), {1: 0, 2: 0}
    for who, right in attempts:
        sessions = sessions.succeeded(who) if right else sessions.failed(who)
        in_a_row[who] = 0 if right else in_a_row[who] + 1
        for user, threshold in ((user, threshold) for user in in_a_row for threshold in range(4)):
            expected = 0 < threshold <= in_a_row[user]
            assert sessions.is_locked(user, threshold) == expected
