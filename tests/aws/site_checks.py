"""The site as a browser meets it: every route, the page, and what CloudFront keeps."""

import json
import time
import urllib.error
import urllib.request
from urllib.parse import quote

# A view is late after three periods.
PERIODS_LATE = 3


class Answer:
    def __init__(self, status: int, headers, body: bytes):
        self.status, self.headers, self.body = status, headers, body

    def json(self):
        return json.loads(self.body)

    def header(self, name: str) -> str:
        return self.headers.get(name) or ""


def fetch(url: str, method: str = "GET", **headers: str) -> Answer:
    """One request; a header's name is written with `_` for `-`."""
    named = {name.replace("_", "-"): value for name, value in headers.items()}
    request = urllib.request.Request(url, method=method, headers=named)
    try:
        with urllib.request.urlopen(request, timeout=20) as answer:
            return Answer(answer.status, answer.headers, answer.read())
    except urllib.error.HTTPError as error:
        with error:
            return Answer(error.code, error.headers, error.read())


def view_address(origin: str, channel: str) -> str:
    return f"{origin}/v1/presence/{quote(channel, safe='')}"


def taken_at(origin: str, channel: str) -> int | None:
    """When the view that is served was taken; None where none is."""
    try:
        answer = fetch(view_address(origin, channel))
        return answer.json()["taken_at"] if answer.status == 200 else None
    except (OSError, ValueError, KeyError):
        return None


def check_routes(step, origin: str, channel: str):
    """Every route of docs/openapi.yaml."""
    view = view_address(origin, channel)
    answer = fetch(view)
    step.check("the view", _is(answer, 200, "application/json"))
    body = answer.json()
    step.check("the view's channel", _differs(body.get("channel"), channel))
    late = time.time() - body["taken_at"] / 1000 - PERIODS_LATE * body["period"]
    step.check("the view's age", f"{late:.0f} s later than three periods" if late > 0 else None)
    step.check("CORS", _differs(answer.header("access-control-allow-origin"), "*"))
    cache = answer.header("cache-control")
    step.check("Cache-Control", None if "s-maxage=" in cache else repr(cache))
    step.check("ETag", None if answer.header("etag") else "there is none")

    again = fetch(view, If_None_Match=answer.header("etag"))
    # It may be the next view by now.
    is_next = again.status == 200 and again.header("etag") != answer.header("etag")
    step.check("If-None-Match", None if again.status == 304 or is_next else f"{again.status} of the same view")
    head = fetch(view, "HEAD")
    step.check("HEAD", _differs((head.status, head.body), (200, b"")))
    preflight = fetch(view, "OPTIONS", Origin="https://www.example.com", Access_Control_Request_Method="GET",
                      Access_Control_Request_Headers="x-rollcall-token")  # fmt: skip
    allowed = preflight.header("access-control-allow-headers").lower()
    is_allowed = preflight.status in (200, 204) and "x-rollcall-token" in allowed
    step.check("a preflight", None if is_allowed else f"{preflight.status} {allowed!r}")

    members = fetch(f"{view}/members", X_Rollcall_Token="made-up")
    step.check("the members", _is(members, 200, "application/json") or _differs(type(members.json().get("members")), list))
    many = fetch(f"{origin}/v1/presence?channels={quote(channel, safe='')},unwatched:x")
    step.check("several channels", _is(many, 200, "application/json"))
    step.check("several channels", _differs(set(many.json()["channels"]), {channel, "unwatched:x"}))
    history = fetch(f"{view}/history")
    step.check("the history", _is(history, 200, "application/json") or _differs(len(history.json()["present"]), 1440))
    badge = fetch(f"{view}/badge.svg?label=on-the-site")
    step.check("the badge", _is(badge, 200, "image/svg+xml"))
    step.check("the badge", None if b"on-the-site" in badge.body else "its label is not in it")
    step.check("health", _is(fetch(f"{origin}/v1/health"), 200))
    unknown = fetch(view_address(origin, "unwatched:x"))
    step.check("an unknown channel", _is(unknown, 404, "application/problem+json"))
    step.check("an unknown channel", _differs(unknown.json()["code"], "unknown_channel"))


def check_page(step, origin: str):
    page = fetch(f"{origin}/")
    step.check("the page", _is(page, 200, "text/html"))
    script = fetch(f"{origin}/roll-call.js", Accept_Encoding="br")
    step.check("the script", _is(script, 200, "javascript"))
    step.note(f"roll-call.js: {len(script.body)} bytes as {script.header('content-encoding') or 'they are'}")
    # A bucket that may not be listed says 403 of a file that is not there.
    step.check("a file that is not there", _is(fetch(f"{origin}/not-there.js"), 404))


def check_cache(step, origin: str, channel: str):
    """What is in no key must not reach the function. Whether CloudFront had an answer, it says itself."""
    view = view_address(origin, channel)
    if not fetch(view).header("x-cache"):
        step.note("nothing says whether it kept an answer: there is no CloudFront")
        return
    for what, path, headers in [
        ("the same again", "", {}),
        ("a made-up token", "", {"X_Rollcall_Token": "made-up"}),
        ("a made-up query", "?label=1&channels=2&ids=3&made=up", {}),
        ("a made-up header", "", {"X_Made_Up": "1", "Authorization": "Bearer made-up"}),
    ]:
        # A view can expire between two requests, so one of three will do.
        states = [fetch(view + path, **headers).header("x-cache") for _ in range(3)]
        step.check(what, None if any(it.startswith("Hit") for it in states) else f"reaches the function: {states}")


def watch(origin: str, channel: str, seconds: float) -> list[int]:
    """The moments of the roll calls that were to be seen in so many seconds, in ms."""
    seen: list[int] = []
    end = time.monotonic() + seconds
    while time.monotonic() < end:
        # A query that is in no key, so this sees what a page sees.
        moment = taken_at(origin, channel)
        if moment and moment not in seen:
            seen.append(moment)
        time.sleep(min(1.0, seconds / 20))
    return seen


def check_clock(step, moments: list[int], period: int):
    """That roll calls come at their period, and what the schedule makes of its minute."""
    if len(moments) < 2:
        step.check("the clock", f"{len(moments)} roll calls were seen")
        return
    if moments != sorted(moments):
        step.check("the order", "an older view came after a newer one")
    gaps = [(after - before) / 1000 for before, after in zip(moments, moments[1:])]
    step.note(f"{len(moments)} roll calls, {min(gaps):.1f} to {max(gaps):.1f} s apart")
    if period == 60:
        step.note("seconds of the minute: " + ", ".join(f"{it / 1000 % 60:.1f}" for it in moments))
    # The schedule keeps to its minute, not to a second of it.
    most = 2 * period if period == 60 else period + 2
    step.check("the longest gap", f"{max(gaps):.1f} s" if max(gaps) > most else None)


def _is(answer: Answer, status: int, kind: str = "") -> str | None:
    found = answer.header("content-type")
    good = answer.status == status and kind in found
    return None if good else f"{answer.status} {found}: {answer.body[:200]!r}"


def _differs(found, expected) -> str | None:
    return None if found == expected else f"{found!r} in place of {expected!r}"
