// A roll call as one would plainly write it for Node, with `fetch` and `ioredis`.
//
// Reads a moment (`taken_at`, milliseconds) a line, takes one roll call of all channels with it, and writes what was done
// as one line of JSON.

import { readFile } from 'node:fs/promises'
import { createInterface } from 'node:readline'
import { Redis } from 'ioredis'

const PRESENCE_BATCH = 250
const PUBLISH_BATCH = 100
/** So many batches are under way at once: while one waits for Redis, the next is asked. */
const BATCHES_AT_ONCE = 8
const LISTED_MAX = 50
const RECENT_MAX = 20
const RECENT_MS = 900_000
const VIEW_SECONDS = 3600
const DAY_MS = 24 * 60 * 60 * 1000

const { CENTRIFUGO_API_URL, CENTRIFUGO_API_KEY, REDIS_URL, PREFIX, CHANNELS_FILE } = process.env
const redis = new Redis(REDIS_URL)

const channels = (await readFile(CHANNELS_FILE, 'utf8')).split('\n').filter((name) => name !== '')
for await (const line of createInterface({ input: process.stdin })) {
  console.log(JSON.stringify(await rollCall(Number(line))))
}
await redis.quit()

async function rollCall(takenAt) {
  const report = { committed: 0, joined: 0, left: 0, published: 0 }
  const waiting = batches(channels, PRESENCE_BATCH)
  const worker = async () => {
    for (const batch of waiting) await take(batch, takenAt, report)
  }
  await Promise.all(Array.from({ length: BATCHES_AT_ONCE }, worker))
  return report
}

/** Asks, compares, commits and publishes one batch of channels; adds what was done to the report. */
async function take(channels, takenAt, report) {
  const [replies, ledgers] = await Promise.all([
    call(channels.map((channel) => ({ presence: { channel } }))),
    redis.mget(channels.map((channel) => `${PREFIX}:{${channel}}:ledger`)),
  ])

  const publications = []
  const commit = redis.pipeline()
  channels.forEach((channel, index) => {
    const { counts, members, ledger, joined, left } = compare(
      channel,
      takenAt,
      Object.values(replies[index].presence.presence),
      JSON.parse(ledgers[index]),
    )
    const view = `${PREFIX}:{${channel}}:view`
    commit.hset(view, {
      taken_at: takenAt,
      counts: JSON.stringify(counts),
      // The call is written by JSON.stringify as well: what is kept is, to the byte, what is published.
      members: JSON.stringify(members),
    })
    commit.expire(view, VIEW_SECONDS)
    commit.set(`${PREFIX}:{${channel}}:ledger`, JSON.stringify(ledger))
    publications.push({
      publish: {
        channel: `presence:${channel}`,
        data: members,
        version: takenAt,
        idempotency_key: `${PREFIX}@${takenAt}`,
      },
    })
    report.joined += joined
    report.left += left
  })
  for (const [error] of await commit.exec()) if (error) throw error
  report.committed += channels.length

  for (const batch of batches(publications, PUBLISH_BATCH)) {
    const published = await call(batch)
    report.published += published.length
  }
}

/** Carries out commands at Centrifugo in one call; an error in any slot ends the program. */
async function call(commands) {
  const response = await fetch(`${CENTRIFUGO_API_URL}/batch`, {
    method: 'POST',
    headers: { 'content-type': 'application/json', 'x-api-key': CENTRIFUGO_API_KEY },
    body: JSON.stringify({ parallel: true, commands }),
  })
  if (!response.ok) throw new Error(`Centrifugo answered ${response.status}`)
  const { replies } = await response.json()
  const failed = replies.find((reply) => reply.error)
  if (failed) throw new Error(`Centrifugo answered ${failed.error.code}: ${failed.error.message}`)
  return replies
}

/**
 * From who is on the socket, and the ledger of the last roll call (null: none), to both views, the next ledger, and how
 * many joined and left.
 */
function compare(channel, takenAt, clients, before) {
  const { guests, users } = census(clients)
  // A list of entries and not an object: ids such as "42" would be taken for indices of an array.
  const remembered = new Map(before?.users)

  const present = []
  let joined = 0
  for (const [id, { clients, info }] of users) {
    const known = remembered.get(id)
    const stayed = known !== undefined && known.last_seen === before.taken_at
    if (!stayed) joined += 1
    const since = stayed ? known.since : takenAt
    present.push({ id, info: shown(info), clients, since })
  }
  present.sort((a, b) => a.since - b.since || compareText(a.id, b.id))
  const next = present.map(({ id, info, since }) => [id, { since, last_seen: takenAt, info }])

  const recent = []
  let left = 0
  for (const [id, known] of remembered) {
    if (users.has(id)) continue
    if (known.last_seen === before.taken_at) left += 1
    if (known.last_seen < takenAt - RECENT_MS) continue
    next.push([id, known])
    recent.push({ id, info: known.info, last_seen: known.last_seen })
  }
  recent.sort((a, b) => b.last_seen - a.last_seen || compareText(a.id, b.id))

  const peak = peaks(before?.peak, { present: users.size + guests, at: takenAt })
  const counts = {
    v: 1,
    channel,
    taken_at: takenAt,
    period: 60,
    present: users.size + guests,
    users: users.size,
    guests,
    clients: clients.length,
    peak,
  }
  const members = {
    ...counts,
    members: present.slice(0, LISTED_MAX),
    truncated: present.length > LISTED_MAX,
    recent: recent.slice(0, RECENT_MAX),
  }
  const ledger = { taken_at: takenAt, peak, users: next }
  return { counts, members, ledger, joined, left }
}

/**
 * How many guests there are, and each user: how many clients, and the info of the one that speaks for them (the smallest
 * client id, since Centrifugo answers in any order).
 */
function census(clients) {
  const users = new Map()
  let guests = 0
  for (const { client, user, conn_info: info } of clients) {
    if (user === '') {
      guests += 1
      continue
    }
    const known = users.get(user)
    if (known === undefined) {
      users.set(user, { clients: 1, speaker: client, info })
      continue
    }
    known.clients += 1
    if (client < known.speaker) {
      known.speaker = client
      known.info = info
    }
  }
  return { guests, users }
}

/** What of an info goes into a page. Infos may be JSON of any kind; what is undefined is not written. */
function shown(info) {
  return {
    name: ['string', 'number', 'boolean'].includes(typeof info?.name) ? info.name : undefined,
    avatar: webUrl(info?.avatar),
    url: webUrl(info?.url),
  }
}

function webUrl(value) {
  return typeof value === 'string' && /^https?:\/\//.test(value) ? value : undefined
}

/** The records of this UTC day and of all days, this roll call included. */
function peaks(before, now) {
  if (!before) return { today: now, ever: now }
  const { today, ever } = before
  const sameDay = Math.floor(today.at / DAY_MS) === Math.floor(now.at / DAY_MS)
  return { today: sameDay ? higher(today, now) : now, ever: higher(ever, now) }
}

function higher(record, now) {
  return now.present > record.present ? now : record
}

function compareText(a, b) {
  if (a === b) return 0
  return a < b ? -1 : 1
}

function* batches(items, size) {
  for (let start = 0; start < items.length; start += size) yield items.slice(start, start + size)
}
