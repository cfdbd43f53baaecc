"""A roll call as one would plainly write it in Python, with `cent` and `redis`.

Reads a moment (`taken_at`, milliseconds) a line, takes one roll call of all channels with it, and writes what was done as
one line of JSON.
"""

import heapq
import json
import os
import sys
from collections.abc import Iterable, Iterator

import redis
from cent import BatchRequest, Client, PresenceRequest, PublishRequest
from cent.dto import ClientInfo

PRESENCE_BATCH = 250
PUBLISH_BATCH = 100
LISTED_MAX = 50
RECENT_MAX = 20
RECENT_MS = 900_000
VIEW_SECONDS = 3600
DAY_MS = 24 * 60 * 60 * 1000
# A channel of a million clients takes longer than the ten seconds that cent waits by itself.
TIMEOUT_SECONDS = 120


def main() -> None:
    prefix = os.environ["PREFIX"]
    with open(os.environ["CHANNELS_FILE"], encoding="utf-8") as file:
        channels = file.read().splitlines()
    with (
        Client(
            os.environ["CENTRIFUGO_API_URL"],
            os.environ["CENTRIFUGO_API_KEY"],
            timeout=TIMEOUT_SECONDS,
        ) as centrifugo,
        redis.Redis.from_url(os.environ["REDIS_URL"]) as store,
    ):
        for line in sys.stdin:
            taken_at = int(line)
            report = {"committed": 0, "joined": 0, "left": 0, "published": 0}
            for batch in batches(channels, PRESENCE_BATCH):
                take(centrifugo, store, prefix, batch, taken_at, report)
            print(json.dumps(report), flush=True)


def take(
    centrifugo: Client,
    store: redis.Redis,
    prefix: str,
    channels: list[str],
    taken_at: int,
    report: dict[str, int],
) -> None:
    """Asks, compares, commits and publishes one batch of channels; adds what was done to the report."""
    asks = [PresenceRequest(channel=channel) for channel in channels]
    replies = centrifugo.batch(BatchRequest(requests=asks, parallel=True)).replies
    ledgers = store.mget([f"{prefix}:{{{channel}}}:ledger" for channel in channels])

    publications = []
    with store.pipeline(transaction=False) as commit:
        for channel, reply, kept in zip(channels, replies, ledgers, strict=True):
            before = json.loads(kept) if kept else None
            counts, members, ledger, joined, left = roll_call(
                channel, taken_at, reply.presence.values(), before
            )
            view = f"{prefix}:{{{channel}}}:view"
            fields = {
                "taken_at": taken_at,
                "counts": json.dumps(counts),
                # cent writes `data` by json.dumps as well: what is kept is, to the byte, what is published.
                "members": json.dumps(members),
            }
            commit.hset(view, mapping=fields)
            commit.expire(view, VIEW_SECONDS)
            commit.set(f"{prefix}:{{{channel}}}:ledger", json.dumps(ledger))
            # `version` is newer than cent, which passes on what it does not know.
            publication = PublishRequest(
                channel=f"presence:{channel}",
                data=members,
                idempotency_key=f"{prefix}@{taken_at}",
                version=taken_at,
            )
            publications.append(publication)
            report["joined"] += joined
            report["left"] += left
        commit.execute()
    report["committed"] += len(channels)

    for batch in batches(publications, PUBLISH_BATCH):
        replies = centrifugo.batch(BatchRequest(requests=batch, parallel=True)).replies
        report["published"] += len(replies)


def roll_call(
    channel: str, taken_at: int, clients: Iterable[ClientInfo], before: dict | None
) -> tuple[dict, dict, dict, int, int]:
    """From who is on the socket, and the ledger of the last roll call, to both views, the next ledger, and how many joined
    and left."""
    n_clients, guests, tabs = census(clients)
    remembered = before["users"] if before else {}
    last_taken_at = before["taken_at"] if before else None

    users = {}
    joined = 0
    for user_id, (_, _, conn_info) in tabs.items():
        known = remembered.get(user_id)
        if known and known["last_seen"] == last_taken_at:
            since = known["since"]
        else:
            since = taken_at
            joined += 1
        users[user_id] = {"since": since, "last_seen": taken_at, "info": shown(conn_info)}

    left = 0
    recent = []
    for user_id, known in remembered.items():
        if user_id in tabs:
            continue
        left += known["last_seen"] == last_taken_at
        if known["last_seen"] >= taken_at - RECENT_MS:
            users[user_id] = known
            recent.append((-known["last_seen"], user_id))

    present = len(tabs) + guests
    peak = peaks(before and before["peak"], {"present": present, "at": taken_at})
    counts = {
        "v": 1,
        "channel": channel,
        "taken_at": taken_at,
        "period": 60,
        "present": present,
        "users": len(tabs),
        "guests": guests,
        "clients": n_clients,
        "peak": peak,
    }
    listed = heapq.nsmallest(LISTED_MAX, ((users[user_id]["since"], user_id) for user_id in tabs))
    members = {
        **counts,
        "members": [
            {
                "id": user_id,
                "info": users[user_id]["info"],
                "clients": tabs[user_id][0],
                "since": since,
            }
            for since, user_id in listed
        ],
        "truncated": len(listed) < len(tabs),
        "recent": [
            {"id": user_id, "info": users[user_id]["info"], "last_seen": -newest_first}
            for newest_first, user_id in heapq.nsmallest(RECENT_MAX, recent)
        ],
    }
    ledger = {"taken_at": taken_at, "peak": peak, "users": users}
    return counts, members, ledger, joined, left


def census(
    clients: Iterable[ClientInfo],
) -> tuple[int, int, dict[str, tuple[int, str, object]]]:
    """How many clients and guests there are, and each user's tabs: how many, and which one speaks for them with its info
    (the smallest client id, since Centrifugo answers in any order)."""
    n_clients = guests = 0
    tabs = {}
    for client in clients:
        n_clients += 1
        if not client.user:
            guests += 1
            continue
        other = tabs.get(client.user)
        if other is None:
            tabs[client.user] = (1, client.client, client.conn_info)
        elif client.client < other[1]:
            tabs[client.user] = (other[0] + 1, client.client, client.conn_info)
        else:
            tabs[client.user] = (other[0] + 1, other[1], other[2])
    return n_clients, guests, tabs


def shown(conn_info: object) -> dict:
    """What of an info goes into a page. Infos may be JSON of any kind."""
    if not isinstance(conn_info, dict):
        return {}
    info = {}
    name = conn_info.get("name")
    if isinstance(name, (str, int, float)):
        info["name"] = name
    for field in ("avatar", "url"):
        url = conn_info.get(field)
        if isinstance(url, str) and is_web_url(url):
            info[field] = url
    return info


def is_web_url(url: str) -> bool:
    return url.startswith(("https://", "http://"))


def peaks(before: dict | None, now: dict) -> dict:
    """The records of this UTC day and of all days, this roll call included."""
    if before is None:
        return {"today": now, "ever": now}
    same_day = before["today"]["at"] // DAY_MS == now["at"] // DAY_MS
    return {
        "today": higher(before["today"], now) if same_day else now,
        "ever": higher(before["ever"], now),
    }


def higher(record: dict, now: dict) -> dict:
    return now if now["present"] > record["present"] else record


def batches(items: list, size: int) -> Iterator[list]:
    for start in range(0, len(items), size):
        yield items[start : start + size]


if __name__ == "__main__":
    main()
