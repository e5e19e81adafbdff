"""What a traceback must not show.

Tools that print the local names of every frame, or send them somewhere, would show headers,
forms and bodies, and those carry credentials. So an error of this package leaves behind the
frames in which they lived.
"""

from __future__ import annotations

from typing import TypeVar

E = TypeVar("E", bound=BaseException)


def without_frames(error: E) -> E:
    """The same error without the frames it came through, nor those of what caused it."""
    seen: set[int] = set()
    chain: list[BaseException | None] = [error]
    while chain:
        link = chain.pop()
        if link is None or id(link) in seen:
            continue
        seen.add(id(link))
        link.__traceback__ = None
        for holder in ("request", "response"):
            # Errors of requests keep the whole request, with its headers.
            if vars(link).get(holder) is not None:
                setattr(link, holder, None)
        chain += [link.__cause__, link.__context__]
    return error
